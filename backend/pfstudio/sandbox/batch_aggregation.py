"""The aggregation of a batch: what each line leaves for it, and the worker that runs it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from pfstudio.engine.failures import run_error
from pfstudio.engine.ports import LineExecutor
from pfstudio.engine.results import LineResult, RunStatus
from pfstudio.engine.serialize import json_safe_fields
from pfstudio.kit.clock import utc_now
from pfstudio.sandbox.batch_lines import TOKENS, LineRunner
from pfstudio.sandbox.batch_values import unpacked

_IN_MEMORY = 8 * 2**20
_PIECE = 4 * 2**20
_KEYS = ("line_number", "inputs", "outputs", "aggregation")


class AggregationStore:
    """Keeps, on disk where it is much, what the lines leave for the aggregation."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as the batch.
        self.lines = 0

    def add(self, need: bytes) -> None:
        self._file.write(need)
        self._file.write(b"\n")
        self.lines += 1

    def add_finished(self, record: Mapping[str, Any]) -> None:
        """A line that an earlier attempt of the run completed."""
        self.add(json.dumps({key: record.get(key) for key in _KEYS}).encode("ascii"))

    def pieces(self) -> Iterator[bytes]:
        """Everything, in pieces of whole lines."""
        self._file.seek(0)
        while lines := self._file.readlines(_PIECE):
            yield b"".join(lines)

    def close(self) -> None:
        self._file.close()


def aggregate(executor: LineExecutor, pieces: list[bytes], observer: LineRunner) -> tuple[dict[str, Any], bytes]:
    """Run the aggregation in this worker; the frame that tells of it."""
    results = [_line_result(json.loads(line)) for piece in pieces for line in piece.splitlines()]
    pieces.clear()
    metrics: Mapping[str, Any] = {}
    records: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    tokens = [0, 0, 0]
    nodes: dict[str, str] = {}
    try:
        aggregation = executor.run_aggregation(results)
        metrics = json_safe_fields(aggregation.metrics)
        for name, run in aggregation.node_runs.items():
            nodes[name] = run.status.value
            records.append(observer.records.node(run))
            tokens = [have + int(run.system_metrics.get(key, 0)) for have, key in zip(tokens, TOKENS, strict=True)]
            if run.error is not None:
                errors.append({"aggregation_node_name": name, "error": dict(run.error.record)})
    except BaseException as error:
        errors.append({"aggregation_node_name": "", "error": dict(run_error(error, executor.folder).record)})
    body = {"metrics": metrics, "records": records, "errors": errors}
    head = {"event": "aggregated", "tokens": tokens, "nodes": nodes, "logs": observer.take_logs()}
    return head, observer.scrubbed(json.dumps(body, default=str)).encode("ascii")


def _line_result(item: Mapping[str, Any]) -> LineResult:
    now = utc_now()
    return LineResult(
        index=item["line_number"],
        status=RunStatus.COMPLETED,
        inputs=item["inputs"],
        outputs=item["outputs"] or {},
        start_time=now,
        end_time=now,
        aggregation_inputs={text: unpacked(value) for text, value in (item["aggregation"] or {}).items()},
    )
