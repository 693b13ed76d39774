"""What an editor is told about a tool: its inputs, their types, how they are entered. Execution needs none of it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pfstudio.tools.decorator import is_tool, original_function
from pfstudio.tools.parameters import ToolParameter, parameters_of

_ICON_KEYS: Final = ("icon", "icon_light", "icon_dark")
_IMAGE_TYPES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}


@dataclass
class DescribedTool:
    """The metadata of one tool, and what is wrong with it."""

    name: str
    location: str
    metadata: dict[str, Any]
    problems: list[str] = field(default_factory=list)


def tools_of_module(module: Any) -> list[DescribedTool]:
    """The tools a module defines itself, by name; those it merely imports are somebody else's."""
    return [describe_tool(function) for _, function in _tools(module)]


def describe_tool(function: Callable[..., Any]) -> DescribedTool:
    """The metadata of a function or method that is marked with `@tool`."""
    inner = original_function(function)
    parameters, takes_any = parameters_of(inner)
    problems: list[str] = []
    metadata: dict[str, Any] = {
        "name": getattr(function, "__name", None) or inner.__name__,
        "type": getattr(function, "__type", None) or "python",
        "inputs": {name: _input(parameter) for name, parameter in parameters.items() if name != "cls"},
    }
    if description := getattr(function, "__description", None) or inspect.getdoc(inner):
        metadata["description"] = description
    metadata |= {"module": inner.__module__, "function": inner.__name__}
    if takes_any:
        metadata["enable_kwargs"] = True
    problems += _add_settings(metadata, getattr(function, "__input_settings", None) or {})
    problems += _add_extra(metadata, getattr(function, "__extra_info", None) or {})
    return DescribedTool(inner.__name__, inspect.getfile(inner), metadata, problems)


def constructor_inputs(provider: type) -> dict[str, Any]:
    """The inputs that make the object of a tool with state; they stand before those of its method."""
    parameters, _ = parameters_of(provider)
    return {name: _input(parameter) for name, parameter in parameters.items()}


def _tools(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in sorted(vars(module).items()):
        if is_tool(value) and original_function(value).__module__ == module.__name__:
            yield name, value


def _input(parameter: ToolParameter) -> dict[str, Any]:
    described: dict[str, Any] = {"type": list(parameter.types)}
    if parameter.default is not None:
        default = parameter.default
        described["default"] = str(getattr(default, "value", default))
    if parameter.enum:
        described["enum"] = list(parameter.enum)
    return described


def _add_settings(metadata: dict[str, Any], settings: Mapping[str, Any]) -> Iterator[str]:
    inputs = metadata["inputs"]
    for name, setting in settings.items():
        if name not in inputs:
            yield f"Cannot find {name} in tool inputs."
            continue
        entered = inputs[name]
        for key in ("is_multi_select", "allow_manual_entry", "enabled_by", "enabled_by_value"):
            if (value := getattr(setting, key, None)) is not None:
                entered[key] = value
        entered |= getattr(setting, "extra", None) or {}
        if (enabled_by := entered.get("enabled_by")) and enabled_by not in inputs:
            yield f'Cannot find the input "{enabled_by}" for the enabled_by of {name}.'
        if not isinstance(entered.get("enabled_by_value", []), list):
            yield f"The enabled_by_value of {name} is {entered['enabled_by_value']!r}; it must be a list."
        if (dynamic := getattr(setting, "dynamic_list", None)) is not None:
            yield from _add_dynamic_list(entered, dynamic, inputs)
        if (generated := getattr(setting, "generated_by", None)) is not None:
            yield from _add_generated_by(entered, generated)


def _add_dynamic_list(entered: dict[str, Any], dynamic: Any, inputs: Mapping[str, Any]) -> Iterator[str]:
    function, path = _function(dynamic.function)
    if function is None:
        yield f"Cannot find the dynamic_list function {path}."
        return
    mapping = dynamic.input_mapping or {}
    parameters, takes_any = parameters_of(function)
    for argument, source in mapping.items():
        if argument not in parameters and not takes_any:
            yield f"Cannot find {argument} in the inputs of dynamic_list func {path}"
        if source not in inputs:
            yield f"Cannot find {source} in the tool inputs."
    # These come from the workspace in an editor and need no mapping.
    given = {*mapping, "subscription_id", "resource_group_name", "workspace_name"}
    if missing := [name for name, parameter in parameters.items() if parameter.required and name not in given]:
        yield f"Missing required input(s) of dynamic_list function: {missing}"
    entered["dynamic_list"] = {
        "func_path": path,
        "func_kwargs": [_argument(parameter, mapping) for parameter in parameters.values()],
    }


def _argument(parameter: ToolParameter, mapping: Mapping[str, str]) -> dict[str, Any]:
    argument: dict[str, Any] = {"name": parameter.name, "type": list(parameter.types)}
    if parameter.name in mapping:
        argument["reference"] = f"${{inputs.{mapping[parameter.name]}}}"
    argument["optional"] = not parameter.required
    if not parameter.required:
        argument["default"] = parameter.default
    return argument


def _add_generated_by(entered: dict[str, Any], generated: Any) -> Iterator[str]:
    described: dict[str, Any] = {}
    for key, given in (("func_path", generated.function), ("reverse_func_path", generated.reverse_function)):
        function, path = _function(given)
        if function is None:
            yield f"Cannot find the generated_by function {path}."
        described[key] = path
    entered["generated_by"] = described


def _function(given: Any) -> tuple[Callable[..., Any] | None, str]:
    """The function, and its dotted path; None where a path leads nowhere."""
    if callable(given):
        return given, f"{given.__module__}.{given.__name__}"
    path = str(given)
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name), path
    except Exception:  # Whatever importing the user's module raises, the path leads nowhere.
        return None, path


def _add_extra(metadata: dict[str, Any], extra: Mapping[str, Any]) -> Iterator[str]:
    given = {key: value for key, value in extra.items() if value is not None}
    if "icon" in given and ("icon_light" in given or "icon_dark" in given):
        yield "Cannot provide both `icon` and `icon_light` or `icon_dark`."
    for key in _ICON_KEYS:
        if key in given and not str(given[key]).startswith("data:"):
            path = Path(given[key])
            if not path.is_file():
                yield f"Cannot find the icon path {path.as_posix()}."
                del given[key]
            else:
                given[key] = _data_url(path)
    if "tags" in given and not isinstance(given["tags"], Mapping):
        yield f"The tags are {given['tags']!r}; they must be a mapping."
    if "category" in given and not isinstance(given["category"], str):
        yield f"The category is {given['category']!r}; it must be a text."
    if "icon_light" in given or "icon_dark" in given:
        icons = {"light": given.pop("icon_light", None), "dark": given.pop("icon_dark", None)}
        given["icon"] = {key: value for key, value in icons.items() if value}
    metadata |= given


def _data_url(path: Path) -> str:
    import base64

    kind = _IMAGE_TYPES.get(path.suffix.lower(), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
