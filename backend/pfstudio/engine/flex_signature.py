"""The signature of a flex flow's entry, read from the loaded function or class."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from pfstudio.flow.entry_signature import EntrySignature, Port
from pfstudio.flow.errors import BadFunctionInterface
from pfstudio.tools.parameters import connection_name

_BY_CLASS: dict[Any, str] = {int: "int", float: "double", bool: "bool", str: "string", list: "list", dict: "object"}
_BY_NAME = {
    "Secret": "secret",
    "PromptTemplate": "prompt_template",
    "FilePath": "file_path",
    "Image": "image",
    "AssistantDefinition": "assistant_definition",
}
_MODEL_CONFIGURATIONS = ("AzureOpenAIModelConfiguration", "OpenAIModelConfiguration")
_EMPTY = inspect.Parameter.empty


def infer_signature(entry: Callable[..., Any]) -> EntrySignature:
    """The ports of a function, or of a class and its `__call__`.

    Raises:
        BadFunctionInterface: an annotation is of no type that a flow's ports can have.
    """
    owner = entry if isinstance(entry, type) else None
    function: Callable[..., Any] = entry if owner is None else owner.__call__
    name = function.__qualname__
    shown = owner.__name__ if owner is not None else name
    init = {}
    if owner is not None and owner.__init__ is not object.__init__:  # type: ignore[misc]
        init = _inputs(owner.__init__, name, is_init=True)  # type: ignore[misc]
    return EntrySignature(_inputs(function, name), _outputs(function, name, shown), init)


def _inputs(function: Callable[..., Any], shown: str, *, is_init: bool = False) -> dict[str, Port]:
    ports = {}
    for name, parameter, annotation in parameters_with_types(function):
        if annotation is _EMPTY:
            is_known = parameter.default is not _EMPTY and parameter.default is not None
            kind = _untyped(type(parameter.default)) if is_known else "object"
        else:
            kind = _kind(annotation, "input", name, shown, is_init=is_init)
        has_default = parameter.default is not _EMPTY
        ports[name] = Port(name, kind, parameter.default if has_default else None, has_default)
    return ports


def parameters_with_types(function: Callable[..., Any]) -> list[tuple[str, inspect.Parameter, Any]]:
    """The parameters a caller names, each with its annotation as a class where that can be found."""
    signature = inspect.signature(function)
    return [
        (name, parameter, _evaluated(parameter.annotation, function))
        for name, parameter in signature.parameters.items()
        if name != "self" and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
    ]


def _outputs(function: Callable[..., Any], name: str, shown: str) -> dict[str, Port]:
    annotation = without_none(_evaluated(inspect.signature(function).return_annotation, function))
    if annotation in (str, inspect.Signature.empty):
        return {}
    fields = _fields_of(annotation)
    if fields is None:
        raise BadFunctionInterface(
            f"Parse interface for '{shown}' failed: The return annotation of the entry function must be dataclass, "
            f"TypedDict or string, but got {annotation}."
        )
    return {field: Port(field, _kind(kind, "output", field, name)) for field, kind in fields.items()}


def _fields_of(annotation: Any) -> Mapping[str, Any] | None:
    if not isinstance(annotation, type):
        return None
    if dataclasses.is_dataclass(annotation):
        return {item.name: _evaluated(item.type, annotation) for item in dataclasses.fields(annotation)}
    if issubclass(annotation, dict) and hasattr(annotation, "__annotations__"):
        return {name: _evaluated(kind, annotation) for name, kind in annotation.__annotations__.items()}
    return None


def _kind(annotation: Any, port: str, name: str, shown: str, *, is_init: bool = False) -> str:
    annotation = without_none(annotation)
    kind = _known(annotation)
    if kind is None and (connection := connection_name(annotation)) is not None:
        kind = connection
    if kind is None and is_init and getattr(annotation, "__name__", "") in _MODEL_CONFIGURATIONS:
        kind = annotation.__name__
    if kind is None:
        raise BadFunctionInterface(
            f"Parse interface for tool '{shown}' failed: The {port} '{name}' is of a complex python type. "
            "Please use a dict instead."
        )
    return kind


def _known(annotation: Any) -> str | None:
    if not isinstance(annotation, type):
        return None
    if issubclass(annotation, Enum):
        return "string"
    return _BY_CLASS.get(annotation) or _BY_NAME.get(annotation.__name__)


def _untyped(kind: type) -> str:
    return _known(kind) or "object"


def without_none(annotation: Any) -> Any:
    """`Optional[X]` and `X | None` as X."""
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return annotation
    members = [member for member in typing.get_args(annotation) if member is not type(None)]
    return members[0] if len(members) == 1 else annotation


def _evaluated(annotation: Any, owner: Any) -> Any:
    """An annotation that is text (`from __future__ import annotations`) as what it names."""
    forward = annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else annotation
    if not isinstance(forward, str):
        return annotation
    inner = inspect.unwrap(owner)
    scope = getattr(inner, "__globals__", None) or vars(sys.modules.get(inner.__module__, types))
    try:
        return eval(forward, dict(scope))  # noqa: S307 - the user's own annotation.
    except Exception:
        return annotation
