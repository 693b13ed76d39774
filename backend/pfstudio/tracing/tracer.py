"""What happens inside a node: calls of traced functions, of tools and of models, with their tokens.

The engine opens a `NodeTrace` around each node. Code below it, on threads and in tasks that inherited the context,
finds it with `current_node_trace`, so that nobody hands traces around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from time import time
from typing import Any

_TOKENS = ("prompt_tokens", "completion_tokens", "total_tokens")


class NodeTrace:
    """The calls below one node, as a tree, and the tokens they used."""

    __slots__ = ("calls", "node", "usage")

    def __init__(self, node: str) -> None:
        self.node = node
        self.calls: list[dict[str, Any]] = []
        self.usage: dict[str, int] = {}

    def add_call(  # noqa: PLR0917 - called with the parts of a record in their order.
        self,
        name: str,
        type: str,  # noqa: A002 - the word of the records.
        inputs: Mapping[str, Any],
        output: Any,
        start: float,
        end: float,
        usage: Mapping[str, int] | None = None,
        error: BaseException | None = None,
    ) -> None:
        """Record a call that has ended. Times are seconds since the epoch; `usage` counts tokens."""
        call = _call(self.node, name, type, inputs, start)
        call.update(output=output, end_time=end, error=_error(error))
        if usage:
            call["system_metrics"] = {"duration": end - start, **usage}
            self.add_usage(usage)
        self._siblings().append(call)

    def add_usage(self, usage: Mapping[str, int]) -> None:
        """Count tokens for the node."""
        for key in _TOKENS:
            if key in usage:
                self.usage[key] = self.usage.get(key, 0) + usage[key]

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
