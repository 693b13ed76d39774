"""The LangChain callback, called the way LangChain calls it: with ids of its own, side by side, from any thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pfstudio.tracing import langchain
from pfstudio.tracing.tracer import NodeTrace, open_node_trace


class BaseCallbackHandler:
    """As much of LangChain as the handler is built on."""


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    stand_in = ModuleType("langchain_core.callbacks")
    stand_in.BaseCallbackHandler = BaseCallbackHandler  # type: ignore[attr-defined]  # A module made here.
    monkeypatch.setitem(sys.modules, "langchain_core", ModuleType("langchain_core"))
    monkeypatch.setitem(sys.modules, "langchain_core.callbacks", stand_in)
    vars(langchain).pop("PromptFlowCallbackHandler", None)
    yield langchain.PromptFlowCallbackHandler()
    vars(langchain).pop("PromptFlowCallbackHandler", None)


@pytest.fixture
def trace() -> Iterator[NodeTrace]:
    opened = NodeTrace("n")
    close = open_node_trace(opened)
    yield opened
    close()


def test_chain_with_a_model_and_a_tool_is_a_tree(handler: Any, trace: NodeTrace) -> None:
    assert isinstance(handler, BaseCallbackHandler)
    handler.on_chain_start({"name": "MyChain"}, {"q": "x"}, run_id=1)
    handler.on_chat_model_start({"id": ["langchain", "Model"]}, [["m"]], run_id=2, parent_run_id=1)
    message = SimpleNamespace(usage_metadata={"input_tokens": 3, "output_tokens": 2, "total_tokens": 5})
    result = SimpleNamespace(generations=[[SimpleNamespace(message=message)]], llm_output=None)
    handler.on_llm_end(result, run_id=2, parent_run_id=1)
    handler.on_tool_start(None, "2", run_id=3, parent_run_id=1, name="double")
    handler.on_tool_error(ValueError("no"), run_id=3, parent_run_id=1)
    handler.on_chain_end({"a": 1}, run_id=1)

    [chain] = trace.calls
    model, tool = chain["children"]
    assert (chain["name"], chain["type"], chain["output"]) == ("MyChain", "LangChain", {"a": 1})
    assert (model["name"], model["system_metrics"]["total_tokens"]) == ("Model", 5)
    assert (tool["name"], tool["error"]) == ("double", {"message": "no", "type": "ValueError"})


def test_calls_side_by_side_and_on_other_threads_keep_their_places(handler: Any, trace: NodeTrace) -> None:
    handler.on_chain_start({"name": "all"}, {}, run_id="all")

    def branch(number: int) -> None:
        handler.on_chain_start({"name": f"b{number}"}, {}, run_id=number, parent_run_id="all")
        handler.on_llm_start({"name": f"m{number}"}, ["p"], run_id=number + 10, parent_run_id=number)
        handler.on_llm_end(SimpleNamespace(llm_output=None), run_id=number + 10)
        handler.on_chain_end({}, run_id=number)

    threads = [threading.Thread(target=branch, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    handler.on_chain_end({}, run_id="all")

    [whole] = trace.calls
    assert sorted((b["name"], [m["name"] for m in b["children"]]) for b in whole["children"]) == [
        (f"b{number}", [f"m{number}"]) for number in range(4)
    ]


def test_end_of_something_that_never_began_is_ignored(handler: Any, trace: NodeTrace) -> None:
    handler.on_chain_end({}, run_id="unknown")

    assert trace.calls == []


def test_without_langchain_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("langchain_core.callbacks", "langchain.callbacks.base"):
        monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(ImportError, match="pip install langchain-core"):
        _ = langchain.PromptFlowCallbackHandler
