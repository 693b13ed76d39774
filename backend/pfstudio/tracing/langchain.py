"""A LangChain callback: what LangChain does inside a node shows in the node's trace.

LangChain is the user's to install. It is imported, and the class made, when somebody asks for the class.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from pfstudio.tracing import switch
from pfstudio.tracing.tracer import NodeTrace, current_node_trace, end_call

_HOMES = ("langchain_core.callbacks", "langchain.callbacks.base")
_USAGE = {"input_tokens": "prompt_tokens", "output_tokens": "completion_tokens", "total_tokens": "total_tokens"}


class LangChainRecorder:
    """The calls of LangChain that run, by LangChain's own ids: chains may run side by side and on any thread."""

    def __init__(self) -> None:
        self._running: dict[Any, tuple[NodeTrace, dict[str, Any]]] = {}

    def begin(self, name: str, kind: str, inputs: Mapping[str, Any], run_id: Any, parent_run_id: Any) -> None:
        """A chain, model, tool or retriever begins, below the call of `parent_run_id`."""
        trace, parent = self._running.get(parent_run_id, (None, None))
        if trace is None:
            trace = current_node_trace() or (NodeTrace("") if switch.address() else None)
        if trace is not None:
            self._running[run_id] = (trace, trace.begin(name, kind, inputs, parent))

    def end(self, run_id: Any, output: Any = None, error: BaseException | None = None) -> None:
        """It has ended."""
        trace, record = self._running.pop(run_id, (None, None))
        if trace is None or record is None:
            return
        end_call(record, output, error)
        usage = usage_of(output)
        if usage:
            record["system_metrics"] = {"duration": record["end_time"] - record["start_time"], **usage}
        if not trace.node and any(call is record for call in trace.calls):
            from pfstudio.tracing.outside import send

            send(trace)


def usage_of(result: Any) -> dict[str, int]:
    """The tokens that a model's result says were used."""
    said = getattr(result, "llm_output", None)
    usage = said.get("token_usage") if isinstance(said, Mapping) else None
    if isinstance(usage, Mapping):
        return {key: usage[key] for key in _USAGE.values() if isinstance(usage.get(key), int)}
    try:
        metadata = result.generations[0][0].message.usage_metadata
    except (AttributeError, IndexError, TypeError):
        return {}
    if not isinstance(metadata, Mapping):
        return {}
    return {ours: metadata[key] for key, ours in _USAGE.items() if isinstance(metadata.get(key), int)}


def name_of(serialized: Mapping[str, Any] | None, given: Any, otherwise: str) -> str:
    """What LangChain calls a thing: the run's own name, or that of its class."""
    found = given or (serialized or {}).get("name") or (serialized or {}).get("id") or otherwise
    return str(found[-1] if isinstance(found, list) and found else found)


def _make_class() -> type:
    """The handler, as a subclass of LangChain's.

    Raises:
        ImportError: LangChain is not installed.
    """
    base: Any = None
    for home in _HOMES:
        try:
            base = importlib.import_module(home).BaseCallbackHandler
            break
        except ImportError:
            continue
    if base is None:
        raise ImportError("PromptFlowCallbackHandler needs LangChain; install it with `pip install langchain-core`.")
    return type("PromptFlowCallbackHandler", (_Handler, base), {"__module__": __name__, "__doc__": _Handler.__doc__})


class _Handler:
    """Hand it to a chain, a model or an agent as a callback."""

    def __init__(self) -> None:
        super().__init__()
        self._recorder = LangChainRecorder()

    @property
    def always_verbose(self) -> bool:
        return True

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        name = name_of(serialized, more.get("name"), "Chain")
        self._recorder.begin(name, "LangChain", {"inputs": inputs}, run_id, parent_run_id)

    def on_llm_start(
        self, serialized: Any, prompts: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        name = name_of(serialized, more.get("name"), "LLM")
        self._recorder.begin(name, "LangChain", {"prompts": prompts}, run_id, parent_run_id)

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        name = name_of(serialized, more.get("name"), "ChatModel")
        self._recorder.begin(name, "LangChain", {"messages": messages}, run_id, parent_run_id)

    def on_tool_start(
        self, serialized: Any, input_str: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        name = name_of(serialized, more.get("name"), "Tool")
        self._recorder.begin(name, "LangChain", {"input_str": input_str}, run_id, parent_run_id)

    def on_retriever_start(
        self, serialized: Any, query: Any, *, run_id: Any, parent_run_id: Any = None, **more: Any
    ) -> None:
        name = name_of(serialized, more.get("name"), "Retriever")
        self._recorder.begin(name, "LangChain", {"query": query}, run_id, parent_run_id)

    def _ended(self, output: Any, *, run_id: Any, **_: Any) -> None:
        self._recorder.end(run_id, output)

    def _failed(self, error: BaseException, *, run_id: Any, **_: Any) -> None:
        self._recorder.end(run_id, error=error)

    on_chain_end = on_llm_end = on_tool_end = on_retriever_end = _ended
    on_chain_error = on_llm_error = on_tool_error = on_retriever_error = _failed


def __getattr__(name: str) -> Any:
    if name != "PromptFlowCallbackHandler":
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    made = globals()[name] = _make_class()
    return made
