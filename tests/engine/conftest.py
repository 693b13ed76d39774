"""Flows to run: the samples of `tests/flows`, and folders written on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pfstudio.connections.types import Connection, ConnectionNotFoundError
from pfstudio.engine.executor import FlowExecutor
from pfstudio.engine.results import NodeRun

SAMPLES = Path(__file__).parent.parent / "flows"
TOOL = "from promptflow.core import tool\n\n\n@tool\n"

LoadFlow = Callable[..., FlowExecutor]
WriteFlow = Callable[..., Path]


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


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def load_flow() -> Iterator[LoadFlow]:
    """Loads a sample by its name, or any folder; closes it after the test."""
    opened: list[FlowExecutor] = []

    def load(flow: str | Path, *known: Connection, **options: Any) -> FlowExecutor:
        folder = SAMPLES / flow if isinstance(flow, str) else flow
        opened.append(FlowExecutor.load(folder, connections=KnownConnections(*known), **options))
        return opened[-1]

    yield load
    for executor in opened:
        executor.close()


@pytest.fixture
def write_flow(tmp_path: Path) -> WriteFlow:
    """Writes a flow folder: its YAML, and files by their path."""

    def write(yaml: str, files: Mapping[str, str] | None = None, *, name: str = "a_flow") -> Path:
        folder = tmp_path / name
        for path, content in {"flow.dag.yaml": yaml, **(files or {})}.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        return folder

    return write
