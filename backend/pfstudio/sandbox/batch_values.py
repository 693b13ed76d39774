"""Live values on their way from the worker that ran a line to the one that aggregates.

Values that JSON gives back exactly as they were travel as JSON, others pickled; only workers, which run the user's code
anyway, ever unpack them.
"""

from __future__ import annotations

import base64
import pickle
from typing import Any

from pfstudio.engine.serialize import json_safe

_MAX_DEPTH = 100


def packed(value: Any) -> dict[str, Any]:
    """A value as an opaque JSON object. What cannot be pickled is sent as a record would show it."""
    if _is_exact(value, 0):
        return {"json": value}
    try:
        data = pickle.dumps(value, protocol=4)
    except Exception:  # Whatever a class of the user's raises when it is pickled.
        return {"json": json_safe(value)}
    return {"pickle": base64.b64encode(data).decode("ascii")}


def unpacked(item: dict[str, Any]) -> Any:
    """The value again. Runs code that the packed value names: for workers only."""
    if "pickle" in item:
        return pickle.loads(base64.b64decode(item["pickle"]))  # noqa: S301 - written by a worker of the same run.
    return item["json"]


def _is_exact(value: Any, depth: int) -> bool:
    kind = type(value)
    if kind in (str, int, float, bool, type(None)):
        return True
    if depth > _MAX_DEPTH:
        return False
    if kind is list:
        return all(_is_exact(item, depth + 1) for item in value)
    if kind is dict:
        return all(type(key) is str and _is_exact(item, depth + 1) for key, item in value.items())
    return False
