"""What the engine needs from outside, as Protocols. Adapters live in `connections`, `sandbox`, `sdk`, `server`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pfstudio.connections.types import Connection
from pfstudio.engine.results import AggregationResult, LineResult, NodeRun
from pfstudio.flow.kinds import FlowKind
from pfstudio.flow.spec import Flow


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


class LineExecutor(Protocol):
    """A loaded flow of any kind: it runs lines, then aggregates them. Close it when done."""

    @property
    def kind(self) -> FlowKind: ...

    @property
    def flow(self) -> Flow:
        """What is known of the flow; a flex flow and a prompty have inputs and outputs, but no nodes."""

    @property
    def folder(self) -> Path:
        """Where the flow runs: its folder, or a working copy of it."""

    @property
    def has_aggregation(self) -> bool: ...

    @property
    def is_object(self) -> bool:
        """Whether lines are calls of an object that was made when the flow was loaded (of a flex flow's class)."""

    def run_line(
        self,
        inputs: Mapping[str, Any],
        *,
        index: int | None = 0,
        streaming: bool = False,
        timeout: float | None = None,
    ) -> LineResult:
        """Execute the flow once. A flow that fails is a result with status Failed; nothing is raised for it."""

    def run_aggregation(self, lines: Sequence[LineResult]) -> AggregationResult:
        """Aggregate the successful lines; nothing runs where none succeeded."""

    def cancel(self) -> None:
        """End the lines that run now; their results have the status Canceled."""

    def close(self) -> None: ...

    def __enter__(self) -> LineExecutor: ...

    def __exit__(self, *_: object) -> None: ...
