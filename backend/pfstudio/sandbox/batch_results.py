"""What has come of a batch so far: counts, tokens, metrics. Records themselves go to the sink at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pfstudio.engine.failures import error_record
from pfstudio.engine.results import RunError
from pfstudio.errors import PromptflowException
from pfstudio.sandbox.batch import BatchOutcome, BatchRequest, BatchStatus, LineSink
from pfstudio.sandbox.batch_records import failed_line


class Results:
    """Counts what ends and passes it on."""

    def __init__(self, request: BatchRequest, sink: LineSink) -> None:
        self.flow_id = "default_flow_id"
        self.done = 0
        self._request = request
        self._sink = sink
        self._failed = 0
        self._told = -1
        self._usage: dict[str, float | int] = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        self._nodes: Counter[tuple[str, str]] = Counter()
        self._metrics: Mapping[str, Any] = {}
        self._records: list[dict[str, Any]] = []
        self._errors: list[dict[str, Any]] = []

    def line(self, head: Mapping[str, Any], record: bytes) -> None:
        """A line ended in its worker."""
        self.done += 1
        self._failed += head["failed"] is not None
        self._take_counts(head)
        self._sink.line_finished(record)
        if head["failed"] is not None:
            self._sink.log("error", f"Line {head['number']} failed: {head['failed']}")

    def lost_line(self, number: int, inputs: Mapping[str, Any], error: PromptflowException, seconds: float) -> None:
        """A line whose worker could not tell of its end."""
        self.done += 1
        self._failed += 1
        self._sink.line_finished(
            failed_line(self._request.run_id, number, inputs, error, seconds=seconds, flow_id=self.flow_id)
        )
        self._sink.log("error", error.message)

    def aggregated(self, head: Mapping[str, Any], body: bytes) -> None:
        content = json.loads(body)
        self._metrics, self._records, self._errors = content["metrics"], content["records"], content["errors"]
        self._take_counts(head)
        for error in self._errors:
            where = f"the node '{error['aggregation_node_name']}'" if error["aggregation_node_name"] else "it"
            self._sink.log("warning", f"The aggregation is not complete, {where} failed: {error['error']['message']}")

    def aggregation_lost(self, error: PromptflowException) -> None:
        """The process that aggregated ended."""
        self._errors = [{"aggregation_node_name": "", "error": error_record(error)}]
        self._sink.log("warning", f"There is no aggregation: {error.message}")

    def told(self) -> None:
        """Tell how far the batch is, where that has changed."""
        if self._told != self.done:
            self._told = self.done
            self._sink.progress(self.done, self._failed, len(self._request.lines))

    def outcome(self, error: RunError | None, *, canceled: bool, seconds: float) -> BatchOutcome:
        status: BatchStatus = "Failed" if error is not None else "Canceled" if canceled else "Completed"
        completed = self.done - self._failed
        return BatchOutcome(
            status=status,
            error=error,
            completed=completed,
            failed=self._failed,
            metrics=self._metrics,
            aggregation_records=self._records,
            aggregation_errors=self._errors,
            system_metrics={
                **self._usage,
                "duration": round(seconds, 6),
                "__pf__.lines.completed": completed,
                "__pf__.lines.failed": self._failed,
                **{f"__pf__.nodes.{node}.{status}": count for (node, status), count in self._nodes.items()},
            },
        )

    def _take_counts(self, head: Mapping[str, Any]) -> None:
        for name, count in head["usage"].items():
            self._usage[name] = self._usage.get(name, 0) + count
        for node, status in head["nodes"].items():
            self._nodes[node, status.lower()] += 1
        for level, message in head["logs"]:
            self._sink.log(level, message)
        if head["spans"]:
            from pfstudio.tracing.export import exporter

            if (running := exporter()) is not None:
                running.add(head["spans"])
