"""The aggregation of a batch, in the worker that runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pfstudio.engine.executor import token_sum
from pfstudio.engine.failures import run_error
from pfstudio.engine.ports import LineExecutor
from pfstudio.engine.results import LineResult, RunStatus
from pfstudio.engine.serialize import json_safe_fields
from pfstudio.kit.clock import utc_now
from pfstudio.sandbox.batch_lines import LineRunner
from pfstudio.sandbox.batch_values import unpacked
from pfstudio.tracing.spans import Span


def aggregate(executor: LineExecutor, pieces: list[bytes], observer: LineRunner) -> tuple[dict[str, Any], bytes]:
    """Run the aggregation in this worker; the frame that tells of it."""
    results = [_line_result(json.loads(line)) for piece in pieces for line in piece.splitlines()]
    pieces.clear()
    metrics: Mapping[str, Any] = {}
    records: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    usage: Mapping[str, float | int] = {}
    nodes: dict[str, str] = {}
    spans: Sequence[Span] = ()
    try:
        aggregation = executor.run_aggregation(results)
        metrics = json_safe_fields(aggregation.metrics)
        usage = token_sum(aggregation.node_runs.values())
        spans = observer.aggregation_spans(aggregation.node_runs.values())
        for name, run in aggregation.node_runs.items():
            nodes[name] = run.status.value
            records.append(observer.records.node(run))
            if run.error is not None:
                errors.append({"aggregation_node_name": name, "error": dict(run.error.record)})
    except BaseException as error:
        errors.append({"aggregation_node_name": "", "error": dict(run_error(error, executor.folder).record)})
    body = {"metrics": metrics, "records": records, "errors": errors}
    head: dict[str, Any] = {"event": "aggregated", "usage": usage, "nodes": nodes, "logs": observer.take_logs()}
    head["spans"] = spans
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
