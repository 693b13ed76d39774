"""The spans of a line: one for the flow, one for each node, and those of all calls below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pfstudio.engine.results import LineResult, NodeRun
from pfstudio.tracing.spans import Span, root_call, spans_of


def line_spans(line: LineResult, *, flow: str, run: str = "") -> list[Span]:
    """The spans of one line. `flow` is the flow's name; `run` that of the run it belongs to."""
    attributes: dict[str, Any] = {"pfstudio.flow": flow}
    if run:
        attributes["pfstudio.run"] = run
    if line.index is not None:
        attributes["pfstudio.line_number"] = line.index
    root = root_call(
        flow,
        "Flow",
        start=line.start_time.timestamp(),
        end=line.end_time.timestamp(),
        children=line.api_calls or node_calls(line.node_runs.values()),
        error=None if line.error is None else {"message": line.error.message, "type": line.error.type},
        usage=line.system_metrics,
    )
    return spans_of([root], attributes)


def node_spans(runs: Iterable[NodeRun], *, flow: str, run: str = "") -> list[Span]:
    """The spans of nodes that ran on their own: one that is tested, or those that aggregate."""
    return spans_of(node_calls(runs), {"pfstudio.flow": flow, **({"pfstudio.run": run} if run else {})})


def node_calls(runs: Iterable[NodeRun]) -> list[Mapping[str, Any]]:
    """The call of each node, marked as one, with what it used."""
    return [
        {**call, "is_node": True, "system_metrics": run.system_metrics, "error": _error(run)}
        for run in runs
        for call in run.api_calls
    ]


def _error(run: NodeRun) -> Mapping[str, Any] | None:
    return None if run.error is None else {"message": run.error.message, "type": run.error.type}
