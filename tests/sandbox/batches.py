"""Batches of small flows, run for real, and a sink that keeps what they give."""

from __future__ import annotations

import json
import textwrap
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.flow_folders import KnownConnections

from pfstudio.connections.types import Connection
from pfstudio.sandbox.batch import BatchOutcome, BatchRequest, run_batch
from pfstudio.sandbox.batch_processes import Method, start

ONE_NODE = """\
inputs:
  given: {type: int}
outputs:
  out: {type: string, reference: "${node.output}"}
nodes:
- name: node
  type: python
  source: {type: code, path: node.py}
  inputs: {given: "${inputs.given}"}
"""
AGGREGATION = """\
- name: sum
  type: python
  aggregation: true
  source: {type: code, path: sum.py}
  inputs: {values: "${node.output}", given: "${inputs.given}"}
"""


class Sink:
    """Keeps records by line number; `on_line` is called with each."""

    def __init__(self, on_line: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.order: list[int] = []
        self.records: dict[int, dict[str, Any]] = {}
        self.logs: list[tuple[str, str]] = []
        self.told: list[tuple[int, int, int]] = []
        self._on_line = on_line

    def line_finished(self, record: bytes) -> None:
        assert b"\n" not in record
        line = json.loads(record)
        assert line["line_number"] not in self.records, "a line came twice"
        self.order.append(line["line_number"])
        self.records[line["line_number"]] = line
        if self._on_line is not None:
            self._on_line(line)

    def log(self, level: str, message: str) -> None:
        self.logs.append((level, message))

    def progress(self, done: int, failed: int, total: int) -> None:
        self.told.append((done, failed, total))

    def outputs(self) -> list[Any]:
        """The outputs `out` in line order; None where a line failed."""
        return [(self.records[number].get("outputs") or {}).get("out") for number in sorted(self.records)]

    def messages(self) -> dict[int, str]:
        """Why lines failed."""
        return {n: line["error"]["message"] for n, line in self.records.items() if line["status"] == "Failed"}

    def text(self) -> str:
        return "\n".join(message for _, message in self.logs)


def write_flow(folder: Path, body: str, *, helpers: Mapping[str, str] | None = None, aggregation: str = "") -> Path:
    """A flow of one node with this body, which may use `given`; its file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flow.dag.yaml").write_text(ONE_NODE + (AGGREGATION if aggregation else ""))
    head = "from promptflow.core import tool, log_metric\n\n@tool\ndef "
    (folder / "node.py").write_text(f"{head}node(given: int):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n")
    if aggregation:
        code = textwrap.indent(textwrap.dedent(aggregation), "    ")
        (folder / "sum.py").write_text(f"{head}total(values: list, given: list):\n{code}\n")
    for name, text in (helpers or {}).items():
        (folder / name).write_text(textwrap.dedent(text))
    return folder / "flow.dag.yaml"


def run(
    flow: Path,
    lines: int | Sequence[tuple[int, Mapping[str, Any]]],
    *connections: Connection,
    sink: Sink | None = None,
    cancel: threading.Event | None = None,
    method: Method | None = None,
    **more: Any,
) -> tuple[BatchOutcome, Sink]:
    """Run `lines` lines, each with its number as the input `given`."""
    given = [(n, {"given": n, "line_number": n}) for n in range(lines)] if isinstance(lines, int) else lines
    request = BatchRequest(flow=flow, run_id="run", connections=KnownConnections(*connections), lines=given, **more)
    kept = sink or Sink()
    processes = start(method)
    try:
        return run_batch(request, kept, cancel=cancel or threading.Event(), workers=processes), kept
    finally:
        processes.close()


def within(seconds: float) -> Callable[[], None]:
    """A check that no more than this has passed since."""
    end = time.monotonic() + seconds

    def check() -> None:
        assert time.monotonic() < end, f"it took longer than {seconds} s"

    return check
