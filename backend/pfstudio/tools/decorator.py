"""`@tool` and what belongs to it: the words a tool file imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

from pfstudio.tracing.decorator import traced

F = TypeVar("F", bound=Callable[..., Any])

_STREAMING_OPTION = "_streaming_option_parameter"
_ITSELF = "__marked_by_pfstudio"


@overload
def tool(func: F) -> F: ...
@overload
def tool(
    func: None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    type: str | None = None,
    input_settings: Mapping[str, Any] | None = None,
    streaming_option_parameter: str | None = None,
    **extra: Any,
) -> Callable[[F], F]: ...
def tool(
    func: F | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    type: str | None = None,  # noqa: A002 - the original's keyword.
    input_settings: Mapping[str, Any] | None = None,
    streaming_option_parameter: str | None = None,
    **extra: Any,
) -> F | Callable[[F], F]:
    """Marks a function as the tool of its file. It stays callable as before and keeps its signature.

    `streaming_option_parameter` names a boolean parameter that the engine sets where the answer may be streamed.
    """

    def mark(inner: F) -> F:
        marked = traced(inner, "Tool")
        attributes = {
            "__tool": None,
            "__name": name,
            "__description": description,
            "__type": type,
            "__input_settings": input_settings,
            "__extra_info": extra,
        }
        for key, value in attributes.items():
            setattr(marked, key, value)
        if streaming_option_parameter:
            setattr(marked, _STREAMING_OPTION, streaming_option_parameter)
        setattr(marked, _ITSELF, marked)
        return marked

    return mark if func is None else mark(func)


def is_tool(value: Any) -> bool:
    """Whether `@tool` marked this function; the original's decorator counts too, where it is installed."""
    return callable(value) and hasattr(value, "__original_function") and hasattr(value, "__tool")


def original_function(value: Callable[..., Any]) -> Callable[..., Any]:
    """The function as the user wrote it, without the recording around it."""
    original: Callable[..., Any] = getattr(value, "__original_function", value)
    return original


def called_function(value: Callable[..., Any]) -> Callable[..., Any]:
    """What the engine calls: the function as it was written, or, where another decorator was put over `@tool`, that."""
    is_outermost = getattr(value, _ITSELF, value) is value
    return original_function(value) if is_outermost else value


def streaming_option(value: Callable[..., Any]) -> str | None:
    """The parameter by which a tool can be asked to stream, if it has one."""
    option = getattr(value, _STREAMING_OPTION, None)
    return option if isinstance(option, str) else None


class ToolProvider:
    """Base of tools with state: one method is marked with `@tool`, the constructor takes literal node inputs."""

    def __new__(cls, *args: Any, **kwargs: Any) -> ToolProvider:
        return super().__new__(cls)


@dataclass
class DynamicList:
    """A function that offers values for a tool input in an editor. Execution never calls it."""

    function: Callable[..., Any] | str
    input_mapping: dict[str, str] | None = None


@dataclass
class GeneratedBy:
    """A tool input whose value a function generates from other inputs in an editor."""

    function: Callable[..., Any] | str
    reverse_function: Callable[..., Any] | str
    input_settings: dict[str, Any] | None = None


@dataclass
class InputSetting:
    """How an editor shows a tool input. Execution ignores it."""

    is_multi_select: bool | None = None
    allow_manual_entry: bool | None = None
    enabled_by: str | None = None
    enabled_by_value: list[Any] | None = None
    dynamic_list: DynamicList | None = None
    generated_by: GeneratedBy | None = None
    extra: dict[str, Any] = field(default_factory=dict)
