"""Looks at a worker's running line from beside it: ends it when its time is over, gives back lines that wait behind it,
and says when it waits for something else than the processor.
"""

from __future__ import annotations

import _thread
import os
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any

from pfstudio.models.pauses import is_paused
from pfstudio.sandbox.batch_lines import LineRunner, Send
from pfstudio.sandbox.batch_load import wants_processor

EXIT_TIME_OVER = 72
LOOK_AFTER = 0.03
_BUSY_SHARE = 0.4


class Watch:
    """The lines a worker has been handed, and a thread that watches over them."""

    def __init__(self, runner: LineRunner, send: Send, line_timeout: float | None) -> None:
        self._runner = runner
        self._send = send
        self._timeout = line_timeout
        self._lines: deque[tuple[int, Mapping[str, Any]]] = deque()
        self._lock = threading.Lock()
        self._new_lines = threading.Event()
        # A bare one: it lasts as long as the process, and dozens of workers start at a time.
        _thread.start_new_thread(self._watch, ())

    def take(self, lines: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Lines that were handed to this worker."""
        with self._lock:
            self._lines.extend(lines)
        self._new_lines.set()

    def next_line(self) -> tuple[int, Mapping[str, Any]] | None:
        """The line to run now."""
        with self._lock:
            return self._lines.popleft() if self._lines else None

    def _watch(self) -> None:
        looked_at: float | None = None
        wait: float | None = None
        while True:
            if self._new_lines.wait(wait):
                self._new_lines.clear()
                wait = LOOK_AFTER
                continue
            since = self._runner.running_since
            if since is None:
                wait = None
                continue
            ran = monotonic() - since
            left = None if self._timeout is None else self._timeout - ran
            if ran >= LOOK_AFTER and since != looked_at:
                self._look(ran)
                looked_at = since
            if left is not None and left <= 0:
                self._end()
                left = LOOK_AFTER
            wait = left if looked_at == since else _sooner(LOOK_AFTER - ran, left)

    def _look(self, ran: float) -> None:
        """The line has run for a while: let others have what waits behind it, and tell if it only waits itself."""
        with self._lock:
            returned = [number for number, _ in self._lines]
            self._lines.clear()
        if returned:
            self._send({"event": "returned", "lines": returned})
        if not is_paused() and self._runner.cpu_used < _BUSY_SHARE * ran and not wants_processor():
            self._send({"event": "waits"})

    def _end(self) -> None:
        if self._timeout is not None and self._runner.time_is_over(self._timeout):
            os._exit(EXIT_TIME_OVER)


def _sooner(seconds: float, other: float | None) -> float:
    return max(seconds if other is None else min(seconds, other), 0.001)
