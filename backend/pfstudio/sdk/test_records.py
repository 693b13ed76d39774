"""The files a test leaves in `.promptflow/`, in the original's layout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from pfstudio.engine.record import to_detail
from pfstudio.engine.results import AggregationResult
from pfstudio.engine.serialize import dump, json_safe
from pfstudio.sandbox.flow_test import TestOutcome
from pfstudio.sandbox.records import whole


class TestRecords:
    """Writes into `folder`; where that cannot be written (a read-only flow), the test goes on without records."""

    def __init__(self, folder: Path | None, *, prefix: str, node: str | None) -> None:
        self._folder = folder
        self._prefix = prefix
        self._node = node

    def open_log(self) -> TextIO | None:
        name = f"{self._node}.node.log" if self._node else f"{self._prefix}.log"
        if self._folder is None:
            return None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return (self._folder / name).open("w", encoding="utf-8")
        except OSError:
            self._folder = None
            return None

    def write(self, outcome: TestOutcome, run_id: str) -> None:
        """The detail; the output and the metrics where there are any. What an earlier test left is replaced."""
        self._write_json("detail", _detail(outcome, run_id))
        self._write_json("output", json_safe(whole(outcome.output)) if outcome.output else None)
        self._write_json("metrics", json_safe(outcome.metrics) if outcome.metrics else None)

    def _write_json(self, kind: str, value: Any) -> None:
        if self._folder is None:
            return
        path = self._folder / f"{self._prefix}.{kind}.json"
        try:
            if value is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(dump(value, indent=4), encoding="utf-8")
        except OSError:
            self._folder = None


def _detail(outcome: TestOutcome, run_id: str) -> Mapping[str, Any]:
    flow = outcome.flow
    if outcome.line is None:
        nodes = list(outcome.node_runs.values())
        return to_detail(None, run_id=run_id, flow_id=flow.id, message_format=flow.message_format, nodes=nodes)
    behind = {name: run for name, run in outcome.node_runs.items() if name not in outcome.line.node_runs}
    return to_detail(
        outcome.line,
        run_id=run_id,
        flow_id=flow.id,
        message_format=flow.message_format,
        aggregation=AggregationResult({}, outcome.metrics, behind),
    )
