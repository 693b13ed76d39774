"""One line in a worker: run it, hear what its nodes print, send what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from json import dumps, loads
from pathlib import Path
from time import monotonic
from typing import Any

from pfstudio.engine.errors import LineExecutionTimeoutError, ToolCanceledError
from pfstudio.engine.executor import token_sum
from pfstudio.engine.failures import run_error
from pfstudio.engine.ports import LineExecutor
from pfstudio.engine.results import LineResult, NodeRun, RunStatus
from pfstudio.engine.spans import line_spans, node_spans
from pfstudio.kit.clock import utc_now
from pfstudio.models.deadline import call_deadline
from pfstudio.models.pauses import was_paused_since
from pfstudio.sandbox.batch_load import cpu_seconds
from pfstudio.sandbox.batch_records import RecordMaker
from pfstudio.tracing.spans import Span

_LOG_LETTERS = 64_000
_LONGEST_LOG = 8_000
_LEFT_OUT = "More was printed in line %d; the log leaves it out, the node's record has its beginning."
Send = Callable[..., None]


class LineRunner:
    """The observer of a worker's executor, and what makes a frame of each line. One line runs at a time.

    It hears the executor from its loading on; lines can come after `begin`.
    """

    _executor: LineExecutor
    _records: RecordMaker

    def __init__(self, setup: Mapping[str, Any], send: Send) -> None:
        self._setup = setup
        self._send = send
        self._scrub: Callable[[str], str] = str
        self._ending = threading.Lock()
        self._number: int | None = None
        self._inputs: Mapping[str, Any] = {}
        self._started = 0.0
        self._start: datetime = utc_now()
        self._cpu = 0.0
        self._running: dict[str, datetime] = {}
        self._finished: dict[str, NodeRun] = {}
        self._logs: list[tuple[str, str]] = []
        self._log_room = _LOG_LETTERS

    def begin(self, executor: LineExecutor, scrub: Callable[[str], str]) -> None:
        """The flow is loaded; lines can come."""
        self._executor = executor
        self._scrub = scrub
        folder = self._setup["output_folder"]
        self._records = RecordMaker(
            flow=executor.flow,
            run_id=self._setup["run_id"],
            has_aggregation=executor.has_aggregation,
            scrub=scrub,
            output_folder=Path(folder) if folder else None,
        )

    @property
    def running_since(self) -> float | None:
        """When the line that runs now began (`time.monotonic`)."""
        return self._started if self._number is not None else None

    @property
    def cpu_used(self) -> float:
        """Processor seconds since the line began."""
        return cpu_seconds() - self._cpu

    def run(self, number: int, inputs: Mapping[str, Any]) -> None:
        """Run one line and send its result."""
        self._running, self._finished = {}, {}
        self._inputs, self._start = inputs, utc_now()
        self._cpu, self._started = cpu_seconds(), monotonic()
        self._number = number
        limit = self._setup["line_timeout"]
        with call_deadline(None if limit is None else self._started + limit):
            try:
                result = self._executor.run_line(inputs, index=number)
            except BaseException as error:  # Even a tool's KeyboardInterrupt is that line's own.
                result = self._failed(error, RunStatus.FAILED)
        with self._ending:  # While time runs out, the watch speaks for this line and ends the process.
            self._finish(result)
            self._number = None

    def time_is_over(self, seconds: float) -> bool:
        """Record the running line as failed; False where it has just ended by itself. The caller ends the process."""
        if not self._ending.acquire(timeout=1):
            return False
        if self._number is None:
            self._ending.release()
            return False
        reason = ToolCanceledError(f"Line execution timeout after {seconds:g} seconds")
        for node in list(self._running):
            self._finished[node] = self._canceled(node, reason)
        self._finish(self._failed(LineExecutionTimeoutError(self._number, seconds), RunStatus.FAILED), leaves=True)
        return True

    def _finish(self, result: LineResult, *, leaves: bool = False) -> None:
        spans = line_spans(result, flow=self._flow_name, run=self._setup["run_id"])
        try:
            record, need = self._records.line(result, spans)
        except Exception as error:  # A value whose own code fails when it is shown.
            result = self._failed(error, RunStatus.FAILED)
            record, need = self._records.line(result, spans)
        head = {
            "event": "line",
            "number": result.index,
            "failed": result.error.message if result.error is not None else None,
            "nodes": {name: run.status.value for name, run in result.node_runs.items()},
            "usage": {name: count for name, count in result.system_metrics.items() if name != "duration"},
            "seconds": monotonic() - self._started,
            "cpu": self.cpu_used,
            "slowed": was_paused_since(self._started),
            "logs": self.take_logs(),
            "need": len(need),
            "leaves": leaves,
            "spans": self.exported(spans),
        }
        self._send(head, record + need if need else record)

    def exported(self, spans: Sequence[Span]) -> Sequence[Span]:
        """What the parent sends on to a collector, without secrets; nothing where there is no collector."""
        return loads(self._scrub(dumps(spans, default=str))) if spans and self._setup["exports_spans"] else ()

    @property
    def _flow_name(self) -> str:
        flow = self._executor.flow
        return flow.display_name or flow.name

    def aggregation_spans(self, runs: Iterable[NodeRun]) -> Sequence[Span]:
        """The spans of aggregation nodes, for a collector."""
        return self.exported(node_spans(runs, flow=self._flow_name, run=self._setup["run_id"]))

    def _failed(self, error: BaseException, status: RunStatus) -> LineResult:
        end = utc_now()
        runs = dict(self._finished)
        return LineResult(
            index=self._number,
            status=status,
            inputs=self._inputs,
            outputs={},
            start_time=self._start,
            end_time=end,
            error=run_error(error, self._executor.folder),
            node_runs=runs,
            system_metrics={"duration": (end - self._start).total_seconds(), **token_sum(runs.values())},
        )

    def _canceled(self, node: str, reason: ToolCanceledError) -> NodeRun:
        start, end = self._running[node], utc_now()
        return NodeRun(
            node=node,
            status=RunStatus.CANCELED,
            inputs={},
            output=None,
            start_time=start,
            end_time=end,
            index=self._number,
            error=run_error(reason, self._executor.folder),
            system_metrics={"duration": (end - start).total_seconds()},
        )

    # The engine's observer: called from any thread of the line.

    def node_started(self, node: str, index: int | None) -> None:
        self._running[node] = utc_now()

    def node_finished(self, run: NodeRun) -> None:
        self._running.pop(run.node, None)
        self._finished[run.node] = run

    def log(self, level: str, message: str, node: str | None = None) -> None:
        if self._log_room <= 0:
            return
        text = message if len(message) <= _LONGEST_LOG else f"{message[:_LONGEST_LOG]} …"
        self._log_room -= len(text) + 64
        if level in ("stdout", "stderr"):
            place = "" if self._number is None else f" in line {self._number} (index starts from 0)"
            text = f"[{node or 'flow'}{place}] {level}> {text}"
        if level == "warning":  # Such as a model call that waits to be tried again: its line may take long.
            self._send({"event": "log", "level": level, "message": self._scrub(text)})
            return
        self._logs.append((level, text))
        if self._log_room <= 0:
            self._logs.append(("warning", _LEFT_OUT % (self._number or 0)))

    def output_chunk(self, node: str, text: str) -> None:
        """Nobody watches a batch word by word."""

    @property
    def records(self) -> RecordMaker:
        return self._records

    def scrubbed(self, text: str) -> str:
        """Text without the secrets this worker has been given."""
        return self._scrub(text)

    def take_logs(self) -> list[tuple[str, str]]:
        """What was logged since the last time, without secrets."""
        logs, self._logs, self._log_room = self._logs, [], _LOG_LETTERS
        return [(level, self._scrub(text)) for level, text in logs]
