"""What network flows and terminals have: what the settings say, as far as this machine can give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pfstudio.sandbox.network import Rules

if TYPE_CHECKING:
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
        return f"{isolation.network}, except {', '.join(settings.model_servers)}"
    return isolation.network


def _is_limited(settings: Settings, isolation: Isolation) -> bool:
    return settings.flow_network == "limited" and isolation.network_limit is None
