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
    """A user. `folder` is the share path of their flows."""

    username: str
    role: Role
    created: datetime = Field(validation_alias=AliasChoices("created_at", "created"))
    folder: str


class UserList(Schema):
    """All users by name."""

    users: list[UserRead]
