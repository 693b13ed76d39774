"""Runs the nodes of a line: one after the other where they form a chain, side by side where they can."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from pfstudio.engine.errors import (
    LineCanceledError,
    LineExecutionTimeoutError,
    NoNodeExecutedError,
    ToolCanceledError,
)
from pfstudio.engine.line import Line
from pfstudio.engine.node import NodeExecution, ReadyNode
from pfstudio.engine.results import NodeRun
from pfstudio.engine.workers import WorkerThreads

if TYPE_CHECKING:
    from pfstudio.engine.event_loop import ToolLoop

_Finished = tuple[NodeExecution, "NodeRun | BaseException"]


class Scheduler:
    """Shared by all lines of an executor. `concurrency` limits how many nodes of one line run at a time."""

    def __init__(self, *, concurrency: int = 16) -> None:
        self._concurrency = concurrency
        self._threads = WorkerThreads()
        self._loop: ToolLoop | None = None
        self._running: set[SimpleQueue[_Finished | None]] = set()

    def run(self, line: Line, nodes: Sequence[ReadyNode], *, is_chain: bool, timeout: float | None) -> None:
        """Run the nodes until all have ended or one has failed; `line` holds what they produced.

        Raises:
            LineExecutionTimeoutError: time ran out; running nodes are recorded as canceled.
            LineCanceledError: `cancel` was called.
        """
        if is_chain and timeout is None and not any(node.is_async for node in nodes):
            for node in nodes:
                execution = line.prepare(node)
                if execution is not None:
                    line.finish(execution, execution.run())
                if line.failure is not None:
                    return
            return
        _Concurrent(self, line, nodes, timeout).run()

    def run_one(self, execution: NodeExecution, line: Line) -> NodeRun:
        """Run one node on its own."""
        if not execution.node.is_async:
            run = execution.run()
        else:
            finished: SimpleQueue[tuple[NodeRun, BaseException | None]] = SimpleQueue()
            self.tool_loop().submit(execution.run_async, lambda run, error: finished.put((run, error)))
            run, error = finished.get()
            if error is not None:
                raise error
        line.finish(execution, run)
        return run

    def cancel(self) -> None:
        """End every running line; nodes that cannot be stopped are left behind."""
        for finished in list(self._running):
            finished.put(None)

    def close(self) -> None:
        self._threads.close()
        if self._loop is not None:
            self._loop.close()

    def tool_loop(self) -> ToolLoop:
        if self._loop is None:
            from pfstudio.engine.event_loop import ToolLoop

            self._loop = ToolLoop()
        return self._loop


def _model_calls_until(deadline: float | None) -> AbstractContextManager[None]:
    """Waits and retries of model calls end with the line's time; nodes inherit that with their context."""
    if deadline is None:
        return nullcontext()
    from pfstudio.models.deadline import call_deadline

    return call_deadline(deadline)


class _Concurrent:
    """One line whose nodes run side by side. This thread decides; nodes run on others."""

    def __init__(self, scheduler: Scheduler, line: Line, nodes: Sequence[ReadyNode], timeout: float | None) -> None:
        self._scheduler = scheduler
        self._line = line
        self._nodes = nodes
        self._timeout = timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._finished: SimpleQueue[_Finished | None] = SimpleQueue()
        self._running: dict[str, tuple[NodeExecution, Callable[[], None] | None]] = {}
        names = {node.name for node in nodes}
        self._waiting = {node.name: len(node.needs & names) for node in nodes}
        self._ready = deque(node for node in nodes if not self._waiting[node.name])

    def run(self) -> None:
        self._scheduler._running.add(self._finished)
        try:
            with _model_calls_until(self._deadline):
                self._run()
        except BaseException as error:
            self._abandon(error)
            raise
        finally:
            self._scheduler._running.discard(self._finished)

    def _run(self) -> None:
        while True:
            self._start_ready()
            if not self._running:
                break
            item = self._next()
            if item is None:
                raise LineCanceledError
            execution, run = item
            del self._running[execution.node.name]
            if isinstance(run, BaseException):
                raise run
            self._line.finish(execution, run)
            if self._line.failure is not None:
                self._abandon(self._line.failure)
                return
            self._release(execution.node)
        if self._line.failure is None and len(self._line.runs) < len(self._nodes):
            raise NoNodeExecutedError("No nodes are ready for execution, but the flow is not completed.")

    def _start_ready(self) -> None:
        while self._ready and self._line.failure is None and len(self._running) < self._scheduler._concurrency:
            node = self._ready.popleft()
            execution = self._line.prepare(node)
            if execution is None:
                self._release(node)
            else:
                self._start(execution)

    def _release(self, node: ReadyNode) -> None:
        for later in self._nodes:
            if node.name in later.needs:
                self._waiting[later.name] -= 1
                if not self._waiting[later.name]:
                    self._ready.append(later)

    def _start(self, execution: NodeExecution) -> None:
        cancel: Callable[[], None] | None = None
        finished = self._finished
        if execution.node.is_async:

            def done(run: NodeRun, error: BaseException | None) -> None:
                finished.put((execution, run if error is None else error))

            cancel = self._scheduler.tool_loop().submit(execution.run_async, done)
        else:
            context = copy_context()

            def job() -> None:
                try:
                    run: NodeRun | BaseException = context.run(execution.run)
                except BaseException as error:
                    run = error
                finished.put((execution, run))

            self._scheduler._threads.submit(job)
        self._running[execution.node.name] = (execution, cancel)

    def _next(self) -> _Finished | None:
        if self._deadline is None or self._timeout is None:
            return self._finished.get()
        try:
            return self._finished.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except Empty:
            raise LineExecutionTimeoutError(self._line.index, self._timeout) from None

    def _abandon(self, why: BaseException) -> None:
        """Record what still runs as canceled. Threads cannot be stopped; their results are not used."""
        if isinstance(why, LineExecutionTimeoutError):
            reason = f"Line execution timeout after {self._timeout:g} seconds"
        elif isinstance(why, (LineCanceledError, KeyboardInterrupt)):
            reason = "Received cancel request"
        else:
            reason = "Another node failed"
        for execution, cancel in self._running.values():
            if cancel is not None:
                cancel()
            run = execution.canceled(ToolCanceledError(reason))
            self._line.runs[execution.node.name] = run
