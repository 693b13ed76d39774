"""A LangChain callback: what LangChain does inside a node shows in the node's trace."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from typing import Any

from pfstudio.tracing.tracer import current_node_trace

try:
    from langchain_core.callbacks import (  # type: ignore[import-not-found,unused-ignore]  # The user's to install.
        BaseCallbackHandler,
    )
except ImportError:
    from langchain.callbacks.base import (  # type: ignore[import-not-found,unused-ignore]  # The user's to install.
        BaseCallbackHandler,
    )

_Open = tuple[AbstractContextManager[dict[str, Any]], dict[str, Any]]


class PromptFlowCallbackHandler(BaseCallbackHandler):  # type: ignore[misc,unused-ignore]  # Untyped where it is absent.
    """Hand it to a chain, a model or an agent as a callback."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[_Open] = []

    @property
    def always_verbose(self) -> bool:
        return True

    def on_llm_start(self, serialized: dict[str, Any] | None, prompts: list[str], **_: Any) -> None:
        self._begin(_name(serialized, "LLM"), "LLM", {"prompts": prompts})

    def on_llm_end(self, response: Any, **_: Any) -> None:
        self._end(response)

    def on_llm_error(self, error: BaseException, **_: Any) -> None:
        self._end(error=error)

    def on_chain_start(self, serialized: dict[str, Any] | None, inputs: Any, **_: Any) -> None:
        self._begin(_name(serialized, "Chain"), "LangChain", {"inputs": inputs})

    def on_chain_end(self, outputs: Any, **_: Any) -> None:
        self._end(outputs)

    def on_chain_error(self, error: BaseException, **_: Any) -> None:
        self._end(error=error)

    def on_tool_start(self, serialized: dict[str, Any] | None, input_str: str, **_: Any) -> None:
        self._begin(_name(serialized, "Tool"), "LangChain", {"input_str": input_str})

    def on_tool_end(self, output: Any, **_: Any) -> None:
        self._end(output)

    def on_tool_error(self, error: BaseException, **_: Any) -> None:
        self._end(error=error)

    def on_agent_action(self, action: Any, **_: Any) -> None:
        self._begin(
            str(getattr(action, "tool", "Agent")), "LangChain", {"tool_input": getattr(action, "tool_input", None)}
        )

    def on_agent_finish(self, finish: Any, **_: Any) -> None:
        self._end(getattr(finish, "return_values", None))

    def _begin(self, name: str, kind: str, inputs: dict[str, Any]) -> None:
        trace = current_node_trace()
        if trace is not None:
            opened = trace.call(name, kind, inputs)
            self._open.append((opened, opened.__enter__()))

    def _end(self, output: Any = None, error: BaseException | None = None) -> None:
        if not self._open:
            return
        opened, record = self._open.pop()
        record["output"] = output
        # LangChain may end on another thread than it began on: then only the nesting of what follows is lost.
        with suppress(ValueError, type(error) if error else ValueError):
            opened.__exit__(type(error) if error else None, error, None)


def _name(serialized: dict[str, Any] | None, otherwise: str) -> str:
    found = (serialized or {}).get("name") or (serialized or {}).get("id") or otherwise
    return str(found[-1] if isinstance(found, list) else found)
