"""Whole batch runs by `pf run create`: trivial lines, and lines that wait a second for a model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.commands import TOOL, clean_environment, seconds_of, write_flow
from benchmarks.table import Row

MODEL_FLOW = """\
inputs:
  text: {type: string}
outputs:
  result: {type: string, reference: "${second.output}"}
nodes:
- name: first
  type: python
  source: {type: code, path: first.py}
  inputs: {text: "${inputs.text}"}
- name: ask
  type: llm
  source: {type: code, path: ask.jinja2}
  inputs: {model: slow, question: "${first.output}"}
  connection: slow
  api: chat
- name: second
  type: python
  source: {type: code, path: second.py}
  inputs: {text: "${ask.output}"}
"""
CONNECTION = "name: slow\ntype: open_ai\napi_key: sk-benchmark\nbase_url: http://127.0.0.1:{port}/v1\n"
# Whole runs: (lines, goal in seconds, the original's seconds in the design).
TRIVIAL = ((100, 0.5, 8.7), (1000, 0.9, 15.4))
SLOW = ((120, 2.5, 37.8), (1000, 20.0, 260.0))


def measure(folder: Path, rounds: int, original: Path | None) -> list[Row]:
    """Trivial runs are the best of the rounds; runs on the slow model are done once."""
    folder = folder / "batch"
    flow = write_flow(folder / "trivial")
    bench = _Runs(folder, original)
    rows = []
    for lines, goal, known in TRIVIAL:
        ours, theirs = bench.in_turn(flow, lines, min(rounds, 3))
        rows.append(Row(f"pf run create, {lines:,} trivial lines", "s", ours, goal, theirs or known))
    asking = _asking_flow(folder / "asking")
    with slow_model(1.0) as port:
        bench.connect(port)
        for lines, goal, known in SLOW:
            ours, theirs = bench.in_turn(asking, lines, 1)
            rows.append(Row(f"  {lines:,} lines on a model that takes 1 s", "s", ours, goal, theirs or known))
    return rows


class _Runs:
    """Runs of ours and the original's, in turn, so that both see the same machine."""

    def __init__(self, folder: Path, original: Path | None) -> None:
        self._folder = folder
        self._pythons = [Path(sys.executable), *([original] if original else [])]
        self._environments = {
            python: clean_environment(folder / f"home{place}") for place, python in enumerate(self._pythons)
        }

    def in_turn(self, flow: Path, lines: int, rounds: int) -> tuple[float, float | None]:
        data = self._folder / f"{lines}.jsonl"
        data.write_text("".join(json.dumps({"text": f"text {n}"}) + "\n" for n in range(lines)), encoding="utf-8")
        best: dict[Path, float] = {}
        for _ in range(rounds):
            for python in self._pythons:
                command = ["run", "create", "--flow", str(flow), "--data", str(data)]
                spent = self._pf(python, *command, "--column-mapping", "text=${data.text}")
                best[python] = min(best.get(python, spent), spent)
        return best[self._pythons[0]], best[self._pythons[1]] if len(self._pythons) > 1 else None

    def connect(self, port: int) -> None:
        """Give both the connection to the slow model."""
        file = self._folder / "connection.yaml"
        file.write_text(CONNECTION.format(port=port), encoding="utf-8")
        for python in self._pythons:
            self._pf(python, "connection", "create", "-f", str(file))

    def _pf(self, python: Path, *arguments: str) -> float:
        return seconds_of([str(python.parent / "pf"), *arguments], self._environments[python])


def _asking_flow(folder: Path) -> Path:
    folder.mkdir()
    (folder / "flow.dag.yaml").write_text(MODEL_FLOW, encoding="utf-8")
    (folder / "ask.jinja2").write_text("system:\nBe brief.\nuser:\n{{question}}\n", encoding="utf-8")
    for name in ("first.py", "second.py"):
        (folder / name).write_text(TOOL, encoding="utf-8")
    return folder


@contextmanager
def slow_model(seconds: float) -> Iterator[int]:
    """The port of a model server that takes this long for each answer, in a process of its own."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.slow_model", str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        server.communicate()
