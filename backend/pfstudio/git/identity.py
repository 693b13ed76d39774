"""The name and address that a user's commits bear."""

from __future__ import annotations

from dataclasses import dataclass

from pfstudio.git.errors import IdentityRefusedError

_FORBIDDEN = frozenset("<>\n\r\0")


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    address: str
    is_default: bool = False

    def variables(self) -> dict[str, str]:
        """What git takes them from."""
        return {
            "GIT_AUTHOR_NAME": self.name,
            "GIT_AUTHOR_EMAIL": self.address,
            "GIT_COMMITTER_NAME": self.name,
            "GIT_COMMITTER_EMAIL": self.address,
        }


def usual_identity(username: str) -> Identity:
    """What stands in commits of somebody who never said otherwise."""
    return Identity(username, f"{username}@localhost", is_default=True)


def checked_identity(name: str, address: str) -> Identity:
    """An identity that git takes.

    Raises:
        IdentityRefusedError: it cannot stand in a commit.
    """
    for what, value in (("name", name), ("address", address)):
        # Git drops these at both ends, and refuses what is empty then.
        if _FORBIDDEN & set(value) or not value.isprintable() or not value.strip(" .,:;\"'\\"):
            raise IdentityRefusedError(what)
    return Identity(name.strip(), address.strip())
