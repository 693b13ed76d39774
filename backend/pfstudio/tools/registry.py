"""Package tools: tools that installed packages offer, found by their id."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from pfstudio.tools.errors import FailedToImportModule, PackageToolNotFoundError
from pfstudio.tools.parameters import ToolParameter
from pfstudio.tools.python import LoadedTool, function_tool, provider_tool

_GROUP: Final = "package_tools"


def _own(name: str, kind: str, module: str, function: str, class_name: str | None = None) -> dict[str, Any]:
    place = {"module": f"pfstudio.tools.{module}", "function": function}
    return {"name": name, "type": kind, **place, **({"class_name": class_name} if class_name else {})}


# Tools that promptflow brought itself, answered here.
BUILT_IN: Final[Mapping[str, Mapping[str, Any]]] = {
    "promptflow.tools.aoai_gpt4v.AzureOpenAI.chat": _own(
        "Azure OpenAI GPT-4 Turbo with Vision", "custom_llm", "model_tools", "chat", "AzureOpenAI"
    ),
    "promptflow.tools.azure_content_safety.analyze_text": {
        **_own("Content Safety (Text Analyze)", "python", "content_safety", "analyze_text"),
        "deprecated_tools": ["content_safety_text.tools.content_safety_text_tool.analyze_text"],
    },
    "promptflow.tools.embedding.embedding": _own("Embedding", "python", "embedding", "embedding"),
    "promptflow.tools.llm.llm": _own("LLM", "custom_llm", "model_tools", "llm"),
    "promptflow.tools.llm_vision.llm_vision": _own("LLM-Vision", "custom_llm", "model_tools", "llm_vision"),
    "promptflow.tools.open_model_llm.OpenModelLLM.call": _own(
        "Open Model LLM", "custom_llm", "open_model_llm", "call", "OpenModelLLM"
    ),
    "promptflow.tools.openai_gpt4v.OpenAI.chat": _own("OpenAI GPT-4V", "custom_llm", "model_tools", "chat", "OpenAI"),
    "promptflow.tools.serpapi.SerpAPI.search": _own("Serp API", "python", "serpapi", "search", "SerpAPI"),
}


def load_package_tool(tool_id: str, **where: Any) -> LoadedTool:
    """The tool of that id; its module is imported now. `where` is the place in the flow that names it.

    Raises:
        PackageToolNotFoundError: no installed package has it.
        FailedToImportModule: its module, or what it names in it, is not there.
    """
    if tool_id in BUILT_IN:
        return _loaded(BUILT_IN[tool_id], where)
    tools = package_tools()
    meta = tools.get(tool_id)
    if meta is None:
        newer = next((name for name, meta in tools.items() if tool_id in (meta.get("deprecated_tools") or ())), None)
        if newer is None:
            raise PackageToolNotFoundError(tool_id, tools, **where)
        warnings.warn(f"The tool '{tool_id}' is deprecated, '{newer}' is used instead.", FutureWarning, stacklevel=2)
        meta = tools[newer]
    return _loaded(meta, where)


@cache
def package_tools() -> dict[str, Mapping[str, Any]]:
    """What every installed package offers, by tool id. A package whose list cannot be read is left out."""
    found: dict[str, Mapping[str, Any]] = dict(BUILT_IN)
    for listing in _listings():
        try:
            offered = listing()
        except Exception as error:
            warnings.warn(f"The tools of a package cannot be listed: {error}", RuntimeWarning, stacklevel=2)
            continue
        for name, meta in offered.items():
            found.setdefault(str(name), meta)
    return found


def _listings() -> Iterator[Callable[[], Mapping[str, Mapping[str, Any]]]]:
    from importlib.metadata import entry_points

    for point in entry_points(group=_GROUP):
        try:
            yield point.load()
        except Exception as error:
            warnings.warn(f"The tools of '{point.value}' cannot be listed: {error}", RuntimeWarning, stacklevel=3)


def _loaded(meta: Mapping[str, Any], where: Mapping[str, Any]) -> LoadedTool:
    module_name = str(meta.get("module"))
    try:
        module = importlib.import_module(module_name)
        owner = getattr(module, str(meta["class_name"])) if meta.get("class_name") else module
        function = getattr(owner, str(meta["function"]))
    except Exception as error:
        raise FailedToImportModule(module_name, error, **where) from error
    tool = provider_tool(owner, function, None) if isinstance(owner, type) else function_tool(function, None)
    return _as_described(tool, meta) if "pfstudio" not in module_name else tool


def _as_described(tool: LoadedTool, meta: Mapping[str, Any]) -> LoadedTool:
    """The tool with the name and the types of inputs that its package's list gives it, whatever it annotates."""
    inputs = {str(name): item for name, item in (meta.get("inputs") or {}).items() if isinstance(item, Mapping)}
    parameters = {name: _described(known, inputs.get(name)) for name, known in tool.parameters.items()}
    for name in inputs.keys() - parameters.keys() - tool.init_parameters.keys():
        parameters[name] = _described(ToolParameter(name, ("object",), required=True), inputs[name])
    init = {name: _described(known, inputs.get(name)) for name, known in tool.init_parameters.items()}
    name = str(meta.get("name") or tool.name)
    return replace(tool, name=name, parameters=parameters, init_parameters=init)


def _described(parameter: ToolParameter, described: Mapping[str, Any] | None) -> ToolParameter:
    if described is None:
        # What the list does not speak of is taken as it is written, except where it can be nothing else.
        keeps = parameter.takes_connection or parameter.type == "prompt_template"
        return parameter if keeps else replace(parameter, types=("any",))
    given = described.get("type")
    types = tuple(str(item) for item in given) if isinstance(given, list) else (str(given),) if given else ("any",)
    return replace(parameter, types=types)
