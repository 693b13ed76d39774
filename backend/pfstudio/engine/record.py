"""The records of lines and nodes as the original's files have them (`flow.detail.json`, run folders)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pfstudio.engine.media import Media
from pfstudio.engine.results import AggregationResult, LineResult, NodeRun, RunError, RunStatus
from pfstudio.engine.serialize import json_safe, json_safe_fields
from pfstudio.kit.json_values import JsonValue


def to_detail(
    line: LineResult | None,
    *,
    run_id: str,
    flow_id: str = "default_flow_id",
    message_format: str = "basic",
    nodes: Sequence[NodeRun] = (),
    aggregation: AggregationResult | None = None,
    media: Media | None = None,
) -> dict[str, Any]:
    """The content of `flow.detail.json`: a tested line with its aggregation, or nodes that ran on their own.

    `media` writes the images; without it they are shown as a short text.
    """
    runs = [*(line.node_runs.values() if line is not None else ()), *nodes]
    if aggregation is not None:
        runs += aggregation.node_runs.values()
    flow_runs = []
    if line is not None:
        record = flow_run_record(line, run_id=run_id, flow_id=flow_id, message_format=message_format, media=media)
        if aggregation is not None and aggregation.metrics:
            record["metrics"] = json_safe_fields(aggregation.metrics)
        flow_runs.append(record)
    node_runs = [node_run_record(run, run_id=run_id, message_format=message_format, media=media) for run in runs]
    return {"flow_runs": flow_runs, "node_runs": node_runs}


def flow_run_record(
    line: LineResult,
    *,
    run_id: str,
    flow_id: str = "default_flow_id",
    message_format: str = "basic",
    media: Media | None = None,
) -> dict[str, Any]:
    """A line's `run_info`. `run_id` is the whole run's; the line's own has its index behind."""
    inputs = json_safe_fields(line.inputs, media=media)
    output = json_safe_fields(line.outputs, media=media) if line.status is RunStatus.COMPLETED else None
    return {
        "run_id": run_id if line.index is None else f"{run_id}_{line.index}",
        "status": line.status.value,
        "error": _error(line.error),
        "inputs": inputs,
        "output": output,
        "metrics": None,
        "request": None,
        "parent_run_id": run_id,
        "root_run_id": run_id,
        "source_run_id": None,
        "flow_id": flow_id,
        "start_time": _iso(line.start_time),
        "end_time": _iso(line.end_time),
        "index": line.index,
        "api_calls": [call_record(call, media) for call in line.api_calls] or [_flow_call(line, inputs, output, media)],
        "name": "",
        "description": "",
        "tags": None,
        "system_metrics": dict(line.system_metrics),
        "result": output,
        "upload_metrics": False,
        "otel_trace_id": "",
        "message_format": message_format,
    }


def node_run_record(
    run: NodeRun, *, run_id: str, message_format: str = "basic", media: Media | None = None
) -> dict[str, Any]:
    """A node's `run_info`. `run_id` is the whole run's; aggregation nodes (which have no index) end in `_reduce`."""
    place = "reduce" if run.index is None else run.index
    output = json_safe(run.output, media=media)
    return {
        "node": run.node,
        "flow_run_id": run_id,
        "run_id": f"{run_id}_{run.node}_{place}",
        "status": run.status.value,
        "inputs": json_safe_fields(run.inputs, media=media),
        "output": output,
        "metrics": None,
        "error": _error(run.error),
        "parent_run_id": run_id if run.index is None else f"{run_id}_{run.index}",
        "start_time": _iso(run.start_time),
        "end_time": _iso(run.end_time),
        "index": run.index,
        "api_calls": [call_record(call, media) for call in run.api_calls] or None,
        "cached_run_id": None,
        "cached_flow_run_id": None,
        "logs": {"stdout": _stamped(run.logs.stdout, run), "stderr": _stamped(run.logs.stderr, run)},
        "system_metrics": dict(run.system_metrics),
        "result": output,
        "message_format": message_format,
    }


def call_record(call: Mapping[str, Any], media: Media | None = None) -> dict[str, JsonValue]:
    """One of a node's `api_calls`, with the calls below it."""
    record = {key: json_safe(value, media=media) for key, value in call.items() if key not in ("inputs", "children")}
    inputs = json_safe_fields(call.get("inputs") or {}, media=media)
    return {**record, "inputs": inputs, "children": [call_record(child, media) for child in call["children"]]}


def _flow_call(
    line: LineResult,
    inputs: Mapping[str, JsonValue],
    output: Mapping[str, JsonValue] | None,
    media: Media | None,
) -> dict[str, Any]:
    calls = [call_record(call, media) for run in line.node_runs.values() for call in run.api_calls]
    return {
        "name": "flow",
        "node_name": "flow",
        "type": "Flow",
        "inputs": inputs,
        "output": output,
        "start_time": line.start_time.timestamp(),
        "end_time": line.end_time.timestamp(),
        "error": dict(line.error.record) if line.error is not None else None,
        "children": calls,
        "system_metrics": dict(line.system_metrics),
    }


def _error(error: RunError | None) -> dict[str, JsonValue] | None:
    return None if error is None else json_safe_fields(error.record)


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _stamped(text: str, run: NodeRun) -> str:
    """What a node printed, each line with the time its node ended, the way the original marks every write."""
    if not text:
        return text
    stamp = run.end_time.strftime("%Y-%m-%dT%H:%M:%S%z")
    return "".join(f"[{stamp}] {line}" if line.strip() else line for line in text.splitlines(keepends=True))
