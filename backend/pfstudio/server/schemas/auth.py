"""Bodies of signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from pfstudio.accounts.actor import Role
from pfstudio.server.schemas.base import Schema

GivenName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
GivenToken = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Credentials(Schema):
    """A user name and its password."""

    username: GivenName
    password: GivenPassword


class LinkUse(Schema):
    """The secret of a one-time link. At the first sign-in it may come with another user name and a password."""

    token: GivenToken
    username: GivenName | None = None
    password: GivenPassword | None = None


class PasswordChange(Schema):
    """The current password, which who has none yet leaves out, and the new one."""

    current: GivenPassword | None = None
    new: GivenPassword


class LinkToken(Schema):
    """The secret of a one-time link."""

    token: GivenToken


class LinkRead(Schema):
    """Whom a link signs in, and whether they may still choose their name."""

    username: str
    purpose: str
    may_choose_name: bool


class IsolationRead(Schema):
    """Whether flows are kept from the machine and from each other; `note` is a sentence when they are not."""

    active: bool
    note: str | None


class StudioRead(Schema):
    """What the pages need to know about the studio itself."""

    version: str
    isolation: IsolationRead
    share_root: str


class SessionRead(Schema):
    """Who is signed in. Requests that change something send `csrf_token` in the header `X-CSRF-Token`."""

    username: str
    role: Role
    csrf_token: str
    studio: StudioRead


class TokenRead(Schema):
    """A new personal token. It is shown this once."""

    token: str
    expires_at: datetime
