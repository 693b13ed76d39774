"""What tests of flows need: the samples, connections that are known, an observer that keeps what it is told."""

from __future__ import annotations

from pathlib import Path

from pfstudio.connections.types import Connection, ConnectionNotFoundError
from pfstudio.engine.results import NodeRun

SAMPLES = Path(__file__).parent / "flows"
TOOL = "from promptflow.core import tool\n\n\n@tool\n"


class KnownConnections:
    """A connection source that has what the test put in."""

    def __init__(self, *known: Connection) -> None:
        self._known = {str(connection.name): connection for connection in known}

    def get(self, name: str) -> Connection:
        if name not in self._known:
            raise ConnectionNotFoundError(name)
        return self._known[name]


class Recorder:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.finished: list[NodeRun] = []
        self.logs: list[tuple[str, str, str | None]] = []
        self.chunks: list[tuple[str, str]] = []

    def node_started(self, node: str, index: int | None) -> None:
        self.started.append(node)

    def node_finished(self, run: NodeRun) -> None:
        self.finished.append(run)

    def log(self, level: str, message: str, node: str | None = None) -> None:
        self.logs.append((level, message, node))

    def output_chunk(self, node: str, text: str) -> None:
        self.chunks.append((node, text))
