from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pfstudio.runfolder.folder import RunFolder
from pfstudio.runfolder.record import RunRecord


def make_record(name: str = "r", **changes: Any) -> RunRecord:
    fields: dict[str, Any] = {
        "name": name,
        "created_on": "2026-01-31T10:00:00+00:00",
        "status": "Running",
        "display_name": name,
        "flow": "/flows/f",
        "flow_name": "f",
    }
    return RunRecord(**{**fields, **changes})


def line(number: int, status: str = "Completed", **changes: Any) -> bytes:
    outputs = {"a": number * 2} if status == "Completed" else {}
    run = {
        "run_id": f"r_{number}",
        "status": status,
        "start_time": "2026-01-31T10:00:01.5Z",
        "end_time": "2026-01-31T10:00:02.5Z",
        "index": number,
        "name": "",
        "description": "",
        "tags": None,
    }
    node = {**run, "node": "n", "run_id": f"r_n_{number}", "logs": {"stdout": "[2026] hi\n", "stderr": ""}}
    record = {
        "line_number": number,
        "status": status,
        "inputs": {"q": number, "line_number": number},
        "outputs": outputs,
        "run_info": run,
        "node_runs": [node],
        **({"error": {"message": "broken"}} if status == "Failed" else {}),
        **changes,
    }
    return json.dumps(record).encode()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / ".runs"


@pytest.fixture
def folder(root: Path) -> Any:
    made = RunFolder.create(root, make_record())
    yield made
    made.close()
