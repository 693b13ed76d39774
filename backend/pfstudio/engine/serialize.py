"""Live Python values as JSON values, for records and events."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

from pfstudio.connections.types import Connection
from pfstudio.engine.media import Media, is_media
from pfstudio.engine.streams import StreamedOutput, StreamReader
from pfstudio.kit.json_values import JsonValue

_MAX_DEPTH = 200
_TOO_DEEP = "the value is nested too deep"
# Most of what a record holds. Exactly these types, none made from them, so nothing about them needs a look.
_PLAIN = frozenset((str, int, bool, type(None)))


class NotJsonSafeError(TypeError):
    """The value, or something inside it, has no JSON form."""


def json_safe(value: Any, *, finite: bool = False, media: Media | None = None) -> JsonValue:
    """The value as JSON has it; what JSON cannot hold is shown by its `repr`.

    Connections are their names, pieces of a stream a list. Images are what `media` makes of them, without one a short
    text. `finite` turns NaN and infinities, which are no JSON, into null.
    """
    if type(value) in _PLAIN:
        plain: JsonValue = value
        return plain
    try:
        return _convert(value, finite, media, 0)
    except NotJsonSafeError:
        return shown(value)


def json_safe_fields(
    values: Mapping[str, Any], *, finite: bool = False, media: Media | None = None
) -> dict[str, JsonValue]:
    """Like `json_safe` for each value of a mapping on its own."""
    return {str(key): json_safe(value, finite=finite, media=media) for key, value in values.items()}


def to_json(value: Any, *, finite: bool = False, media: Media | None = None) -> JsonValue:
    """The value as JSON has it.

    Raises:
        NotJsonSafeError: it holds something that JSON cannot.
    """
    return _convert(value, finite, media, 0)


def dump(value: Any, *, indent: int | None = None) -> str:
    """JSON text of a converted value. NaN stays bare, as the original wrote it."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _convert(value: Any, finite: bool, media: Media | None, depth: int) -> JsonValue:
    if type(value) in _PLAIN:
        plain: JsonValue = value
        return plain
    if value is None or isinstance(value, (bool, int, str)):
        return _scalar(value) if media is None or not is_media(value) else media.wire(value)
    if isinstance(value, float):
        return None if finite and not math.isfinite(value) else float(value)
    if depth > _MAX_DEPTH:
        raise NotJsonSafeError(_TOO_DEEP)
    if isinstance(value, Mapping):
        return {_key(key): _convert(item, finite, media, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_convert(item, finite, media, depth + 1) for item in value]
    if isinstance(value, (StreamedOutput, StreamReader)):
        items = value.items if isinstance(value, StreamedOutput) else value.stream.items
        return [_convert(item, finite, media, depth + 1) for item in items]
    if isinstance(value, Connection):
        return value.name
    if is_media(value):
        return str(value) if media is None else media.wire(value)
    raise NotJsonSafeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _scalar(value: str | int | None) -> JsonValue:
    # Subclasses (prompts, enums) become their plain base, so that any writer takes them.
    if isinstance(value, Enum):
        return _scalar(value.value)
    if value is None or isinstance(value, bool):
        return value
    return str(value) if isinstance(value, str) else int(value)


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key if type(key) is str else str(key)
    if key is None or isinstance(key, (bool, int, float)):
        return str(json.loads(json.dumps({key: 0}).partition(":")[0][1:]))
    raise NotJsonSafeError(f"keys must be text or numbers, not {type(key).__name__}")


def shown(value: Any) -> str:
    """The `repr` of a value, also where the value's own code for that fails."""
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
