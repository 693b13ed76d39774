"""Connections for flows that run in this process."""

from __future__ import annotations

from functools import cache
from typing import Any

from pfstudio.connections.demo import DEMO_CONNECTION
from pfstudio.engine.ports import ConnectionSource
from pfstudio.sdk.configuration import Configuration


@cache
def local_connections() -> ConnectionSource:
    """The connections of this user's home folder, and the built-in demo model."""
    from pfstudio.connections.local_store import LocalConnections, pf_home

    return LocalConnections(pf_home())


class LazyConnections:
    """Opens the store with the first connection that is asked for: most flows ask for none.

    Settings that want connections from elsewhere are refused then, not before.
    """

    def __init__(self, configuration: Configuration | None = None) -> None:
        self._configuration = configuration

    def get(self, name: str) -> Any:
        if name != DEMO_CONNECTION:
            (self._configuration or Configuration()).require_local_connections()
        return local_connections().get(name)
