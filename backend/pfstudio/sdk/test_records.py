"""The files a test leaves in `.promptflow/`, in the original's layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from pfstudio.engine.media import MediaWriter, outward
from pfstudio.engine.record import to_detail
from pfstudio.engine.results import AggregationResult
from pfstudio.engine.serialize import dump, json_safe
from pfstudio.sandbox.flow_test import TestOutcome
from pfstudio.sandbox.records import so_far

_INTERMEDIATE = "intermediate"


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

    def with_image_files(self, outcome: TestOutcome, otherwise: Path) -> TestOutcome:
        """The outcome with the images of its output in files of the record folder; without one, of `otherwise`."""
        message_format = outcome.flow.message_format
        folder = (self._folder or otherwise).absolute()
        try:
            media = MediaWriter(folder / "output", message_format=message_format)
            return replace(outcome, output=outward(outcome.output, media))
        except OSError:  # A flow that cannot be written to: its images still have to be somewhere.
            from tempfile import mkdtemp

            media = MediaWriter(Path(mkdtemp(prefix="pf-images-")), message_format=message_format)
            return replace(outcome, output=outward(outcome.output, media))

    def write(self, outcome: TestOutcome, run_id: str) -> None:
        """The detail; the output and the metrics where there are any. What an earlier test left is replaced."""
        self._write_json("detail", self._detail(outcome, run_id))
        self._write_json("output", json_safe(_shown_output(outcome)) if _shown_output(outcome) else None)
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

    def _detail(self, outcome: TestOutcome, run_id: str) -> Mapping[str, Any]:
        flow = outcome.flow
        common: dict[str, Any] = {"run_id": run_id, "flow_id": flow.id, "message_format": flow.message_format}
        if self._folder is not None:
            prefix = f"{self._folder.name}/{_INTERMEDIATE}"
            folder = self._folder / _INTERMEDIATE
            common["media"] = MediaWriter(folder, message_format=flow.message_format, prefix=prefix)
        if outcome.line is None:
            return to_detail(None, nodes=list(outcome.node_runs.values()), **common)
        behind = {name: run for name, run in outcome.node_runs.items() if name not in outcome.line.node_runs}
        return to_detail(outcome.line, aggregation=AggregationResult({}, outcome.metrics, behind), **common)


def _shown_output(outcome: TestOutcome) -> Any:
    """The output as the file has it: always a mapping where a whole flow ran."""
    if outcome.line is None or isinstance(outcome.output, Mapping):
        return so_far(outcome.output)
    return outcome.line.outputs
