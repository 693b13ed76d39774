"""What a worker knows of its own use of the machine; nothing here needs more than the standard library offers."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

_SELF = Path("/proc/self")


def cpu_seconds() -> float:
    """Processor seconds this process has used, and the children it has waited for."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def wants_processor() -> bool:
    """Whether another thread of this process runs, or would if the processor were free, or a child may do so.

    False where nobody tells.
    """
    me = str(threading.get_native_id())
    try:
        for task in os.listdir(_SELF / "task"):  # noqa: PTH208 - cheap enough to look often.
            if (_SELF / "task" / task / "children").read_text():
                return True
            stat = (_SELF / "task" / task / "stat").read_text() if task != me else ""
            if stat.rpartition(")")[2][1:2] == "R":
                return True
    except OSError:
        return False
    return False


def private_memory() -> int:
    """Bytes that this process shares with no other; 0 where the system does not tell."""
    size = 0
    try:
        with (_SELF / "smaps_rollup").open() as lines:
            for line in lines:
                if line.startswith("Private_"):
                    size += int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return 0
    return size


def available_memory() -> int | None:
    """Bytes this machine can still give; None where the system does not tell."""
    try:
        with Path("/proc/meminfo").open() as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return None
