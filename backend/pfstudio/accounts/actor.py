"""Who is asking, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pfstudio.accounts.errors import AdminRequiredError, AuthorRequiredError, NotYourFolderError


class Role(StrEnum):
    """A viewer reads, an author also writes below their own folder, an admin writes everywhere."""

    VIEWER = "viewer"
    AUTHOR = "author"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user. Everyone signed in may read the whole share."""

    username: str
    role: Role

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    def may_write(self, owner: str) -> bool:
        """Whether this actor may change what lies below `Users/<owner>`."""
        return self.is_admin or (self.role is Role.AUTHOR and self.username == owner)

    def require_write(self, owner: str) -> None:
        """Refuse unless `may_write(owner)`.

        Raises:
            AuthorRequiredError: a viewer changes nothing at all.
            NotYourFolderError: the folder belongs to somebody else.
        """
        if self.role is Role.VIEWER:
            raise AuthorRequiredError(self.username)
        if not self.may_write(owner):
            raise NotYourFolderError(owner)

    def require_author(self) -> None:
        """Refuse viewers.

        Raises:
            AuthorRequiredError: the actor is a viewer.
        """
        if self.role is Role.VIEWER:
            raise AuthorRequiredError(self.username)

    def require_admin(self) -> None:
        """Refuse everyone but admins.

        Raises:
            AdminRequiredError: the actor is no admin.
        """
        if not self.is_admin:
            raise AdminRequiredError(self.username)
