"""How a flow that is called as a function runs: other connections, a variant, other values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pfstudio.connections.types import Connection, is_placeholder
from pfstudio.errors import UserErrorException


class FlowContext:
    """Settings of a flow function. Two with equal settings are equal.

    `connections`: `{"node": {"connection": name or object, "deployment_name": …}}`; `variant`: `${node.variant}`;
    `overrides`: values by dotted path, nodes by name (`nodes.draft.inputs.temperature`); with `streaming`, outputs may
    be generators.
    """

    def __init__(
        self,
        *,
        connections: Mapping[str, Mapping[str, Any]] | None = None,
        variant: str | None = None,
        overrides: Mapping[str, Any] | None = None,
        streaming: bool | None = None,
    ) -> None:
        self.connections: dict[str, Any] = dict(connections or {})
        self.variant = variant
        self.overrides: dict[str, Any] = dict(overrides or {})
        self.streaming = streaming

    def connection_objects(self) -> dict[str, Connection]:
        """The connections given as objects, by the name their nodes get for them.

        Raises:
            UserErrorException: one of them has its secrets hidden.
        """
        objects = {}
        for fields in self.connections.values():
            for value in fields.values() if isinstance(fields, Mapping) else ():
                if isinstance(value, Connection):
                    _check_secrets(value)
                    objects[object_name(value)] = value
        return objects

    def node_overrides(self) -> dict[str, Any]:
        """The connections with names in the place of objects."""
        return self._connections_as(object_name)

    def key(self) -> str:
        """Text that is equal for equal settings.

        Raises:
            TypeError: an override is not JSON.
        """
        if not (self.connections or self.overrides or self.variant or self.streaming is not None):
            return ""  # Nearly every call.
        connections = self._connections_as(lambda connection: connection.to_fields(with_secrets=True))
        return json.dumps([connections, self.variant, self.overrides, self.streaming], sort_keys=True)

    def _connections_as(self, form: Callable[[Connection], Any]) -> dict[str, Any]:
        return {
            node: {key: form(value) if isinstance(value, Connection) else value for key, value in fields.items()}
            if isinstance(fields, Mapping)
            else fields
            for node, fields in self.connections.items()
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FlowContext) and self._settings() == other._settings()

    def __hash__(self) -> int:
        return hash(self.key())

    def _settings(self) -> tuple[Any, ...]:
        return self.connections, self.variant, self.overrides, self.streaming


def object_name(connection: Connection) -> str:
    """The name by which a node finds a connection that was given as an object."""
    return f"connection_{id(connection)}" if not connection.name else f"connection_{connection.name}_{id(connection)}"


def _check_secrets(connection: Connection) -> None:
    hidden = [name for name, value in connection.secrets.items() if value is not None and is_placeholder(value)]
    if hidden:
        raise UserErrorException(
            f"Connection {connection.name} contains scrubbed secrets with key {hidden}, please make sure connection "
            "has decrypted secrets to use in flow execution."
        )
