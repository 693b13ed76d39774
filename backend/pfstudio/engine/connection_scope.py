"""The connections of the flow that runs now, for users' code that asks for one by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pfstudio.engine.ports import ConnectionSource

_current: ContextVar[ConnectionSource | None] = ContextVar("pfstudio_connections", default=None)


@contextmanager
def connections_in_scope(connections: ConnectionSource) -> Iterator[None]:
    """Code that runs inside finds these connections."""
    token = _current.set(connections)
    try:
        yield
    finally:
        _current.reset(token)


def current_connections() -> ConnectionSource | None:
    """The connections of the flow that runs now, None outside of flows."""
    return _current.get()
