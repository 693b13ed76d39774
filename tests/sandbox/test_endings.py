"""However a flow's process ends, the test ends with a reason, and nothing of it is left."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

LOOP = "while True: pass"
STUBBORN = """
import ctypes, signal, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    ctypes.CDLL(None).signal(int(number), 1)  # SIG_IGN; Python's own refuses outside the main thread.
open('started', 'w').close()
while True: time.sleep(1)
"""
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    open('started', 'w').close()
    open('pid', 'w').write(str(os.getpid()))
    while True:
        open('alive', 'w').write(str(time.time()))
        time.sleep(0.02)
while not os.path.exists('started'):
    time.sleep(0.01)
"""


def stop_when(bench: Any, folder: Path, marker: str, wait_until: Any) -> tuple[dict[str, Any], float]:
    """Start the flow, stop it once its file `marker` is there; the result, and how long stopping took."""
    test = bench.start(folder)
    wait_until((folder / marker).exists, 30)
    asked = time.monotonic()
    test.cancel()
    return test.result(10), time.monotonic() - asked


@pytest.mark.parametrize("body", [f"open('started', 'w').close()\n{LOOP}", STUBBORN])
def test_stopping_takes_less_than_two_seconds(any_bench: Any, body: str, wait_until: Any) -> None:
    folder = any_bench.flow(body)

    result, took = stop_when(any_bench, folder, "started", wait_until)

    assert result["status"] == "Canceled"
    assert result["error"]["message"] == "The test was stopped."
    assert took < 2


def test_a_process_that_ran_away_is_ended_with_the_test(any_bench: Any, wait_until: Any) -> None:
    folder = any_bench.flow(DAEMON + LOOP)

    stop_when(any_bench, folder, "alive", wait_until)

    time.sleep(0.1)
    last = (folder / "alive").read_text()
    time.sleep(0.2)
    assert (folder / "alive").read_text() == last


def test_a_process_left_behind_ends_with_a_test_that_went_well(any_bench: Any) -> None:
    folder = any_bench.flow(DAEMON + "return 'done'")

    assert any_bench.start(folder).result(30)["output"] == {"out": "done"}

    time.sleep(0.3)
    last = (folder / "alive").read_text()
    time.sleep(0.2)
    assert (folder / "alive").read_text() == last


def test_sys_exit_in_a_tool_fails_the_node(any_bench: Any) -> None:
    result = any_bench.run("import sys\nsys.exit(3)")

    assert result["status"] == "Failed"
    assert result["error"]["type"] == "SystemExit"
    assert result["error"]["node"] == "node"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import os\nos._exit(3)", "exited with code 3"),
        ("import ctypes\nctypes.string_at(0)", "signal 11 (SIGSEGV)"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "signal 9 (SIGKILL)"),
    ],
)
def test_a_process_that_dies_says_how_and_where(any_bench: Any, body: str, words: str) -> None:
    error = any_bench.run(body)["error"]

    assert words in error["message"]
    assert "while running node 'node'" in error["message"]
    assert error["type"] == "WorkerEndedError"
    assert error["node"] == "node"


def test_the_next_test_runs_after_a_crash(any_bench: Any) -> None:
    any_bench.run("import os\nos._exit(3)")

    assert any_bench.run("return 'again'")["output"] == {"out": "again"}


def test_a_test_that_takes_too_long_is_ended(any_bench: Any) -> None:
    result = any_bench.run(LOOP, timeout=0.5)

    assert result["error"]["message"] == "The test was ended because it took longer than 0.5 seconds."
    assert result["duration"] < 2


def test_a_flow_that_takes_too_much_memory_is_ended(any_bench: Any) -> None:
    result = any_bench.run("held = []\nwhile True: held.append(bytearray(20_000_000))")

    assert result["error"]["type"] == "MemoryLimitError"
    assert any_bench.run("return 'fine'")["output"] == {"out": "fine"}


def test_a_fork_bomb_is_ended(any_bench: Any) -> None:
    body = """
import os, time
for _ in range(9):
    os.fork()
while True: pass
"""
    result = any_bench.run(body)

    # The kernel may refuse a fork before the watcher has counted.
    assert result["error"]["type"] in ("ProcessLimitError", "BlockingIOError")
    assert any_bench.run("return 'fine'")["output"] == {"out": "fine"}


def test_a_large_file_cannot_fill_the_disk(any_bench: Any) -> None:
    result = any_bench.run("with open('big', 'wb') as file:\n    file.truncate(3 * 2 ** 30)")

    assert result["status"] == "Failed"
    assert (any_bench.flow("return 1") / "big").stat().st_size == 0


def test_a_killed_sandbox_is_told_and_made_anew(any_bench: Any) -> None:
    body = """
import os, signal, time
open('started', 'w').close()
os.kill(os.getppid(), signal.SIGKILL)
time.sleep(30)
"""
    result = any_bench.run(body)

    assert result["error"]["type"] == "SandboxLostError"
    assert any_bench.run("return 'again'")["output"] == {"out": "again"}


def test_closing_ends_running_tests(any_bench: Any, wait_until: Any) -> None:
    folder = any_bench.flow(f"open('started', 'w').close()\n{LOOP}")
    test = any_bench.start(folder)
    wait_until((folder / "started").exists, 30)

    any_bench.executor.close()

    assert test.result(1)["status"] == "Canceled"
