"""When the studio is killed, every process it started for flows goes with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pfstudio.sandbox.limits import process_tree

STUDIO = """
import sys, time
from pathlib import Path
from pfstudio.sandbox.executor import LocalExecutor, TestRequest
executor = LocalExecutor(share_root=Path(sys.argv[1]), isolated=sys.argv[3] == 'True')
executor.start(TestRequest(owner='ada', runner='ada', flow_folder=Path(sys.argv[2]), writable=True))
time.sleep(60)
"""


@pytest.mark.parametrize("isolated", [True, False])
def test_a_killed_studio_leaves_no_process(bench: Any, isolated: bool, wait_until: Any) -> None:
    folder = bench.flow("open('started', 'w').close()\nwhile True: pass")
    studio = subprocess.Popen([sys.executable, "-c", STUDIO, str(bench.share), str(folder), str(isolated)])
    wait_until((folder / "started").exists, 30)
    below = process_tree(studio.pid, most=100)[1:]
    assert len(below) >= 2

    os.kill(studio.pid, signal.SIGKILL)
    studio.wait()

    wait_until(lambda: not any(is_running(pid) for pid in below), 3)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
