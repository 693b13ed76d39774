"""Bodies of users."""

from __future__ import annotations

from datetime import datetime

from pydantic import AliasChoices, Field

from pfstudio.accounts.actor import Role
from pfstudio.server.schemas.auth import GivenName, GivenPassword
from pfstudio.server.schemas.base import Schema


class UserCreate(Schema):
    """A new user."""

    username: GivenName
    password: GivenPassword
    role: Role


class UserRead(Schema):
    """A user. `folder` is the share path of their flows. Only admins are told of sign-ins and passwords."""

    username: str
    role: Role
    created: datetime = Field(validation_alias=AliasChoices("created_at", "created"))
    folder: str
    is_disabled: bool
    has_password: bool | None
    last_sign_in_at: datetime | None

    def for_others(self) -> UserRead:
        """What everybody may see."""
        return self.model_copy(update={"has_password": None, "last_sign_in_at": None})


class UserList(Schema):
    """All users by name."""

    users: list[UserRead]


class UserUpdate(Schema):
    """Another role, or disabling or enabling; what is left out stays."""

    role: Role | None = None
    is_disabled: bool | None = None


class LinkMade(Schema):
    """A link to hand on. It is shown this once and works once."""

    link: str
    expires_at: datetime


class InvitationCreate(Schema):
    """Who is invited: a role, a user name where it is not theirs to choose, and for how many days."""

    role: Role
    username: GivenName | None = None
    expires_in_days: int = 7


class InvitationRead(Schema):
    """An open invitation."""

    id: str
    role: Role
    username: str | None
    invited_by: str = Field(validation_alias=AliasChoices("inviter_name", "invited_by"))
    created_at: datetime
    expires_at: datetime


class InvitationMade(InvitationRead):
    """A new invitation with its link, which is shown this once."""

    link: str


class InvitationList(Schema):
    """Open invitations, the newest first."""

    invitations: list[InvitationRead]
