"""What the engine needs from outside, as Protocols. Adapters live in `connections`, `sandbox`, `sdk`, `server`."""

from __future__ import annotations

from typing import Protocol

from pfstudio.connections.types import Connection
from pfstudio.engine.results import NodeRun


class ConnectionSource(Protocol):
    """Where connections come from."""

    def get(self, name: str) -> Connection:
        """The connection with its secrets.

        Raises:
            ConnectionNotFoundError: no connection has this name.
        """


class RunObserver(Protocol):
    """Told what happens while a line runs, from any thread; must return at once and never raise."""

    def node_started(self, node: str, index: int | None) -> None: ...

    def node_finished(self, run: NodeRun) -> None: ...

    def log(self, level: str, message: str, node: str | None = None) -> None: ...

    def output_chunk(self, node: str, text: str) -> None:
        """A piece of a streamed model answer."""
