"""Names for things that have none of their own."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u.


def new_id(length: int = 16) -> str:
    """A random id of `length` characters (5 bits each), safe in paths and addresses."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
