"""Flow inputs: defaults, what is missing, conversion to the declared types."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pfstudio.engine.errors import InputNotFound, InputParseError, InputTypeError
from pfstudio.flow.spec import InputDefinition
from pfstudio.flow.values import NotJsonError, NotOfTypeError, convert


def fresh(value: Any) -> Any:
    """A copy of a value of the YAML, so that a tool that changes its argument does not change the flow."""
    return deepcopy(value) if isinstance(value, (list, dict)) else value


def prepare_inputs(
    definitions: Mapping[str, InputDefinition], given: Mapping[str, Any], index: int | None
) -> dict[str, Any]:
    """The inputs a line runs with. Undeclared ones are kept; an explicit null does not take the default.

    Raises:
        InputNotFound: a declared input has neither a value nor a default.
        InputTypeError, InputParseError: a value does not fit its type.
    """
    inputs = dict(given)
    for name, definition in definitions.items():
        if name not in inputs:
            if not definition.has_default:
                raise InputNotFound(name, index)
            inputs[name] = fresh(definition.default)
    for name, definition in definitions.items():
        value = inputs[name]
        try:
            inputs[name] = convert(definition.type, value)
        except NotJsonError as error:
            cause = error.__cause__ or error
            raise InputParseError(name, index, definition.type, value, cause) from error
        except NotOfTypeError as error:
            raise InputTypeError(name, index, definition.type) from error
    return inputs
