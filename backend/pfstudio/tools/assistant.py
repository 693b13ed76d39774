"""The tools of an assistant definition: how a model is told of them, and how they are called by its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pfstudio.errors import ErrorTarget, UserErrorException
from pfstudio.flow.errors import ValidationException
from pfstudio.tools.decorator import original_function
from pfstudio.tools.python import LoadedTool

KINDS: Final = ("code_interpreter", "function", "retrieval")
_JSON_TYPES: Final = {
    "int": "number",
    "double": "number",
    "bool": "boolean",
    "string": "string",
    "list": "array",
    "object": "object",
}
_FIELD: Final = re.compile(r"^\s*:param\s+(?:[^:]*\s)?(\w+)\s*:\s*(.*)$")
_OTHER_FIELD: Final = re.compile(r"^\s*:\w+")
_SECTION: Final = re.compile(r"^\s*(Args|Arguments|Parameters|Params)\s*:?\s*$")
_OTHER_SECTION: Final = re.compile(r"^\s*(Returns?|Raises|Yields?|Examples?|Notes?)\s*:?\s*$")
_ARGUMENT: Final = re.compile(r"^\s*(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")


class InvalidAssistantTool(ValidationException):
    """A tool of an assistant definition does not have the shape it needs."""

    usual_target = ErrorTarget.EXECUTOR


class AssistantToolNotFoundError(UserErrorException):
    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(
            f"The assistant has no function '{name}' to call. Known are {', '.join(known) or 'none'}.",
            target=ErrorTarget.TOOL,
        )


@dataclass(frozen=True, slots=True)
class ResolvedAssistantTool:
    """One tool: its description for the model, and the function where it is one of the flow's."""

    name: str
    openai_definition: Mapping[str, Any]
    func: Callable[..., Any] | None


class AssistantToolInvoker:
    """Calls the functions of an assistant by the names a model knows them under."""

    def __init__(self, tools: Mapping[str, ResolvedAssistantTool]) -> None:
        self._assistant_tools = dict(tools)

    def invoke_tool(self, func_name: str, kwargs: Mapping[str, Any]) -> Any:
        """What the function answers to the arguments the model gave.

        Raises:
            AssistantToolNotFoundError: the assistant has no such function.
        """
        tool = self._assistant_tools.get(func_name)
        if tool is None or tool.func is None:
            named = [name for name, known in self._assistant_tools.items() if known.func is not None]
            raise AssistantToolNotFoundError(func_name, named)
        return tool.func(**kwargs)

    def to_openai_tools(self) -> list[Mapping[str, Any]]:
        """The descriptions of all tools, in OpenAI's form."""
        return [tool.openai_definition for tool in self._assistant_tools.values()]


def function_definition(tool: LoadedTool, predefined: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAI's description of a tool, without the inputs that the definition gives already."""
    function = original_function(tool.function)
    description, described = docstring_parts(function.__doc__ or "")
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, parameter in tool.parameters.items():
        if name in predefined:
            continue
        kind = _JSON_TYPES.get(parameter.type, "string")
        properties[name] = {"description": described.get(name, ""), "type": kind}
        if parameter.enum:
            properties[name]["enum"] = list(parameter.enum)
        if parameter.required:
            required.append(name)
    return {
        "type": "function",
        "function": {
            "name": function.__name__,
            "description": description,
            "parameters": {"type": "object", "properties": properties, "required": required},
        },
    }


def docstring_parts(text: str) -> tuple[str, dict[str, str]]:
    """A function's description and those of its parameters, in Sphinx's or Google's form."""
    description: list[str] = []
    parameters: dict[str, str] = {}
    current: str | None = None
    place = "description"
    for line in text.strip().splitlines():
        if _SECTION.match(line):
            place, current = "arguments", None
        elif _OTHER_SECTION.match(line):
            place, current = "other", None
        elif found := _FIELD.match(line) or (_ARGUMENT.match(line) if place == "arguments" else None):
            current = found[1]
            parameters[current] = found[2].strip()
        elif _OTHER_FIELD.match(line):
            place, current = "other", None
        elif current is not None and line.strip():
            parameters[current] = f"{parameters[current]}\n{line.strip()}".strip()
        elif place == "description":
            description.append(line.strip())
    told = "\n".join(description).strip()
    # The original's parser keeps the end of the line of a single one that an empty line follows.
    is_single = bool(told) and "\n" not in told and len(description) > 1
    return (f"{told}\n" if is_single else told), parameters
