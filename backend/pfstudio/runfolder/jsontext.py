"""JSON as records have it: fast where it can be, exact always."""

from __future__ import annotations

import json
from typing import Any

# What the fast reader would change: whole numbers beyond 64 bits become floats. Found by making all digits one, which
# is many times faster than a pattern.
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19


def decode(document: bytes) -> Any:
    """The value of a JSON document; bare NaN and infinities are read too.

    Raises:
        ValueError: it is not JSON.
    """
    import orjson

    if _LONG_NUMBER not in document.translate(_DIGITS):
        try:
            return orjson.loads(document)
        except ValueError:
            pass  # NaN, a lone surrogate: the slower reader takes them. What is no JSON it refuses as well.
    return json.loads(document)


def encode(value: Any, *, indent: int | None = None) -> bytes:
    """The value as JSON text in UTF-8; NaN stays bare, as the original wrote it."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # A lone surrogate is text to Python and JSON, but not to UTF-8.
        return json.dumps(value, indent=indent).encode("ascii")
