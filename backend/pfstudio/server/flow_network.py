"""What network flows and terminals have: what the settings say, as far as this machine can give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pfstudio.connections.testing import ConnectionTrial, try_connection
from pfstudio.flows.model_servers import is_public, server_of
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.errors import InvalidConnectionType
from pfstudio.sandbox.network import Rules

if TYPE_CHECKING:
    from pfstudio.connections.types import Connection
    from pfstudio.sandbox.isolation import Isolation, Network
    from pfstudio.server.settings import Settings


def network_of(settings: Settings, isolation: Isolation) -> tuple[Network, Rules]:
    """For a sandbox: its kind of network, and what a limited one lets through."""
    allowed = []
    for name in settings.model_servers:
        host, _, port = name.rpartition(":")
        allowed.append((host.strip("[]"), int(port)))
    rules = Rules(tuple(allowed), settings.port)
    return ("limited" if _is_limited(settings, isolation) else "host"), rules


def describe_network(settings: Settings, isolation: Isolation) -> str:
    """For the status page."""
    if isolation.network_limit is None and not _is_limited(settings, isolation):
        return "host: everything that this machine reaches, itself included, as PFSTUDIO_FLOW_NETWORK says"
    if settings.model_servers and _is_limited(settings, isolation):
        servers = ", ".join(settings.model_servers)
        return (
            f"limited: the public internet and {servers}; nothing else of this machine, private or metadata addresses"
        )
    return isolation.network


def try_as_flows(
    settings: Settings, isolation: Isolation, connection: Connection, *, by_admin: bool
) -> ConnectionTrial:
    """Try a connection, but ask no server that flows would not reach: the studio asks in place of its author.

    `by_admin` says that an admin made it, which lets flows reach its server.
    """
    try:
        server = server_of(endpoint_of(connection).base_url)
    except InvalidConnectionType:
        server = None
    if server is None or not _is_limited(settings, isolation) or _is_reached(settings, server, by_admin=by_admin):
        return try_connection(connection)
    sentence = (
        f"Flows do not reach {server[0]}:{server[1]}: it is on the studio's machine or in a private network. An admin "
        "can allow it by making the connection, or with PFSTUDIO_MODEL_SERVERS."
    )
    return ConnectionTrial(False, 0, sentence, [])


def _is_reached(settings: Settings, server: tuple[str, int], *, by_admin: bool) -> bool:
    host, port = server
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    is_named = by_admin or named in settings.model_servers
    return (is_named and port != settings.port) or is_public(server)


def _is_limited(settings: Settings, isolation: Isolation) -> bool:
    return settings.flow_network == "limited" and isolation.network_limit is None
