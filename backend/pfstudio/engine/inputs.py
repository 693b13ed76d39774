"""Flow inputs: defaults, what is missing, conversion to the declared types."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from pfstudio.engine.errors import InputNotFound, InputParseError, InputTypeError
from pfstudio.engine.media import load_flow_media
from pfstudio.flow.spec import Flow, InputDefinition
from pfstudio.flow.values import NotJsonError, NotOfTypeError, convert


def fresh(value: Any) -> Any:
    """A copy of a value of the YAML, so that a tool that changes its argument does not change the flow."""
    return deepcopy(value) if isinstance(value, (list, dict)) else value


def prepare_inputs(flow: Flow, given: Mapping[str, Any], index: int | None, folder: Path) -> dict[str, Any]:
    """The inputs a line runs with. Undeclared ones are kept; an explicit null does not take the default.

    Paths of images count from `folder`.

    Raises:
        InputNotFound: a declared input has neither a value nor a default.
        InputTypeError, InputParseError: a value does not fit its type.
        LoadMultimediaDataError: what should be an image is none.
    """
    inputs = dict(given)
    for name, definition in flow.inputs.items():
        if name not in inputs:
            if not definition.has_default:
                raise InputNotFound(name, index, **_where(flow, definition))
            inputs[name] = fresh(definition.default)
    for name, definition in flow.inputs.items():
        value = inputs[name]
        try:
            inputs[name] = convert(definition.type, value)
        except NotJsonError as error:
            cause = error.__cause__ or error
            raise InputParseError(
                name, index, definition.type, value=value, cause=cause, **_where(flow, definition)
            ) from error
        except NotOfTypeError as error:
            raise InputTypeError(name, index, definition.type, **_where(flow, definition)) from error
    return load_flow_media(flow, inputs, folder)


def _where(flow: Flow, definition: InputDefinition) -> dict[str, Any]:
    return {"file": flow.file, "line": definition.line or None}
