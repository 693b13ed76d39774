"""Whole commands and calls of `pf` and the SDK."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.table import Row

FLOW = """\
inputs:
  text: {type: string, default: hello}
outputs:
  result: {type: string, reference: "${second.output}"}
nodes:
- name: first
  type: python
  source: {type: code, path: first.py}
  inputs: {text: "${inputs.text}"}
- name: second
  type: python
  source: {type: code, path: second.py}
  inputs: {text: "${first.output}"}
"""
TOOL = "from promptflow.core import tool\n\n\n@tool\ndef step(text: str) -> str:\n    return text + '!'\n"
CALLS = 2000
CALL_SCRIPT = """\
import sys, time
from promptflow.client import load_flow
flow = load_flow(sys.argv[1])
flow(text="a")
start = time.perf_counter()
for _ in range({calls}):
    flow(text="a")
print((time.perf_counter() - start) / {calls} * 1000, file=sys.stderr)
"""


def measure(folder: Path, rounds: int, original: Path | None) -> list[Row]:
    flow = write_flow(folder / "two_nodes")
    ours = Path(sys.executable)
    environment = clean_environment(folder / "home")
    test = ["flow", "test", "--flow", str(flow)]

    def in_turn(command: Callable[[Path], list[str]]) -> tuple[float, float | None]:
        """Ours and the original's best time, taken alternately so that both see the same machine."""
        best: dict[Path, float] = {}
        for round_ in range(rounds + 1):
            for interpreter in filter(None, (ours, original)):
                seconds = seconds_of(command(interpreter), environment)
                if round_ > 0:
                    best[interpreter] = min(best.get(interpreter, seconds), seconds)
        return best[ours], best[original] if original else None

    tested, tested_original = in_turn(lambda python: [str(python.parent / "pf"), *test])
    imported, imported_original = in_turn(lambda python: [str(python), "-c", "from promptflow import PFClient"])
    bare = min(seconds_of([str(ours), "-c", "pass"], environment) for _ in range(rounds))
    memory = _peak_memory([str(ours.parent / "pf"), *test], environment)
    return [
        Row("pf flow test, two trivial python nodes", "s", tested, 0.3, tested_original or 2.4),
        Row(
            "  its peak memory",
            "MB",
            memory,
            45,
            137 if original is None else _peak_memory([str(original.parent / "pf"), *test], environment),
        ),
        Row(
            "from promptflow import PFClient, beyond bare Python",
            "s",
            imported - bare,
            0.1,
            (imported_original or 2.2) - bare,
        ),
        Row(
            "a flow called as a function, warm",
            "ms",
            _call_time(ours, flow, environment),
            0.15,
            1.6 if original is None else _call_time(original, flow, environment),
        ),
    ]


def write_flow(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(FLOW, encoding="utf-8")
    for name in ("first.py", "second.py"):
        (folder / name).write_text(TOOL, encoding="utf-8")
    return folder


def clean_environment(home: Path) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    (home / ".promptflow").mkdir(exist_ok=True)
    settings = "telemetry:\n  enabled: false\ntrace:\n  destination: none\n"
    (home / ".promptflow/pf.yaml").write_text(settings, encoding="utf-8")
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PF_HOME_DIRECTORY": str(home / ".promptflow"),
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
    }


def seconds_of(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


def _peak_memory(command: list[str], environment: dict[str, str]) -> float:
    """Peak resident memory of one command in MB, taken in a child of its own since the kernel keeps the largest."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        subprocess.run(command, env=environment, capture_output=True, check=False)
        os.write(writer, str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return int(answer.read()) / 1024


def _call_time(python: Path, flow: Path, environment: dict[str, str]) -> float:
    script = CALL_SCRIPT.format(calls=CALLS)
    done = subprocess.run(
        [str(python), "-c", script, str(flow)], env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stderr.strip().splitlines()[-1])
