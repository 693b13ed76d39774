"""Assistant definitions made ready: the file is read, and the tools it names are loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pfstudio.flow.errors import InvalidSource
from pfstudio.flow.spec import Binding, Literal, Node, NodeSource
from pfstudio.flow.yaml_reader import plain, read_yaml
from pfstudio.tools.assistant import (
    KINDS,
    AssistantToolInvoker,
    InvalidAssistantTool,
    ResolvedAssistantTool,
    function_definition,
)
from pfstudio.tools.python import LoadedTool
from pfstudio.tools.value_types import AssistantDefinition

LoadTool = Callable[[Node], LoadedTool]
ReadLiterals = Callable[[Node, LoadedTool], dict[str, Any]]
_HINT = "Please make sure the assistant definition is correct."


def load_assistant(
    folder: Path, path: Any, *, node: str, name: str, load: LoadTool, literals: ReadLiterals
) -> AssistantDefinition:
    """The definition in a YAML file of the flow, with its functions ready to be called.

    `load` loads the tool of a node, `literals` gives literal inputs the types of a tool.

    Raises:
        InvalidSource: there is no such file.
        InvalidAssistantTool: a tool in it lacks something.
    """
    file = folder / str(path)
    if not path or not file.is_file():
        raise InvalidSource(node, path, input_name=name)
    written = plain(read_yaml(file.read_bytes(), str(path)))
    definition = AssistantDefinition.deserialize(written if isinstance(written, dict) else {})
    resolved: dict[str, ResolvedAssistantTool] = {}
    for tool in definition.tools:
        item = _tool(tool, node, load, literals)
        resolved[item.name] = item
    definition._tool_invoker = AssistantToolInvoker(resolved)
    return definition


def _tool(tool: Mapping[str, Any], node: str, load: LoadTool, literals: ReadLiterals) -> ResolvedAssistantTool:
    kind = tool.get("type") if isinstance(tool, Mapping) else None
    if kind not in KINDS:
        raise InvalidAssistantTool(
            f"Unsupported assistant tool's type in node {node} : {kind}. "
            f"Please make sure the type is restricted within {list(KINDS)}."
        )
    if kind != "function":
        return ResolvedAssistantTool(str(kind), tool, None)
    given = tool.get("predefined_inputs") or {}
    inputs: dict[str, Binding] = {str(key): Literal(value) for key, value in given.items()}
    pretended = Node(node, "python", _source(tool, node), inputs)
    loaded = load(pretended)
    predefined = literals(pretended, loaded)
    function = loaded.build({key: predefined.pop(key) for key in list(predefined) if key in loaded.init_parameters})
    definition = function_definition(loaded, inputs)
    return ResolvedAssistantTool(definition["function"]["name"], definition, partial(function, **predefined))


def _source(tool: Mapping[str, Any], node: str) -> NodeSource:
    if "tool_type" not in tool or tool["tool_type"] not in ("python", "llm", "prompt", "custom_llm"):
        raise InvalidAssistantTool(
            f"The 'tool_type' property is missing or invalid in assistant node '{node}'. {_HINT}"
        )
    if tool["tool_type"] != "python":
        raise InvalidAssistantTool(
            f"Tool type '{tool['tool_type']}' is not supported in assistant node '{node}'. {_HINT}"
        )
    source = tool.get("source")
    if not isinstance(source, Mapping):
        raise InvalidAssistantTool(f"The 'source' property is missing in the assistant node '{node}'. {_HINT}")
    kind = str(source.get("type") or "code")
    wanted = {"code": "path", "package": "tool"}.get(kind)
    if wanted is None:
        raise InvalidAssistantTool(f"Tool source type '{kind}' is not supported in assistant node '{node}'. {_HINT}")
    if not source.get(wanted):
        shown = "python" if kind == "code" else "package"
        raise InvalidAssistantTool(
            f"The '{wanted}' property is missing in 'source' of the assistant {shown} tool in node '{node}'. {_HINT}"
        )
    path = source.get("path")
    return NodeSource(type=kind, path=str(path).replace("\\", "/") if path else None, tool=source.get("tool"))
