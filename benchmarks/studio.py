"""The studio: start to first answer, first load, the explorer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from benchmarks.pages import first_loads
from benchmarks.table import Row

ENTRIES = 10_000
PASSWORD = "bench-bench-bench"


def measure(folder: Path, rounds: int) -> list[Row]:
    data = folder / "data"
    _start_and_stop(data)  # The first start makes the database; the second is what users wait for.
    second = min(_start_and_stop(data) for _ in range(rounds))
    return [
        Row("studio: second start to first answer", "s", second, 1.5),
        *_first_loads(data),
        Row(f"explorer: a folder of {ENTRIES:,} files, whole request", "ms", _listing(data) * 1000, 100),
    ]


def _first_loads(data: Path) -> list[Row]:
    process, port, _ = start(data)
    try:
        loads = first_loads(f"http://127.0.0.1:{port}", "bench", PASSWORD) or {}
    finally:
        stop(process)
    return [Row(f"studio: first load of {name}, compressed", "kB", size / 1000, 400) for name, size in loads.items()]


def _start_and_stop(data: Path) -> float:
    process, _, seconds = start(data)
    stop(process)
    return seconds


def start(data: Path, **settings: str) -> tuple[subprocess.Popen[bytes], int, float]:
    """A running studio with the admin `bench`, its port, and the seconds until it answered."""
    port = _free_port()
    admin = {"PFSTUDIO_ADMIN_USERNAME": "bench", "PFSTUDIO_ADMIN_PASSWORD": PASSWORD}
    environment = {**os.environ, **admin, **settings}
    command = [
        str(Path(sys.executable).parent / "pfstudio"),
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
        "--no-browser",
    ]
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while time.perf_counter() - start < 30:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=30):
                return process, port, time.perf_counter() - start
        except OSError:  # Nobody listens yet; afterwards the first request waits for the answer.
            time.sleep(0.01)
    stop(process)
    raise SystemExit("The studio did not answer within 30 s.")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)


def _listing(data: Path) -> float:
    folder = data / "share/Users/bench/promptflow/many"
    folder.mkdir(parents=True)
    for number in range(ENTRIES):
        (folder / f"file-{number:05}.txt").write_bytes(b"x")
    process, port, _ = start(data)
    try:
        token = token_of(port)
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/files/Users/bench/promptflow/many",
            headers={"Authorization": f"Bearer {token}"},
        )
        best = float("inf")
        for _ in range(5):
            began = time.perf_counter()
            with urllib.request.urlopen(request, timeout=10) as answer:
                answer.read()
            best = min(best, time.perf_counter() - began)
        return best
    finally:
        stop(process)


def token_of(port: int, username: str = "bench") -> str:
    """A token of a user with the usual password."""
    body = json.dumps({"username": username, "password": PASSWORD}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/auth/token", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["token"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
