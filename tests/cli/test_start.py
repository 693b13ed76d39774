"""`pf flow test` starts fast because of what it does not load, and runs where Linux's own modules are missing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Ended

HEAVY = (
    *("alembic", "asyncio", "concurrent.futures", "cryptography", "email.message", "fastapi", "httpx2"),
    *("importlib.metadata", "jinja2", "logging", "multiprocessing", "openai", "pydantic", "rich", "select", "socket"),
    *("sqlalchemy", "ssl", "starlette", "subprocess", "typer", "urllib.request", "uvicorn", "watchfiles"),
)
LINUX_ONLY = ("fcntl", "grp", "pty", "pwd", "resource", "termios")

REPORT = """
import json, sys
from pfstudio.cli.main import pf
code = pf(sys.argv[1:])
json.dump({"code": code, "modules": sorted(sys.modules)}, sys.stderr)
"""
BLOCK = """
import sys
for name in {names!r}:
    sys.modules[name] = None
"""


def run(program: str, flow: Path) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-c", program, "flow", "test", "--flow", str(flow), "--inputs", "s=x"],
        capture_output=True,
        text=True,
        env={"PF_LOGGING_LEVEL": "ERROR"},
        timeout=60,
        check=False,
    )
    assert json.loads(ended.stdout) == {"r": 6, "t": "X6"}, ended.stderr
    report: dict[str, Any] = json.loads(ended.stderr)
    return report


def test_nothing_heavy_is_loaded(flow: Path) -> None:
    report = run(REPORT, flow)

    assert [name for name in HEAVY if name in report["modules"]] == []


def test_it_runs_without_linux_only_modules(flow: Path) -> None:
    report = run(BLOCK.format(names=LINUX_ONLY) + REPORT, flow)

    assert report["code"] == 0


def test_the_client_loads_nothing_heavy() -> None:
    program = (
        "import sys, json\nfrom promptflow.client import PFClient\nPFClient()\n"
        "json.dump(sorted(sys.modules), sys.stdout)"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    modules = json.loads(ended.stdout)
    assert [name for name in (*HEAVY, "yaml", "pfstudio.engine.executor") if name in modules] == []


@pytest.mark.parametrize("arguments", [["--version"], ["flow", "--help"]])
def test_help_and_versions_come_at_once(pf: Callable[..., Ended], arguments: list[str]) -> None:
    started = time.perf_counter()

    pf(*arguments)

    assert time.perf_counter() - started < 1  # A twentieth of it on a machine that is not busy.


def test_a_test_takes_little_memory(flow: Path) -> None:
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)\n"
    )
    command = [str(Path(sys.executable).with_name("pf")), "flow", "test", "--flow", str(flow), "--inputs", "s=x"]

    ended = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, text=True, check=True)

    assert int(ended.stdout) < 45
