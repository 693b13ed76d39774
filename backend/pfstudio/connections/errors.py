"""What can go wrong with the studio's connections, beside what `connections.types` says of their fields."""

from __future__ import annotations

from pfstudio.connections.types import ConnectionNotFoundError, InvalidConnectionError
from pfstudio.errors import ConflictError, ForbiddenError, UnavailableError

__all__ = [
    "BuiltInConnectionError",
    "ConnectionExistsError",
    "ConnectionNotFoundError",
    "InvalidConnectionError",
    "SecretsUnreadableError",
]


class ConnectionExistsError(ConflictError):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is already a connection '{name}'.")
        self.name = name


class BuiltInConnectionError(ForbiddenError):
    def __init__(self, name: str) -> None:
        super().__init__(f"The connection '{name}' is the studio's own and cannot be changed.")
        self.name = name


class SecretsUnreadableError(UnavailableError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"The secrets of connection '{name}' cannot be read: they were encrypted with another key. Start the "
            "studio with the former secret.key or PFSTUDIO_SECRET_KEY, or enter the secrets again."
        )
        self.name = name
