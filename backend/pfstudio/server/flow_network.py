"""What network flows and terminals have: what the settings say, as far as this machine can give it."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pfstudio.connections.testing import ConnectionTrial, try_connection
from pfstudio.flows.git_address import is_allowed
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.errors import InvalidConnectionType
from pfstudio.sandbox.network import Rules, own_addresses

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


def try_as_flows(settings: Settings, isolation: Isolation, connection: Connection) -> ConnectionTrial:
    """Try a connection, but ask no server that flows would not reach: the studio asks in place of its author."""
    try:
        place = urlsplit(endpoint_of(connection).base_url)
    except InvalidConnectionType:
        return try_connection(connection)
    host, port = place.hostname or "", place.port or (443 if place.scheme == "https" else 80)
    if _is_limited(settings, isolation) and not _is_reached(settings, host, port):
        sentence = (
            f"Flows do not reach {host}:{port}: it is on the studio's machine or in a private network. An admin can "
            "allow it with PFSTUDIO_MODEL_SERVERS."
        )
        return ConnectionTrial(False, 0, sentence, [])
    return try_connection(connection)


def _is_reached(settings: Settings, host: str, port: int) -> bool:
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if named in settings.model_servers and port != settings.port:
        return True
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError:
        return True  # Nobody is asked then, and the trial says why.
    own = {ipaddress.ip_network(text).network_address for text in own_addresses()}
    addresses = [ipaddress.ip_address(str(text).partition("%")[0]) for text in found]
    return all(is_allowed(address, private=False) and address not in own for address in addresses)


def _is_limited(settings: Settings, isolation: Isolation) -> bool:
    return settings.flow_network == "limited" and isolation.network_limit is None
