"""`pf` starts fast because the engine loads only what a flow needs."""

from __future__ import annotations

import json
import subprocess
import sys

from flow_folders import SAMPLES

SCRIPT = """
import json, sys
from pathlib import Path
from pfstudio.engine.executor import FlowExecutor

with FlowExecutor.load(Path(sys.argv[1]), connections=None) as executor:
    line = executor.run_line({})
print(json.dumps([line.outputs, sorted(sys.modules)]))
"""
NOT_NEEDED = {
    *("asyncio", "concurrent.futures", "cryptography", "fastapi", "fcntl", "httpx2", "jinja2", "logging.handlers"),
    *("multiprocessing", "openai", "pty", "pydantic", "resource", "shutil", "sqlalchemy", "starlette", "tempfile"),
}


def test_two_python_nodes_run_without_the_heavy_modules() -> None:
    flow = str(SAMPLES / "two_python_nodes")

    done = subprocess.run([sys.executable, "-c", SCRIPT, flow], capture_output=True, text=True, check=True, timeout=60)

    outputs, modules = json.loads(done.stdout)
    assert outputs == {"reply": "HI!"}
    assert NOT_NEEDED & set(modules) == set()
