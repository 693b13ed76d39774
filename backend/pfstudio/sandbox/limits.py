"""How much a worker may use: what the kernel enforces for one process, and measuring a tree of them."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and counts. Memory and processes count for a sandbox as a whole, files for each process in it."""

    memory: int = 2 * 2**30
    processes: int = 512
    file_size: int = 2 * 2**30
    open_files: int = 4096
    scratch: int = 512 * 2**20
    events: int = 64 * 2**20
    raw_output: int = 256 * 2**10

    def to_message(self) -> dict[str, int]:
        """Those a worker sets on itself."""
        return {"file_size": self.file_size, "open_files": self.open_files}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a tree of processes uses now."""

    processes: int
    memory: int


def limit_this_process(file_size: int, open_files: int) -> None:
    """Set the kernel's limits on the calling process and all it starts; there is no way back up."""
    import resource

    for kind, value in (
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))


def measure(root: int, limits: Limits) -> Usage:
    """Processes and memory of `root` and all below it; counting stops a little past a limit.

    Resident memory counts pages shared after a fork once for each process, so where its sum reaches the limit the
    exact, slower, proportional figure decides.
    """
    pids = process_tree(root, most=limits.processes)
    memory = sum(_resident(pid) for pid in pids)
    if memory > limits.memory and len(pids) <= limits.processes:
        memory = sum(_proportional(pid) for pid in pids)
    return Usage(len(pids), memory)


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
    with contextlib.suppress(OSError):
        for task in (_PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                children.extend(map(int, (task / "children").read_text().split()))
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
