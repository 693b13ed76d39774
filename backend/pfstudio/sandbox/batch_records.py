"""A line's record: what stays of a line in `lines.jsonl`, and what the aggregation needs of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pfstudio.engine.failures import error_record
from pfstudio.engine.record import flow_run_record, node_run_record
from pfstudio.engine.results import LineResult, RunError, RunStatus
from pfstudio.errors import PromptflowException
from pfstudio.flow.spec import Flow
from pfstudio.kit.clock import utc_now
from pfstudio.sandbox.batch_values import packed


@dataclass(frozen=True, slots=True)
class RecordMaker:
    """Makes the records of one run's lines. `scrub` takes secrets out of JSON text."""

    flow: Flow
    run_id: str
    has_aggregation: bool
    scrub: Callable[[str], str]

    def line(self, result: LineResult) -> tuple[bytes, bytes]:
        """The record, and what the aggregation needs of a successful line (empty where there is none)."""
        kind = {"run_id": self.run_id, "message_format": self.flow.message_format}
        run_info = flow_run_record(result, flow_id=self.flow.id, **kind)
        inputs, outputs = run_info["inputs"], run_info["output"]
        record: dict[str, Any] = {"line_number": result.index, "status": result.status.value, "inputs": inputs}
        need = None
        if result.status is RunStatus.COMPLETED:
            record["outputs"] = outputs
            if self.has_aggregation:
                need = {text: packed(value) for text, value in result.aggregation_inputs.items()}
                record["aggregation"] = need
        else:
            record["error"] = run_info["error"]
        record["system_metrics"] = run_info["system_metrics"]
        trace = {"run_info": run_info, "node_runs": [node_run_record(run, **kind) for run in result.node_runs.values()]}
        body = _joined(_dumped(record), self.scrub(_dumped(trace)))
        if need is None:
            return body, b""
        part = {"line_number": result.index, "inputs": inputs, "outputs": outputs, "aggregation": need}
        return body, _encoded(_dumped(part))


def failed_line(
    run_id: str,
    number: int,
    inputs: Mapping[str, Any],
    error: PromptflowException,
    start: datetime,
    flow_id: str = "default_flow_id",
) -> bytes:
    """The record of a line whose process could not tell itself how it ended."""
    end = utc_now()
    result = LineResult(
        index=number,
        status=RunStatus.FAILED,
        inputs=inputs,
        outputs={},
        start_time=start,
        end_time=end,
        error=own_error(error),
        system_metrics={
            "duration": (end - start).total_seconds(),
            "prompt_tokens": 0,
            "completion_tokens": 0,
            "total_tokens": 0,
        },
    )
    run_info = flow_run_record(result, run_id=run_id, flow_id=flow_id)
    record = {
        "line_number": number,
        "status": result.status.value,
        "inputs": run_info["inputs"],
        "error": run_info["error"],
        "system_metrics": run_info["system_metrics"],
        "run_info": run_info,
        "node_runs": [],
    }
    return _encoded(_dumped(record))


def own_error(error: PromptflowException) -> RunError:
    """An error of the batch itself, which has no place in the user's code."""
    return RunError(error.message, type(error).__name__, type(error).code, record=error_record(error))


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _joined(first: str, second: str) -> bytes:
    """One JSON object of two."""
    return _encoded(f"{first[:-1]},{second[1:]}")


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # Half a surrogate pair: JSON can say it, UTF-8 cannot.
        return json.dumps(json.loads(text), separators=(",", ":")).encode("ascii")
