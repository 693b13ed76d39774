from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PF = Path(sys.executable).with_name("pf")

YAML = """\
inputs:
  a: {type: int, default: 3}
  s: {type: string}
outputs:
  r: {type: int, reference: "${dbl.output}"}
  t: {type: string, reference: "${up.output}"}
nodes:
- name: dbl
  type: python
  source: {type: code, path: dbl.py}
  inputs: {x: "${inputs.a}"}
- name: up
  type: python
  source: {type: code, path: up.py}
  inputs: {s: "${inputs.s}", n: "${dbl.output}"}
"""
DBL = """\
from promptflow.core import tool
@tool
def dbl(x: int) -> int:
    print("doubling", x)
    if x == 13:
        raise ValueError("unlucky")
    return 2 * x
"""
UP = """\
from promptflow.core import tool
@tool
def up(s: str, n: int) -> str:
    return s.upper() + str(n)
"""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def last_error_line(self) -> str:
        return self.err.splitlines()[-1]


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """Two python nodes, in a folder whose name is no identifier."""
    folder = tmp_path / "my-flow"
    write_flow(folder, {"flow.dag.yaml": YAML, "dbl.py": DBL, "up.py": UP})
    return folder


def write_flow(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def pf(tmp_path: Path) -> Callable[..., Ended]:
    """Run the real command in a process of its own."""
    home = tmp_path / "home"

    def run(
        *arguments: str, command: str = "pf", cwd: Path | None = None, decode: str = "utf-8", **environment: str
    ) -> Ended:
        variables = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **environment}
        ended: Any = subprocess.run(
            [PF.with_name(command), *arguments],
            capture_output=True,
            text=True,
            env=variables,
            cwd=cwd or tmp_path,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
            encoding=decode,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run
