"""The parameters of a loaded tool and their declared types."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

_BY_NAME = {
    "Secret": "secret",
    "PromptTemplate": "prompt_template",
    "FilePath": "file_path",
    "Image": "image",
    "AssistantDefinition": "assistant_definition",
}
_BY_CLASS: dict[type, str] = {int: "int", float: "double", bool: "bool", str: "string", list: "list"}
_CUSTOM = "CustomConnection"


@dataclass(frozen=True, slots=True)
class ToolParameter:
    """One parameter of a tool. `types` are value types or names of connection classes."""

    name: str
    types: tuple[str, ...]
    required: bool
    default: Any = None
    enum: tuple[str, ...] = ()
    connection_class: type | None = None

    @property
    def type(self) -> str:
        return self.types[0]

    @property
    def takes_connection(self) -> bool:
        return self.type.endswith("Connection")


def parameters_of(function: Callable[..., Any]) -> tuple[dict[str, ToolParameter], bool]:
    """The parameters by name, and whether any other keyword is taken too."""
    signature = inspect.signature(function)
    hints = _hints(function, signature)
    parameters: dict[str, ToolParameter] = {}
    takes_any = False
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_any = True
        elif parameter.kind is not parameter.VAR_POSITIONAL and name != "self":
            parameters[name] = _parameter(parameter, hints.get(name, parameter.annotation))
    return parameters, takes_any


def _hints(function: Callable[..., Any], signature: inspect.Signature) -> Mapping[str, Any]:
    if not any(isinstance(parameter.annotation, str) for parameter in signature.parameters.values()):
        return {}
    scope = getattr(function, "__globals__", None) or vars(sys.modules[function.__module__])
    hints: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if isinstance(parameter.annotation, str):
            # One name that cannot be resolved must not spoil the others, as `get_type_hints` would.
            try:
                hints[name] = eval(parameter.annotation, dict(scope))  # noqa: S307 - the tool's own annotation.
            except Exception:
                hints[name] = object
    return hints


def _parameter(parameter: inspect.Parameter, annotation: Any) -> ToolParameter:
    required = parameter.default is parameter.empty
    default = None if required else parameter.default
    if annotation is parameter.empty:
        annotation = object if required or default is None else type(default)
    declared, enum, connection_class = _declared(annotation)
    return ToolParameter(parameter.name, declared, required, default, enum, connection_class)


def _declared(annotation: Any) -> tuple[tuple[str, ...], tuple[str, ...], type | None]:
    annotation = _without_optional(annotation)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        names = [connection_name(member) for member in typing.get_args(annotation)]
        known = [name for name in names if name is not None]
        return (tuple(known) if len(known) == len(names) else ("object",)), (), None
    if not isinstance(annotation, type):
        return ("object",), (), None
    if issubclass(annotation, Enum):
        return ("string",), tuple(str(member.value) for member in annotation), None
    if (simple := _BY_CLASS.get(annotation)) is not None:
        return (simple,), (), None
    if annotation.__name__ in _BY_NAME:
        return (_BY_NAME[annotation.__name__],), (), None
    if (connection := connection_name(annotation)) is not None:
        return (connection,), (), annotation
    return ("object",), (), None


def _without_optional(annotation: Any) -> Any:
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return annotation
    members = [member for member in typing.get_args(annotation) if member is not type(None)]
    return members[0] if len(members) == 1 else annotation


def connection_name(annotation: Any) -> str | None:
    """The connection class a class is, by name: the original's own classes count too, where they are installed."""
    if not isinstance(annotation, type):
        return None
    names = [base.__name__ for base in annotation.__mro__]
    if "CustomStrongTypeConnection" in names:
        return _CUSTOM
    is_connection = any(name in ("Connection", "_Connection", "_StrongTypeConnection") for name in names[1:])
    return annotation.__name__ if is_connection else None
