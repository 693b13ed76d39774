"""A node made ready to run, and one execution of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextvars import Token
from dataclasses import dataclass, field
from io import IOBase
from pathlib import Path
from typing import Any

from pfstudio.engine.capture import NodeOutput, current_output
from pfstudio.engine.errors import text_of
from pfstudio.engine.failures import run_error, tool_failure
from pfstudio.engine.ports import RunObserver
from pfstudio.engine.results import NodeRun, RunStatus
from pfstudio.engine.streams import StreamedOutput, handed
from pfstudio.errors import PromptflowException
from pfstudio.flow.graph import dependencies_of
from pfstudio.flow.spec import Node, Reference
from pfstudio.kit.clock import utc_now
from pfstudio.tracing.tracer import NodeTrace, open_node_trace


@dataclass(frozen=True, slots=True)
class ReadyNode:
    """A node whose tool is loaded and whose literals have their types.

    `call` takes the keywords and whether the answer may be streamed. `optional` names parameters with a default.
    `place` is where the user's function is defined: file in the flow folder, and line.
    """

    spec: Node
    tool_name: str
    call: Callable[[dict[str, Any], bool], Any]
    literals: Mapping[str, Any]
    references: tuple[tuple[str, Reference], ...]
    needs: frozenset[str]
    optional: frozenset[str] = frozenset()
    is_async: bool = False
    call_type: str = "Tool"
    changeable_literals: tuple[str, ...] = ()
    may_stream: bool = False
    place: tuple[str | None, int | None] = (None, None)

    @property
    def name(self) -> str:
        return self.spec.name


def ready(
    node: Node,
    tool_name: str,
    call: Callable[[dict[str, Any], bool], Any],
    literals: Mapping[str, Any],
    optional: frozenset[str] = frozenset(),
    *,
    is_async: bool = False,
    call_type: str = "Tool",
    may_stream: bool = False,
    place: tuple[str | None, int | None] = (None, None),
) -> ReadyNode:
    """A `ReadyNode` with everything that follows from the node's own definition."""
    return ReadyNode(
        spec=node,
        tool_name=tool_name,
        call=call,
        literals=literals,
        references=tuple((name, b) for name, b in node.inputs.items() if isinstance(b, Reference)),
        needs=frozenset(dependencies_of(node)),
        optional=optional,
        is_async=is_async,
        call_type=call_type,
        changeable_literals=tuple(name for name, value in literals.items() if isinstance(value, (list, dict))),
        may_stream=may_stream,
        place=place,
    )


