"""What history costs: time added to a save, room for 500 saves of a 20 kB file, the first snapshot of 10,000 files.

The studio that is saved to records for a while and does not for a while, in turn, so that both are the same process on
the same machine.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.studio import start, stop, token_of
from benchmarks.table import Row

SAVES = 500
FILES = 10_000
_BLOCK = 10
_FLOW = "Users/bench/promptflow/saved"
_FOLDER = "Users/bench/promptflow/first"


def measure(folder: Path) -> list[Row]:
    data = folder / "history"
    process, _, _ = start(data)  # Makes the database.
    stop(process)
    port, process = _serve(data)
    try:
        token = token_of(port)
        recorded, plain = _saves(port, token, process)
        first = _first_snapshot(data, port, token)
    finally:
        stop(process)
    return [
        Row("history: added to a save, median", "ms", (_median(recorded) - _median(plain)) * 1000, 30),
        Row("history: added to a save, 95th percentile", "ms", (_p95(recorded) - _p95(plain)) * 1000, 30),
        Row(f"history: room for {SAVES} saves of 20 kB, packed", "kB", _packed(data) / 1000, 1000),
        Row(f"history: first snapshot of {FILES:,} files", "s", first, 10),
    ]


def _saves(port: int, token: str, process: subprocess.Popen[bytes]) -> tuple[list[float], list[float]]:
    """Seconds of each save, with and without history."""
    times: tuple[list[float], list[float]] = ([], [])
    lines = [f"line {number} {random.random()}" for number in range(700)]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}"}
    for block in range(2 * SAVES // _BLOCK):
        for _ in range(_BLOCK):
            lines[random.randrange(700)] = f"changed {random.random()}"
            began = time.perf_counter()
            connection.request("PUT", f"/api/content/{_FLOW}/a.txt", "\n".join(lines)[:20_000], headers)
            connection.getresponse().read()
            times[block % 2].append(time.perf_counter() - began)
            time.sleep(0.02)  # Nobody types faster; what is recorded after an answer meets the next save.
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.1)
    connection.close()
    return times


def _first_snapshot(data: Path, port: int, token: str) -> float:
    folder = data / "share" / _FOLDER
    for number in range(FILES):
        place = folder / str(number % 100)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.txt").write_text(f"{number}\n" * 50)
    began = time.perf_counter()
    while not _get(port, token, f"/api/history/{_FOLDER}")["entries"]:
        time.sleep(0.05)
    return time.perf_counter() - began


def _get(port: int, token: str, path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = json.load(connection.getresponse())
    connection.close()
    return answer


def _packed(data: Path) -> int:
    """The bytes of the saved flow alone, after packing."""
    from pfstudio.share.paths import SharePath
    from pfstudio.share.snapshots import SnapshotStore
    from pfstudio.share.snapshots_units import Unit
    from pfstudio.share.snapshots_upkeep import pack

    store = SnapshotStore(data / "snapshots.git")
    pack(store)
    ref = Unit(SharePath.parse(_FLOW)).ref
    said = store.git.run("rev-list", "--objects", "--disk-usage", ref)
    store.close()
    return int(said)


def _median(times: list[float]) -> float:
    return statistics.median(times)


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


def _serve(data: Path) -> tuple[int, subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.history", str(data)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    return int(process.stdout.readline()), process


def _serve_here(data: Path) -> None:
    """A studio that stops recording at SIGUSR1, and goes on at the next."""
    import uvicorn

    from pfstudio.history.recorder import Recorder
    from pfstudio.server.app import create_app
    from pfstudio.server.settings import Settings

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            sys.stdout.write(f"{self.servers[0].sockets[0].getsockname()[1]}\n")
            sys.stdout.flush()

    add, is_on = Recorder._add, True

    def add_if_on(recorder: Recorder, job: Any) -> None:
        if is_on:
            add(recorder, job)
        else:
            job.close()

    def switch(*_: object) -> None:
        nonlocal is_on
        is_on = not is_on

    Recorder._add = add_if_on  # type: ignore[method-assign,assignment]
    signal.signal(signal.SIGUSR1, switch)
    with contextlib.suppress(KeyboardInterrupt):
        Server(uvicorn.Config(create_app(Settings(data=data)), port=0, log_level="error")).run()


if __name__ == "__main__":
    _serve_here(Path(sys.argv[1]))
