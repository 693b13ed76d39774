"""Bodies of signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

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
    """The secret of a one-time link, with what its page asked for: a user name to choose, a password to set."""

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
    """Whom a link signs in, and what they still have to say. The name is empty where an invitation leaves it open."""

    username: str
    purpose: Literal["sign_in", "reset", "invitation"]
    may_choose_name: bool
    must_set_password: bool
    role: Role
    invited_by: str | None = None


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
