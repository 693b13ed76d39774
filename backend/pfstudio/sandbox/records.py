"""Runs and values as JSON, for the events a worker sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pfstudio.engine.media import Media
from pfstudio.engine.record import call_record
from pfstudio.engine.results import NodeRun, RunError
from pfstudio.engine.serialize import json_safe, json_safe_fields
from pfstudio.engine.streams import StreamedOutput
from pfstudio.errors import PromptflowException


def node_record(run: NodeRun, media: Media | None = None) -> dict[str, Any]:
    """One node's run as `node_finished` carries it; `media` says what images become."""
    return {
        "node": run.node,
        "status": run.status.value,
        "inputs": json_safe_fields(run.inputs, finite=True, media=media),
        "output": json_safe(so_far(run.output), finite=True, media=media),
        "error": None if run.error is None else error_record(run.error, run.node),
        "start_time": run.start_time.isoformat(),
        "end_time": run.end_time.isoformat(),
        "duration": (run.end_time - run.start_time).total_seconds(),
        "logs": {"stdout": run.logs.stdout, "stderr": run.logs.stderr},
        "api_calls": [call_record(call, media) for call in run.api_calls],
        "system_metrics": dict(run.system_metrics),
    }


def so_far(value: Any) -> Any:
    """The text of what has come of an output that comes piece by piece; any other value as it is."""
    return "".join(str(item) for item in value.items) if isinstance(value, StreamedOutput) else value


def error_record(error: RunError, node: str | None) -> dict[str, Any]:
    """An error as runs and results carry it."""
    return {
        "message": error.message,
        "type": error.type,
        "code": error.code,
        "file": error.file,
        "line": error.line,
        "traceback": error.traceback,
        "node": node,
    }


def result_without_output(
    error: Mapping[str, Any], duration: float, *, status: str = "Failed", node_runs: Sequence[Any] = ()
) -> dict[str, Any]:
    """The result of a test that came to no outcome: refused at loading, stopped, or lost with its process."""
    return {
        "status": status,
        "output": None,
        "node_runs": list(node_runs),
        "metrics": {},
        "error": dict(error),
        "duration": round(duration, 6),
        "system_metrics": {"duration": round(duration, 6)},
    }


def own_error_record(error: PromptflowException, node: str | None = None) -> dict[str, Any]:
    """An error of the sandbox itself, which has no place in the user's code."""
    return error_record(RunError(error.message, type(error).__name__, type(error).code), node)
