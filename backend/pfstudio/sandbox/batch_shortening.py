"""Traces of large values: a record has each value once for its node, and only its beginning in the calls below.

Otherwise a line of 50 MB would become a record of 300.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_LARGE = 200_000
_KEPT = 2_000
_DEPTH = 6


def shorten_calls(calls: Sequence[Any] | None) -> None:
    """Cut long texts in `api_calls`, and in the calls below them, to their beginning."""
    for call in calls or ():
        call["inputs"] = _shortened(call.get("inputs"), _DEPTH)
        call["output"] = _shortened(call.get("output"), _DEPTH)
        shorten_calls(call.get("children"))


def _shortened(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _LARGE else f"{value[:_KEPT]}… ({len(value)} characters)"
    if depth and isinstance(value, dict):
        fields = {key: _shortened(item, depth - 1) for key, item in value.items()}
        # The same object where nothing in it is long: other parts of the record may hold it, too.
        return fields if any(fields[key] is not item for key, item in value.items()) else value
    if depth and isinstance(value, list):
        items = [_shortened(item, depth - 1) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value
