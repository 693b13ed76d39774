"""What happens inside a node: calls of traced functions, of tools and of models, with their tokens.

The engine opens a `NodeTrace` around each node. Code below it, on threads and in tasks that inherited the context,
finds it with `current_node_trace`, so that nobody hands traces around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from time import time
from typing import Any, TypeAlias

Log: TypeAlias = Callable[[str, str, "str | None"], None]
_TOKENS = ("prompt_tokens", "completion_tokens", "total_tokens")
# Beside the original's counts, and only where there is something to count.
MORE_COUNTS = ("estimated_cost", "reused_calls", "saved_tokens")


class NodeTrace:
    """The calls below one node, as a tree, and the tokens they used.

    `log` takes a level, a sentence and the node's name, for whoever watches the node. `reused` says that the node's
    output is an earlier run's.
    """

    __slots__ = ("calls", "log", "node", "reused", "usage")

    def __init__(self, node: str, log: Log | None = None) -> None:
        self.node = node
        self.log = log
        self.reused = False
        self.calls: list[dict[str, Any]] = []
        self.usage: dict[str, float | int] = {}

    def add_call(  # noqa: PLR0917 - called with the parts of a record in their order.
        self,
        name: str,
        type: str,  # noqa: A002 - the word of the records.
        inputs: Mapping[str, Any],
        output: Any,
        start: float,
        end: float,
        usage: Mapping[str, float | int] | None = None,
        error: BaseException | None = None,
        attributes: Mapping[str, Any] | None = None,
        *,
        reused: bool = False,
    ) -> None:
        """Record a call that has ended. Times are seconds since the epoch; `usage` counts tokens.

        `attributes` are those of its span (`tracing.spans`); `reused` says that an earlier run has paid for it.
        """
        call = _call(self.node, name, type, inputs, start)
        if attributes:
            call["attributes"] = dict(attributes)
        if reused:
            call["reused"] = True
        call.update(output=output, end_time=end, error=_error(error))
        if usage:
            call["system_metrics"] = {"duration": end - start, **usage}
            self.add_usage(usage)
        self._siblings().append(call)

    def add_usage(self, usage: Mapping[str, float | int]) -> None:
        """Count tokens, and what else is counted, for the node."""
        for key in (*_TOKENS, *MORE_COUNTS):
            if key in usage:
                self.usage[key] = self.usage.get(key, 0) + usage[key]

    def add_reused(self, usage: Mapping[str, int]) -> None:
        """Count a call that was answered without being paid for; `usage` is what it cost when it was."""
        self.add_usage({"reused_calls": 1, "saved_tokens": usage.get("total_tokens", 0)})

    @contextmanager
    def call(self, name: str, type: str, inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:  # noqa: A002
        """Record a call while it runs; calls inside it become its children. Set `output` on the yielded record."""
        record = _call(self.node, name, type, inputs, time())
        self._siblings().append(record)
        token = _current_call.set(record)
        try:
            yield record
        except BaseException as error:
            record["error"] = _error(error)
            raise
        finally:
            _current_call.reset(token)
            record["end_time"] = time()

    def begin(
        self, name: str, kind: str, inputs: Mapping[str, Any], parent: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Record a call that ends elsewhere, maybe on another thread: below `parent`, or where this code stands."""
        record = _call(self.node, name, kind, inputs, time())
        (self._siblings() if parent is None else parent["children"]).append(record)
        return record

    def _siblings(self) -> list[dict[str, Any]]:
        parent = _current_call.get()
        return self.calls if parent is None else parent["children"]


_current_trace: ContextVar[NodeTrace | None] = ContextVar("pfstudio_node_trace", default=None)
_current_call: ContextVar[dict[str, Any] | None] = ContextVar("pfstudio_call", default=None)


def current_node_trace() -> NodeTrace | None:
    """The trace of the node that runs now, or None outside of nodes."""
    return _current_trace.get()


def open_node_trace(trace: NodeTrace) -> Callable[[], None]:
    """Make a trace the current one; the answer ends that."""
    trace_token: Token[NodeTrace | None] = _current_trace.set(trace)
    call_token = _current_call.set(None)

    def close() -> None:
        _current_call.reset(call_token)
        _current_trace.reset(trace_token)

    return close


def end_call(record: dict[str, Any], output: Any = None, error: BaseException | None = None) -> None:
    """Fill in what came of a call that was begun."""
    record["output"] = output
    record["error"] = _error(error)
    record["end_time"] = time()


def _call(node: str, name: str, type_name: str, inputs: Mapping[str, Any], start: float) -> dict[str, Any]:
    return {
        "name": name,
        "type": type_name,
        "node_name": node,
        "inputs": inputs,
        "output": None,
        "start_time": start,
        "end_time": start,
        "error": None,
        "children": [],
    }


def _error(error: BaseException | None) -> dict[str, str] | None:
    return None if error is None else {"message": str(error), "type": type(error).__name__}