@dataclass(slots=True)
class NodeExecution:
    """One execution of a node, from its arguments to its `NodeRun`."""

    node: ReadyNode
    arguments: dict[str, Any]
    index: int | None
    folder: Path
    observer: RunObserver | None = None
    streaming: bool = False
    exception: BaseException | None = None
    _trace: NodeTrace = field(init=False)
    _output: NodeOutput = field(init=False)
    _close_trace: Callable[[], None] = field(init=False)
    _token: Token[NodeOutput | None] = field(init=False)
    _start: Any = field(init=False, default=None)

    def run(self) -> NodeRun:
        """Execute a synchronous node here and now."""
        self.begin()
        try:
            result: Any = self.node.call(handed(self.arguments), self.streaming)
            if isinstance(result, Iterator) and not isinstance(result, IOBase):
                result = StreamedOutput(result)
        except (KeyboardInterrupt, GeneratorExit):
            self.leave()
            raise
        except BaseException as error:  # Also sys.exit() of a tool fails the node, not the process.
            return self.failed(error)
        return self.completed(result)

    async def run_async(self) -> NodeRun:
        """Execute an asynchronous node; the node's context is the task's own."""
        from asyncio import CancelledError

        self.begin()
        try:
            result: Any = self.node.call(handed(self.arguments), self.streaming)
            if hasattr(result, "__aiter__"):
                result = StreamedOutput(await self._pieces(result))
            else:
                result = await result
                if isinstance(result, Iterator) and not isinstance(result, IOBase):
                    result = StreamedOutput(result)
        except (KeyboardInterrupt, GeneratorExit, CancelledError):
            self.leave()
            raise
        except BaseException as error:
            return self.failed(error)
        return self.completed(result)

    async def _pieces(self, source: AsyncIterator[Any]) -> Iterator[Any]:
        if not self.streaming:
            return iter([item async for item in source])
        from pfstudio.engine.event_loop import live

        return live(source)

    def begin(self) -> None:
        name = self.node.spec.name
        if self.observer is not None:
            self.observer.node_started(name, self.index)
        self._trace = NodeTrace(name, None if self.observer is None else self.observer.log)
        self._close_trace = open_node_trace(self._trace)
        self._output = NodeOutput(_listener(self.observer, name))
        self._token = current_output.set(self._output)
        self._start = utc_now()

    def leave(self) -> None:
        current_output.reset(self._token)
        self._close_trace()

    def completed(self, result: Any) -> NodeRun:
        self.leave()
        return self.record(RunStatus.COMPLETED, result)

    def failed(self, error: BaseException) -> NodeRun:
        self.leave()
        if not isinstance(error, PromptflowException):
            failure = tool_failure(self.node.spec.name, error, self.folder, self.node.place)
            failure.__cause__ = error
            error = failure
        self.exception = error
        return self.record(RunStatus.FAILED, None)

    def failed_before_call(self, error: Exception) -> NodeRun:
        """The run of a node that could not be given its arguments."""
        self.leave()
        self.exception = error
        return self.record(RunStatus.FAILED, None)

    def canceled(self, reason: PromptflowException) -> NodeRun:
        """The run of a node that is given up while it runs elsewhere; its thread may go on unseen."""
        self.exception = reason
        if self._start is None:
            self._trace, self._output, self._start = NodeTrace(self.node.spec.name), NodeOutput(None), utc_now()
        run = self.record(RunStatus.CANCELED, None)
        self.observer = None
        self._output.close()
        return run

    def settled(self, output: StreamedOutput) -> NodeRun:
        """The run once all pieces of its output are there, or all that came before it raised."""
        if output.failure is None:
            return self.record(RunStatus.COMPLETED, output)
        self.exception = tool_failure(self.node.spec.name, output.failure, self.folder, self.node.place)
        return self.record(RunStatus.FAILED, output)

    def record(self, status: RunStatus, output: Any) -> NodeRun:
        """The run as it stands; told to the observer, too."""
        end = utc_now()
        error = None if self.exception is None else run_error(self.exception, self.folder)
        run = NodeRun(
            node=self.node.spec.name,
            status=status,
            inputs=self.arguments,
            output=output,
            start_time=self._start,
            end_time=end,
            index=self.index,
            error=error,
            logs=self._output.finish(),
            api_calls=(self._api_call(output, end),),
            system_metrics={"duration": (end - self._start).total_seconds(), **self._trace.usage},
        )
        if self.observer is not None and not (isinstance(output, StreamedOutput) and not output.ended):
            self.observer.node_finished(run)
        return run

    def _api_call(self, output: Any, end: Any) -> dict[str, Any]:
        return {
            "name": self.node.tool_name,
            "type": self.node.call_type,
            "node_name": self.node.spec.name,
            "inputs": self.arguments,
            "output": output,
            "start_time": self._start.timestamp(),
            "end_time": end.timestamp(),
            "error": None
            if self.exception is None
            else {"message": text_of(self.exception), "type": type(self.exception).__name__},
            "children": self._trace.calls,
            **({"reused": True} if self._trace.reused else {}),
        }


def _listener(observer: RunObserver | None, node: str) -> Callable[[str, str], None] | None:
    return None if observer is None else lambda stream, line: observer.log(stream, line, node)
