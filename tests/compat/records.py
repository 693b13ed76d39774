"""What the original answered, and how to ask it again.

    PROMPTFLOW_PYTHON=/path/to/python python tests/compat/records.py

asks the interpreter that has promptflow 1.18.5 for every row of `rows.yaml` and for its tree of exceptions, and
writes `records.json`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
RECORDS = HERE / "records.json"
VERSION = "1.18.5"
COMMAND = "PROMPTFLOW_PYTHON=… python tests/compat/records.py"


def rows() -> dict[str, str]:
    found: dict[str, str] = yaml.safe_load((HERE / "rows.yaml").read_text(encoding="utf-8"))
    return found


def records() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RECORDS.read_text(encoding="utf-8"))
    return found


@contextmanager
def echoing_models() -> Iterator[str]:
    """The address of a model that answers with what it was asked."""
    sys.path.insert(0, str(HERE.parent))
    from model_server import model_server

    with model_server(lambda body: json.dumps(body, sort_keys=True)) as server:
        yield server.url


def answers(python: str, scripts: dict[str, str], model_url: str) -> dict[str, Any]:
    """What the package of an interpreter makes of some scripts."""
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder, "rows.json"), Path(folder, "answers.json")
        asked.write_text(json.dumps(scripts), encoding="utf-8")
        command = [python, str(HERE / "run_rows.py"), str(asked), str(told)]
        environ = {**os.environ, "MODEL_URL": model_url, "PF_TRACING_SKIP_LOCAL_SETUP": "true"}
        subprocess.run(command, env=environ, check=True, timeout=3600)
        found: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
        return found


def exception_tree(python: str) -> dict[str, dict[str, list[str]]]:
    command = [python, str(HERE / "exception_tree.py")]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    found: dict[str, dict[str, list[str]]] = json.loads(ended.stdout)
    return found


def record(python: str) -> None:
    """Ask the original for everything and keep what it says."""
    with echoing_models() as url:
        told = answers(python, rows(), url)
    tree = exception_tree(python)
    lines = [json.dumps(name) + ": " + json.dumps(answer) for name, answer in told.items()]
    chains = [json.dumps(name) + ": " + json.dumps(classes) for name, classes in tree.items()]
    head = {"version": VERSION, "command": COMMAND}
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for name, part in (("answers", lines), ("exceptions", chains)):
        parts.append(f'"{name}": {{\n' + ",\n".join(part) + "\n}")
    RECORDS.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    record(os.environ["PROMPTFLOW_PYTHON"])
