"""Batch runs: the lines of a run executed by worker processes, one line at a time in each.

`run_batch` hands lines out, hears results, replaces workers that die and aggregates at the end. It writes nothing:
every finished line goes to the caller's `LineSink` as one JSON document, made in the worker.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from pfstudio.engine.ports import ConnectionSource
from pfstudio.engine.results import RunError

if TYPE_CHECKING:
    from pfstudio.sandbox.batch_processes import Processes

BatchStatus: TypeAlias = Literal["Completed", "Failed", "Canceled"]
DEFAULT_LINE_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class ModelCalls:
    """Where model calls are answered from (`reuse`, `replay`) and kept (`record`, `keep`); None is off.

    `keep` only keeps what a later run with `reuse` of the same folder answers from.
    """

    reuse: Path | None = None
    record: Path | None = None
    replay: Path | None = None
    keep: Path | None = None


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What to run. `flow` is a file inside the run's working copy.

    `lines` are `(line_number, inputs)`; the sequence may make them on access, so that a large file is not held as
    objects. `finished` are the records of lines done before (on resume); only aggregation uses them. Times are in
    seconds. `workers` fixes their number; None starts with a few and grows while lines wait. Images that lines produce
    are written below `output_folder`.
    """

    flow: Path
    run_id: str
    connections: ConnectionSource
    lines: Sequence[tuple[int, Mapping[str, Any]]]
    variant: str | None = None
    node_overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    init: Mapping[str, Any] = field(default_factory=dict)
    finished: Sequence[Mapping[str, Any]] = ()
    line_timeout: float | None = DEFAULT_LINE_TIMEOUT
    batch_timeout: float | None = None
    workers: int | None = None
    model_calls: ModelCalls = ModelCalls()
    output_folder: Path | None = None


class LineSink(Protocol):
    """Takes what a batch produces. Called from the thread that called `run_batch` and no other."""

    def line_finished(self, record: bytes) -> None:
        """One line's record: a JSON document without a newline. Lines come in the order they finish."""

    def log(self, level: str, message: str) -> None:
        """A sentence of the engine, or text that a node printed."""

    def progress(self, done: int, failed: int, total: int) -> None:
        """How many lines have ended, and how many of them failed; called after each group of lines."""


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """How a batch ended. `error` is why the run as a whole failed; failed lines alone leave it Completed.

    `aggregation_errors` are `{"aggregation_node_name", "error"}`, `system_metrics` the original's keys: tokens,
    `duration`, and counts of lines and nodes below `__pf__`.
    """

    status: BatchStatus
    error: RunError | None = None
    completed: int = 0
    failed: int = 0
    metrics: Mapping[str, Any] = field(default_factory=dict)
    aggregation_records: Sequence[Mapping[str, Any]] = ()
    aggregation_errors: Sequence[Mapping[str, Any]] = ()
    system_metrics: Mapping[str, float | int] = field(default_factory=dict)


def start_workers() -> Processes:
    """Begin to start processes now, so that they are there once data and flow are read. Returns at once.

    Give the answer to `run_batch`, which makes them end; close it afterwards to know that they have.
    """
    from pfstudio.sandbox.batch_processes import start

    return start()


def run_batch(
    request: BatchRequest, sink: LineSink, *, cancel: threading.Event, workers: Processes | None = None
) -> BatchOutcome:
    """Execute the lines, then the aggregation nodes over those that succeeded.

    Setting `cancel`, or Ctrl-C in the thread that runs this, ends it within two seconds as Canceled; finished lines
    have been given to the sink. A flow that cannot be loaded, or a batch over its time, is an outcome with an error.
    What the sink raises ends the batch and is raised from here.
    """
    from pfstudio.sandbox.batch_loop import BatchLoop
    from pfstudio.sandbox.batch_processes import start

    processes = workers or start()
    try:
        return BatchLoop(request, sink, processes, cancel).run()
    finally:
        if workers is None:
            processes.close()
