"""Random secrets that stand for a user, and what is stored of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from enum import StrEnum

ACCESS_TOKEN_PREFIX = "pfs_"  # noqa: S105 - a mark by which scanners recognize a leaked token, no secret.
_LONGEST = 200


class TokenScope(StrEnum):
    """What a personal token is good for. `server.auth` holds every request against it, there and nowhere else.

    A `read` token reads (and clones), a `write` token does all that its user may, a `git` token only clones and pushes.
    """

    READ = "read"
    WRITE = "write"
    GIT = "git"


def new_token(prefix: str = "") -> tuple[str, str]:
    """A secret of 256 random bits, and its hash."""
    token = prefix + secrets.token_urlsafe(32)
    return token, _hash(token)


def hash_token(token: str) -> str | None:
    """What is stored of a token. None for what can be no token: nothing, blanks, far too long, not ASCII.

    A plain hash is enough, since the token itself is random.
    """
    if not token or len(token) > _LONGEST or not token.isascii() or token.strip() != token:
        return None
    return _hash(token)


def csrf_token(session_token: str) -> str:
    """The value that this browser session's pages send in `X-CSRF-Token`; nobody can make it without the cookie."""
    return hmac.new(session_token.encode(), b"pfstudio csrf", hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
