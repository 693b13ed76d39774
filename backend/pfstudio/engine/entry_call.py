"""One call of an entry: where it runs, how long it may take, what it prints and what it becomes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from pfstudio.engine.capture import NodeOutput, current_output
from pfstudio.engine.entry_outputs import joined, with_async_streams, with_streams
from pfstudio.engine.errors import LineCanceledError, LineExecutionTimeoutError
from pfstudio.engine.failures import script_failure
from pfstudio.engine.flex_entry import ReadyEntry
from pfstudio.engine.ports import RunObserver
from pfstudio.engine.streams import StreamedOutput
from pfstudio.engine.workers import WorkerThreads
from pfstudio.kit.clock import utc_now
from pfstudio.tracing.tracer import NodeTrace, open_node_trace

if TYPE_CHECKING:
    from pfstudio.engine.event_loop import ToolLoop

LOG_NAME = "Flex"
_Ended = tuple[Any, "BaseException | None"]


class EntryCall:
    """One execution of an entry with its trace and its prints."""

    def __init__(self, entry: ReadyEntry, keywords: Mapping[str, Any], observer: RunObserver | None) -> None:
        self.entry = entry
        self.keywords = keywords
        self.trace = NodeTrace(LOG_NAME, None if observer is None else observer.log)
        self._observer = observer
        self._printed = NodeOutput(None if observer is None else lambda s, line: observer.log(s, line, LOG_NAME))
        self._streaming = False

    def run(self, streaming: bool) -> Any:
        """Call it here and now; streams are joined, or handed on with `streaming`."""
        with self._surroundings() as record:
            returned = self.entry.call(**self.keywords)
            record["output"] = returned = with_streams(returned, self._kept if streaming else joined)
            return returned

    async def run_async(self, streaming: bool, loop: ToolLoop) -> Any:
        """Call it on the event loop that this coroutine runs on."""
        with self._surroundings() as record:
            returned = self.entry.call(**self.keywords)
            if hasattr(returned, "__await__"):
                returned = await returned
            if streaming and isinstance(returned, AsyncIterator):
                returned = self._kept(_pieces(loop, returned))
            else:
                returned = with_streams(await with_async_streams(returned), self._kept if streaming else joined)
            record["output"] = returned
            return returned

    def end(self) -> None:
        """Tell a last printed line that has no end."""
        self._printed.finish()

    def end_streams(self) -> None:
        """The streams it returned have been read to their ends, which is when the call was over."""
        self.end()
        for record in self.trace.calls[:1]:
            record["end_time"] = utc_now().timestamp()

    def give_up(self) -> None:
        """Drop what is printed from now on: the call was left behind."""
        self._printed.close()

    def _kept(self, stream: Iterator[Any]) -> StreamedOutput:
        kept = StreamedOutput(stream)
        observer = self._observer
        if observer is not None:
            kept.on_item = lambda item: observer.output_chunk(LOG_NAME, str(item))
        return kept

    @contextmanager
    def _surroundings(self) -> Iterator[dict[str, Any]]:
        close = open_node_trace(self.trace)
        token = current_output.set(self._printed)
        try:
            with self.trace.call(self.entry.name, "Flow", self.keywords) as record:
                yield record
        finally:
            current_output.reset(token)
            close()


class EntryRunner:
    """Runs calls: here, on a thread where time is limited, or on the event loop. Shared by all lines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = WorkerThreads()
        self._loop: ToolLoop | None = None
        self._running: set[SimpleQueue[_Ended | None]] = set()

    def run(self, call: EntryCall, *, streaming: bool, timeout: float | None, index: int | None) -> Any:
        """What the entry returned.

        Raises:
            ScriptExecutionError: it raised.
            LineExecutionTimeoutError, LineCanceledError: it was given up while it ran.
        """
        if timeout is None and not call.entry.is_async:
            returned, error = _attempt(lambda: call.run(streaming))
        else:
            returned, error = self._elsewhere(call, streaming, timeout, index)
        call.end()
        if error is not None:
            if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
                raise error
            raise script_failure(call.entry.name, error, self._folder, call.entry.place) from error
        return returned

    def _elsewhere(self, call: EntryCall, streaming: bool, timeout: float | None, index: int | None) -> _Ended:
        ended: SimpleQueue[_Ended | None] = SimpleQueue()
        deadline = None if timeout is None else time.monotonic() + timeout
        self._running.add(ended)
        cancel: Callable[[], None] | None = None
        try:
            with _model_calls_until(deadline):
                cancel = self._start(call, streaming, ended)
            result = ended.get(timeout=timeout)
        except BaseException as error:
            _leave_behind(call, cancel)
            if isinstance(error, Empty):
                raise LineExecutionTimeoutError(index, timeout or 0) from None
            raise
        finally:
            self._running.discard(ended)
        if result is None:
            _leave_behind(call, cancel)
            raise LineCanceledError
        return result

    def _start(self, call: EntryCall, streaming: bool, ended: SimpleQueue[_Ended | None]) -> Callable[[], None] | None:
        if call.entry.is_async:
            loop = self._tool_loop()
            return loop.submit(lambda: call.run_async(streaming, loop), lambda value, error: ended.put((value, error)))
        context = copy_context()
        self._threads.submit(lambda: ended.put(_attempt(lambda: context.run(call.run, streaming))))
        return None

    def cancel(self) -> None:
        for ended in list(self._running):
            ended.put(None)

    def close(self) -> None:
        self._threads.close()
        if self._loop is not None:
            self._loop.close()

    def _tool_loop(self) -> ToolLoop:
        if self._loop is None:
            from pfstudio.engine.event_loop import ToolLoop

            self._loop = ToolLoop()
        return self._loop


def _leave_behind(call: EntryCall, cancel: Callable[[], None] | None) -> None:
    call.give_up()
    if cancel is not None:
        cancel()


def _pieces(loop: ToolLoop, stream: AsyncIterator[Any]) -> Iterator[Any]:
    """An asynchronous stream as a plain one; each piece is made on the loop."""
    end = object()

    async def piece() -> Any:
        return await anext(stream, end)

    made: SimpleQueue[_Ended] = SimpleQueue()
    while True:
        loop.submit(piece, lambda value, error: made.put((value, error)))
        value, error = made.get()
        if error is not None:
            raise error
        if value is end:
            return
        yield value


def _attempt(function: Callable[[], Any]) -> _Ended:
    try:
        return function(), None
    except BaseException as error:  # Also sys.exit() of user code fails the line, not the process.
        return None, error


def _model_calls_until(deadline: float | None) -> AbstractContextManager[None]:
    if deadline is None:
        return nullcontext()
    from pfstudio.models.deadline import call_deadline

    return call_deadline(deadline)
