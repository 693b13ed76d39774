"""Servers on the studio's machine, or in its private network, that a flow reaches because an admin has named them.

A limited network keeps flows away from those. A connection that an admin made, for the workspace or for themselves,
says that its server is meant to be reached by what gets the connection.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pfstudio.flows.git_address import is_allowed
from pfstudio.sandbox.network import own_addresses

Server = tuple[str, int]
"""Host and port."""


def servers_of(connections: Iterable[Mapping[str, Any]]) -> frozenset[Server]:
    """The servers that these connections name and that are not public; each connection as flat fields."""
    named = {server for fields in connections for text in _texts(fields) if (server := server_of(text)) is not None}
    return frozenset(server for server in named if not is_public(server))


def server_of(address: str) -> Server | None:
    """Host and port of an HTTP address; None where the text is none."""
    if not address.startswith(("http://", "https://")):
        return None
    try:
        place = urlsplit(address)
        port = place.port or (443 if place.scheme == "https" else 80)
    except ValueError:
        return None
    return (place.hostname, port) if place.hostname else None


def is_public(server: Server) -> bool:
    """Whether all addresses of a server are public, or it has none."""
    host, port = server
    own = {ipaddress.ip_network(text).network_address for text in own_addresses()}
    addresses = [ipaddress.ip_address(text) for text in _addresses(host, port)]
    return all(is_allowed(address, private=False) and address not in own for address in addresses)


def _texts(fields: Mapping[str, Any]) -> Iterator[str]:
    for value in (*fields.values(), *(fields.get("configs") or {}).values()):
        if isinstance(value, str):
            yield value


@functools.lru_cache(maxsize=256)
def _addresses(host: str, port: int) -> tuple[str, ...]:
    """Looked up once: whoever moves a server starts the studio again."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple({str(entry[4][0]).partition("%")[0] for entry in found})
