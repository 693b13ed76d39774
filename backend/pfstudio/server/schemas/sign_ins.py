"""Bodies of sessions and personal tokens."""

from __future__ import annotations

from datetime import datetime

from pfstudio.accounts.tokens import TokenScope
from pfstudio.server.schemas.base import Schema


class SignedInRead(Schema):
    """A browser that is signed in. `is_this` marks the one that asks; `browser` is what it says of itself."""

    id: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime
    address: str
    browser: str
    is_this: bool


class SignedInList(Schema):
    """The browsers in which one is signed in, those used last first."""

    sessions: list[SignedInRead]


class SignOut(Schema):
    """Whether personal tokens are taken back as well."""

    tokens: bool = False


class PersonalTokenCreate(Schema):
    """A new token: what it is for, what it may do, and for how many days."""

    name: str
    scope: TokenScope
    expires_in_days: int = 90


class PersonalTokenRead(Schema):
    """A personal token, without its secret."""

    id: str
    name: str
    scope: TokenScope
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    is_this: bool = False


class PersonalTokenMade(PersonalTokenRead):
    """A new token with its secret, which is shown this once."""

    token: str


class PersonalTokenList(Schema):
    """One's own tokens, those used last first."""

    tokens: list[PersonalTokenRead]
