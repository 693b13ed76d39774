"""Small flows and data for tests of runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

YAML = """\
inputs:
  q: {type: int}
  w: {type: string, default: d}
outputs:
  a: {type: int, reference: "${n.output}"}
nodes:
- name: n
  type: python
  source: {type: code, path: n.py}
  inputs: {q: "${inputs.q}", w: "${inputs.w}"}
- name: total
  type: python
  source: {type: code, path: total.py}
  inputs: {xs: "${n.output}", qs: "${inputs.q}"}
  aggregation: true
"""
NODE = """\
import os, time
from promptflow.core import tool
@tool
def n(q: int, w: str):
    time.sleep(float(os.environ.get("PAUSE", "0")))
    if q == 3 and not os.path.exists(os.environ.get("MENDED", "/nonexistent")):
        raise ValueError("unlucky")
    return q * 2
"""
TOTAL = """\
from promptflow.core import tool, log_metric
@tool
def total(xs: list, qs: list):
    log_metric("total", sum(xs))
    log_metric("aligned", all(x == 2 * q for x, q in zip(xs, qs)))
"""


def make_flow(folder: Path, **files: str) -> Path:
    """A flow that doubles numbers and fails on 3."""
    folder.mkdir(parents=True)
    for name, text in {"flow.dag.yaml": YAML, "n.py": NODE, "total.py": TOTAL, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def make_data(file: Path, rows: Iterable[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def read_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
