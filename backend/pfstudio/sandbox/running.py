"""A test that was started: its events as they happen, its result, and the way to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from pfstudio.sandbox.request import TestRequest

Event = dict[str, Any]
Listener = Callable[[Event], None]


class RunningTest:
    """Safe to use from any thread. The last event is always `finished`, however the worker ended."""

    def __init__(self, number: int, request: TestRequest, stop: Callable[[], None]) -> None:
        self.id = number
        self.request = request
        self._stop = stop
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._listeners: list[Listener] = []
        self._result: dict[str, Any] | None = None

    @property
    def is_finished(self) -> bool:
        return self._result is not None

    def events(self) -> Iterator[Event]:
        """All events from the first on; waits for the next one until `finished` was given."""
        position = 0
        while True:
            event = self._event_at(position)
            position += 1
            yield event
            if event["event"] == "finished":
                return

    def _event_at(self, position: int) -> Event:
        with self._changed:
            self._changed.wait_for(lambda: len(self._events) > position)
            return self._events[position]

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with each event, past ones first; it must return at once (an event loop hands over)."""
        with self._changed:
            for event in self._events:
                listener(event)
            if not self.is_finished:
                self._listeners.append(listener)

    def result(self, timeout: float | None = None) -> dict[str, Any]:
        """The `result` of the `finished` event; waits for it.

        Raises:
            TimeoutError: it is not there after `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._result is not None, timeout) or self._result is None:
                raise TimeoutError(f"The test has not finished within {timeout} seconds.")
            return self._result

    def seen(self) -> list[Event]:
        """The events so far."""
        with self._changed:
            return list(self._events)

    def cancel(self) -> None:
        """Stop it: its processes are gone within two seconds. Harmless where it has finished."""
        if not self.is_finished:
            self._stop()

    def publish(self, event: Event) -> None:
        """Add an event; only the keeper does. Nothing comes after `finished`."""
        with self._changed:
            if self._result is not None:
                return
            self._events.append(event)
            if event["event"] == "finished":
                self._result = event["result"]
            for listener in self._listeners:
                listener(event)
            self._changed.notify_all()
