"""How much a worker may use: what the kernel enforces for one process, and measuring a tree of them."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_FEW = 40
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, counts and seconds. Memory, processes, inodes and what is written count for a sandbox as a whole, files
    and processor time for each process in it. `seconds` ends the whole sandbox; None lets it run.

    `scratch` bounds each of the empty folders a sandbox has; what lies in them counts as memory. `written` and `files`
    bound what a sandbox adds to the folders that it may write.
    """

    memory: int = 2 * 2**30
    processes: int = 512
    file_size: int = 2 * 2**30
    open_files: int = 4096
    scratch: int = 512 * 2**20
    scratch_files: int = 100_000
    events: int = 64 * 2**20
    raw_output: int = 256 * 2**10
    seconds: float | None = None
    processor_seconds: int | None = None
    written: int = 8 * 2**30
    files: int = 300_000

    @property
    def process_ceiling(self) -> int:
        """What the kernel holds; a little above `processes`, so that what meets it is seen and said."""
        return self.processes + self.processes // 4 + 8

    def to_message(self, *, isolated: bool) -> dict[str, int | None]:
        """Those a worker sets on itself. Without a user namespace of its own the user's other processes would count."""
        processes = self.processes if isolated else None
        return {"file_size": self.file_size, "open_files": self.open_files, "processes": processes}


WORKER = Limits()
TERMINAL = Limits(memory=4 * 2**30, file_size=8 * 2**30, scratch=2**30)
GIT = Limits(processes=128, file_size=8 * 2**30, scratch=256 * 2**20, seconds=900.0, processor_seconds=900)
BUILD = Limits(file_size=8 * 2**30, scratch=2 * 2**30, seconds=1800.0, processor_seconds=3600)
"""The limits of each kind of sandbox: a flow's worker, a terminal, one git command, an environment's build."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a tree of processes uses now."""

    processes: int
    memory: int


def limit_this_process(file_size: int, open_files: int, processes: int | None) -> None:
    """Set the kernel's limits on the calling process and all it starts; there is no way back up.

    `processes` counts all of the user's in this user namespace, and does not bind root: see `prefer_this_thread`.
    """
    import resource

    wanted = [(resource.RLIMIT_FSIZE, file_size), (resource.RLIMIT_NOFILE, open_files), (resource.RLIMIT_CORE, 0)]
    if processes is not None:
        wanted.append((resource.RLIMIT_NPROC, processes))
    for kind, value in wanted:
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))


def prefer_this_thread() -> None:
    """Let the calling thread, and the sandboxes it starts, run before others where we are root.

    Then flows are root to the kernel, too, and RLIMIT_NPROC does not bind them: a fork bomb must not keep the one who
    counts from counting, nor the one who ends a sandbox from ending it. Workers step back with `step_back`.
    """
    if sys.platform == "linux":  # Elsewhere priorities belong to processes, not to threads.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -15)


def step_back() -> None:
    """Let the studio run before the calling process and all it starts."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, 5)


def measure(root: int, limits: Limits) -> Usage:
    """Processes and memory of `root` and all below it; counting stops a little past a limit.

    Resident memory counts pages shared after a fork once for each process. Where its sum reaches the limit, the exact
    proportional figure decides for a few processes; it is slow, so for many an estimate does that leaves out what each
    shares with the smallest of them.
    """
    pids = process_tree(root, most=limits.processes)
    resident = [size for size in map(_resident, pids) if size]
    memory = sum(resident)
    if memory <= limits.memory or len(pids) > limits.processes:
        return Usage(len(pids), memory)
    if len(pids) <= _FEW:
        return Usage(len(pids), sum(map(_proportional, pids)))
    base = sorted(resident)[len(resident) // 4]
    return Usage(len(pids), base + sum(max(size - base, 0) for size in resident))


def process_tree(root: int, *, most: int) -> list[int]:
    """`root` and its descendants; empty where the system does not tell.

    Ends soon after `most` are found: a tree that grows faster than it can be walked would never be done.
    """
    found = [root] if (_PROC / str(root)).exists() else []
    for pid in found:
        if len(found) > most:
            break
        found.extend(children_of(pid))
    return found


def children_of(pid: int) -> list[int]:
    children: list[int] = []
    folder = f"{_PROC}/{pid}/task"
    with contextlib.suppress(OSError):
        for task in os.listdir(folder):  # noqa: PTH208 - hot: a fork bomb grows while this walks.
            with contextlib.suppress(OSError), open(f"{folder}/{task}/children") as file:  # noqa: PTH123
                children.extend(map(int, file.read().split()))
    return children


def _resident(pid: int) -> int:
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    try:
        with (_PROC / str(pid) / "smaps_rollup").open() as lines:
            for line in lines:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return _resident(pid)
    return 0
