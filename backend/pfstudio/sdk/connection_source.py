"""Connections for flows that run in this process."""

from __future__ import annotations

from functools import cache
from typing import Any

from pfstudio.engine.ports import ConnectionSource


@cache
def local_connections() -> ConnectionSource:
    """The connections of this user's home folder, and the built-in demo model."""
    from pfstudio.connections.local_store import LocalConnections, pf_home

    return LocalConnections(pf_home())


class LazyConnections:
    """Opens the store with the first connection that is asked for: most flows ask for none."""

    def get(self, name: str) -> Any:
        return local_connections().get(name)
