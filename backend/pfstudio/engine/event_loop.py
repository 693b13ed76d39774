"""The event loop that asynchronous tools run on. It lives on a thread of its own and starts when first needed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any


class _End:
    """Stands behind the last piece."""


def live(source: AsyncIterator[Any]) -> Iterator[Any]:
    """The pieces of an asynchronous iterator as they come, for a reader on another thread. Called on the loop."""
    pieces: SimpleQueue[Any] = SimpleQueue()

    async def pump() -> None:
        try:
            async for item in source:
                pieces.put((item, None))
        except Exception as error:
            pieces.put((_End, error))

    task = asyncio.get_running_loop().create_task(pump())
    # Also a loop that is closed meanwhile ends the pieces.
    task.add_done_callback(lambda _: pieces.put((_End, None)))

    def read() -> Iterator[Any]:
        while True:
            item, error = pieces.get()
            if error is not None:
                raise error
            if item is _End:
                return
            yield item

    return read()


class ToolLoop:
    """One loop for all asynchronous nodes of an executor, so that clients they keep stay usable from line to line."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pfstudio-async-tools", daemon=True)
        self._thread.start()

    def submit(
        self, start: Callable[[], Coroutine[Any, Any, Any]], done: Callable[[Any, BaseException | None], None]
    ) -> Callable[[], None]:
        """Run a coroutine; `done` gets its result or error, on the loop's thread. The answer cancels it."""
        context = copy_context()
        tasks: list[asyncio.Task[Any]] = []

        def finish(task: asyncio.Task[Any]) -> None:
            if task.cancelled():
                done(None, asyncio.CancelledError())
            else:
                error = task.exception()
                done(None if error else task.result(), error)

        def begin() -> None:
            task = self._loop.create_task(start(), context=context)
            tasks.append(task)
            task.add_done_callback(finish)

        self._loop.call_soon_threadsafe(begin)
        return lambda: self._cancel(tasks)

    def _cancel(self, tasks: list[asyncio.Task[Any]]) -> None:
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])

    def close(self) -> None:
        """Stop the loop; tasks that still run are canceled."""
        if not self._thread.is_alive():
            return

        def stop() -> None:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.call_soon(self._loop.stop)

        self._loop.call_soon_threadsafe(stop)
        self._thread.join(timeout=1)
        if not self._thread.is_alive():
            self._loop.close()
