"""One author's flows take all they can get while another's pages load: row 42 of the table of incidents.

Each attack ends by itself long before it could hurt the machine that runs these tests, limits or not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from security.hostile_studio import MALLORY, PAGE_SECONDS, Hostile, percentile

pytestmark = pytest.mark.timeout(180)

ATTACKS: dict[str, tuple[str, str]] = {
    "a fork bomb": (
        "made = 0\n"
        "while made < 3000:\n"
        "    try:\n"
        "        made += 1\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(20)\n"
        "            os._exit(0)\n"
        "    except OSError:\n"
        "        time.sleep(0.001)",
        "more than 512 processes",
    ),
    "a bomb of threads": (
        "for _ in range(3000):\n    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()\nreturn 1",
        "",
    ),
    "memory": ("kept = [bytearray(64 * 2**20) for _ in range(48)]\ntime.sleep(20)", "memory"),
    "memory in many processes": (
        "for _ in range(12):\n"
        "    if os.fork() == 0:\n"
        "        kept = b'x' * (256 * 2**20)\n"
        "        time.sleep(20)\n"
        "        os._exit(0)\n"
        "time.sleep(20)",
        "memory",
    ),
    "shared memory": (
        "with open('/dev/shm/big', 'wb') as file:\n    for _ in range(1200):\n        file.write(bytes(2**20))",
        "No space left on device",
    ),
    "temporary files": (
        "for number in range(110000):\n    open(f'/tmp/{number}', 'w').close()\ntime.sleep(20)",
        "temporary files",
    ),
    "one large file": (
        "with open('big', 'wb') as file:\n    file.truncate(3 * 2**30)\nreturn 1",
        "File too large",
    ),
    "descriptors": ("kept = [open('/dev/null') for _ in range(5000)]\nreturn 1", "Too many open files"),
    "output without end": ("for _ in range(3000):\n    print('x' * 100_000)\nreturn 1", ""),
    "output past Python": ("for _ in range(1000):\n    os.write(1, b'y' * 100_000)\nreturn 1", ""),
    "a result without end": ("return 'x' * 40_000_000", ""),
    "nesting without end": ("found = []\nfor _ in range(100_000):\n    found = [found]\nreturn found", ""),
    "all processors": (
        "for _ in range(64):\n"
        "    if os.fork() == 0:\n"
        "        end = time.time() + 2\n"
        "        while time.time() < end:\n"
        "            pass\n"
        "        os._exit(0)\n"
        "time.sleep(2)\n"
        "return 1",
        "",
    ),
    "recursion": ("def again(): return again()\nreturn again()", "recursion"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_another_users_pages_stay_fast_during(hostile: Hostile, name: str) -> None:
    body, words = ATTACKS[name]

    result = hostile.run(body)

    assert words in json.dumps(result["error"]), result["error"]
    assert percentile(hostile.loads) < PAGE_SECONDS
    assert hostile.run("return 'next'")["output"]["out"] == "next"


def test_a_flow_that_stops_its_own_zygote_is_ended_when_asked(hostile: Hostile) -> None:
    answers: list[tuple[int, bytes]] = []
    hostile.write("os.kill(os.getppid(), signal.SIGSTOP)\nwhile True: pass")
    path = f"/api/test/{MALLORY}"
    test = threading.Thread(
        target=lambda: answers.append(hostile.call("mallory", "POST", path, {"inputs": {}})), daemon=True
    )

    with hostile.watched():
        test.start()
        ends = time.monotonic() + 30
        while test.is_alive() and time.monotonic() < ends:
            hostile.call("mallory", "DELETE", path)
            test.join(0.3)

    assert [status for status, _ in answers] == [200]
    assert json.loads(answers[0][1])["status"] in ("Canceled", "Failed")


def test_a_full_disk_is_said_and_pages_still_load(tmp_path: Path) -> None:
    """On a small disk of its own: the real one is never filled."""
    script = Path(__file__).with_name("small_disk.py")
    command = ["unshare", "--mount", *_user_namespace(), sys.executable, str(script), str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 0, ended.stderr[-3000:]
    floods = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(floods) == 2
    for told in floods:
        assert "No space left on device" in told["error"]
        assert told["p95"] < PAGE_SECONDS
        assert told["pages"] > 4
        assert told["after"] == "works"


def _user_namespace() -> list[str]:
    return [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
