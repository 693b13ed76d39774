"""Flow value types and how a value becomes one of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

VALUE_TYPES = (
    "int",
    "double",
    "bool",
    "string",
    "secret",
    "prompt_template",
    "list",
    "object",
    "file_path",
    "image",
    "assistant_definition",
)


class NotOfTypeError(ValueError):
    """The value cannot become one of the type."""


class NotJsonError(ValueError):
    """The value is text that should be JSON and is not; the cause is the parser's error."""


def convert(type_name: str, value: Any) -> Any:
    """The value as one of the type; types without a rule here pass it through.

    Raises:
        NotOfTypeError: it does not fit.
        NotJsonError: the text of a list is not JSON.
    """
    rule = _RULES.get(type_name)
    return value if rule is None else rule(value)


def _to_int(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotOfTypeError(str(error)) from error


def _to_double(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotOfTypeError(str(error)) from error


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else None
    if word in ("true", "false"):
        return word == "true"
    raise NotOfTypeError(f"{value!r} is not a boolean")


def _to_list(value: Any) -> list[Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise NotJsonError(str(error)) from error
    if not isinstance(value, list):
        raise NotOfTypeError(f"{value!r} is not a list")
    return value


def _to_object(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


_RULES: dict[str, Callable[[Any], Any]] = {
    "int": _to_int,
    "double": _to_double,
    "bool": _to_bool,
    "string": str,
    "list": _to_list,
    "object": _to_object,
}
