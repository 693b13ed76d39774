"""`BatchEngine` as scripts of the wild use it: a flow run over data files, outputs in one file, no run made of it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pfstudio.engine.batch.data import read_data
from pfstudio.engine.batch.mapping import map_lines
from pfstudio.errors import UserErrorException
from pfstudio.kit.clock import utc_now
from pfstudio.kit.ids import new_id
from pfstudio.sandbox.batch import BatchOutcome, BatchRequest, run_batch
from pfstudio.sdk.legacy.executor import GivenConnections
from pfstudio.sdk.legacy.loggers import bulk_logger
from pfstudio.sdk.legacy.run_records import FlowRunInfo, RunInfo, Status
from pfstudio.sdk.legacy.storage import AbstractRunStorage, DefaultRunStorage
from pfstudio.sdk.runs.flow_source import find_flow
from pfstudio.sdk.runs.interface import read_interface
from pfstudio.sdk.runs.limits import batch_limits
from pfstudio.sdk.runs.lines_of_run import Lines, flow_defaults

R = TypeVar("R", RunInfo, FlowRunInfo)


class BatchRunFailedError(UserErrorException):
    """The run as a whole failed: its flow cannot be loaded, or its time is over."""


@dataclass
class LineError:
    line_number: int
    error: Mapping[str, Any]


@dataclass
class ErrorSummary:
    failed_user_error_lines: int = 0
    failed_system_error_lines: int = 0
    error_list: list[LineError] = field(default_factory=list)
    aggr_error_dict: dict[str, Any] = field(default_factory=dict)
    batch_error_dict: Mapping[str, Any] | None = None


@dataclass
class SystemMetrics:
    total_tokens: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    duration: float = 0.0


@dataclass
class BatchResult:
    """How a batch ended. `node_status` counts runs of nodes, as in `{"node.completed": 3}`."""

    status: Status
    total_lines: int
    completed_lines: int
    failed_lines: int
    node_status: Mapping[str, int]
    start_time: datetime
    end_time: datetime
    metrics: Mapping[str, Any]
    system_metrics: SystemMetrics
    error_summary: ErrorSummary


class BatchEngine:
    """A flow's file, ready to run over data. Further options of the original are accepted and change nothing."""

    def __init__(
        self,
        flow_file: str | Path,
        working_dir: str | Path | None = None,
        *,
        connections: Mapping[str, Any] | None = None,
        storage: AbstractRunStorage | None = None,
        batch_timeout_sec: float | None = None,
        line_timeout_sec: float | None = None,
        worker_count: int | None = None,
        init_kwargs: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        self._folder = Path(working_dir or Path(flow_file).parent)
        self._file = self._folder / flow_file
        self._connections = GivenConnections(connections or {})
        self._storage = storage or DefaultRunStorage()
        self._batch_timeout = batch_timeout_sec
        self._line_timeout = line_timeout_sec
        self._workers = worker_count
        self._init = init_kwargs or {}
        self._cancel = threading.Event()

    def run(
        self,
        input_dirs: Mapping[str, str | Path],
        inputs_mapping: Mapping[str, Any] | None,
        output_dir: str | Path,
        run_id: str | None = None,
        max_lines_count: int | None = None,
        **_: Any,
    ) -> BatchResult:
        """Run the lines of the data, which `inputs_mapping` names as `${data.column}`; write `output.jsonl`.

        Raises:
            UserErrorException: the data cannot be read, the mapping leads nowhere, or the run as a whole failed.
        """
        self._cancel.clear()
        start = utc_now()
        flow = read_interface(find_flow(self._file), variant=None, connections=None, init=self._init)
        sources = {name: read_data(self._folder / path)[:max_lines_count] for name, path in input_dirs.items()}
        is_dag = bool(flow.nodes)
        lines = Lines(
            map_lines(flow.inputs, inputs_mapping or {}, sources, may_lack_inputs=not is_dag),
            defaults=flow_defaults(flow),
        )
        output = (self._folder / output_dir).resolve()
        output.mkdir(parents=True, exist_ok=True)
        sink = _Sink(self._storage)
        outcome = run_batch(self._request(run_id or new_id(), lines, output), sink, cancel=self._cancel)
        if outcome.status == "Failed":
            raise BatchRunFailedError(outcome.error.message if outcome.error else "The batch run failed.")
        sink.write_outputs(output / "output.jsonl")
        return sink.result(outcome, len(lines), start)

    def cancel(self) -> None:
        """End a run that another thread has begun. Finished lines stay."""
        self._cancel.set()

    def _request(self, run_id: str, lines: Lines, output: Path) -> BatchRequest:
        limits = batch_limits()
        return BatchRequest(
            flow=self._file.resolve(),
            run_id=run_id,
            connections=self._connections,
            lines=lines,
            init=self._init,
            line_timeout=self._line_timeout or limits.line_timeout,
            batch_timeout=self._batch_timeout or limits.batch_timeout,
            workers=self._workers or limits.workers,
            output_folder=output,
        )


class _Sink:
    """Hands each line on to the user's storage and keeps what the result is made of."""

    def __init__(self, storage: AbstractRunStorage) -> None:
        self._storage = storage
        self._outputs: dict[int, Mapping[str, Any]] = {}
        self._errors: list[LineError] = []
        self._nodes: Counter[str] = Counter()

    def line_finished(self, record: bytes) -> None:
        line = json.loads(record)
        number = line["line_number"]
        if line.get("error"):
            self._errors.append(LineError(number, line["error"]))
        else:
            self._outputs[number] = line["outputs"]
        self._nodes_finished(line.get("node_runs", ()))
        self._storage.persist_flow_run(_info(FlowRunInfo, line["run_info"]))

    def log(self, level: str, message: str) -> None:
        if level in ("warning", "error"):
            getattr(bulk_logger, level)(message)

    def progress(self, done: int, failed: int, total: int) -> None:
        pass

    def write_outputs(self, file: Path) -> None:
        rows = ({"line_number": number, **self._outputs[number]} for number in sorted(self._outputs))
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")

    def result(self, outcome: BatchOutcome, total: int, start: datetime) -> BatchResult:
        self._nodes_finished(outcome.aggregation_records)
        metrics = outcome.system_metrics
        tokens = {name: int(metrics.get(name, 0)) for name in ("total_tokens", "prompt_tokens", "completion_tokens")}
        errors = sorted(self._errors, key=lambda each: each.line_number)
        of_users = sum(each.error.get("code") == "UserError" for each in errors)
        nodes = {each["aggregation_node_name"]: each["error"] for each in outcome.aggregation_errors}
        return BatchResult(
            status=Status(outcome.status),
            total_lines=total,
            completed_lines=outcome.completed,
            failed_lines=outcome.failed,
            node_status=dict(self._nodes),
            start_time=start,
            end_time=utc_now(),
            metrics=dict(outcome.metrics),
            system_metrics=SystemMetrics(**tokens, duration=float(metrics.get("duration", 0))),
            error_summary=ErrorSummary(of_users, len(errors) - of_users, errors, nodes),
        )

    def _nodes_finished(self, records: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            info = _info(RunInfo, record)
            self._nodes[f"{info.node}.{info.status.value.lower()}"] += 1
            self._storage.persist_node_run(info)


def _info(cls: type[R], record: Mapping[str, Any]) -> R:
    values = {each.name: record[each.name] for each in fields(cls) if each.name in record}
    times = {name: _time(values.get(name)) for name in ("start_time", "end_time")}
    return cls(**{**values, **times, "status": Status(values["status"])})


def _time(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
