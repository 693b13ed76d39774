"""`PFClient.connections`."""

from __future__ import annotations

import copy
from typing import Any

from pfstudio.connections.base import RECORD_FIELDS
from pfstudio.connections.local_store import LocalConnections
from pfstudio.connections.types import SCRUBBED, Connection, CustomConnection, InvalidConnectionError
from pfstudio.flow.errors import ValidationException


class ConnectionOperations:
    """The connections of this user."""

    def __init__(self, store: LocalConnections) -> None:
        self._store = store

    def list(self, max_results: int = 50, all_results: bool = False) -> list[Connection]:
        """The stored connections, oldest first."""
        found = self._store.list()
        return found if all_results else found[:max_results]

    def get(self, name: str, with_secrets: bool = True, **_: Any) -> Connection:
        """The connection of that name, also one that only the environment describes.

        Raises:
            ConnectionNotFoundError: there is none.
        """
        found = self._store.show(name)
        return found if with_secrets else _scrubbed(found)

    def create_or_update(self, connection: Connection, **_: Any) -> Connection:
        """Store a connection; secrets shown as `******` keep the value that is stored.

        Raises:
            ConnectionNameNotSetError: it has no name.
            ValidationException: a secret is missing, or a field is wrong.
        """
        try:
            return self._store.create_or_update(connection)
        except InvalidConnectionError as error:
            raise ValidationException(error.message) from error

    def delete(self, name: str) -> bool:
        """Forget a connection; whether there was one. A name nobody knows is no error."""
        return self._store.delete(name)


def connection_record(connection: Connection) -> dict[str, Any]:
    """The connection as `pf` prints it: nulls left out, secrets scrubbed."""
    fields = connection.to_fields(with_secrets=False)
    shown = [key for key in fields if connection.is_secret(key)]
    head = [key for key in ("name", "module", *RECORD_FIELDS, "type") if key in fields]
    record = {key: fields[key] for key in dict.fromkeys([*head, *shown, *fields])}
    if isinstance(connection, CustomConnection) and connection.custom_type:
        for key in ("custom_type", "package", "package_version"):
            record.pop(key, None)
        record["module"] = "promptflow.connections"
        record["configs"] = dict(connection.configs)
    if "auth_mode" in record:
        record = {"auth_mode": record.pop("auth_mode"), **record}
    return record


def _scrubbed(connection: Connection) -> Connection:
    shown = copy.copy(connection)
    shown.configs = dict(connection.configs)
    shown.secrets = dict.fromkeys(connection.secrets, SCRUBBED)
    return shown
