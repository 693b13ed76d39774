"""Control groups around a sandbox, where this machine lets us make them: a ceiling that the kernel itself keeps.

They stand a little above the watcher's limits, which say in words what was too much; what grows faster than the watcher
looks meets this ceiling. Both versions of the kernel's interface are used.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

from pfstudio.sandbox.limits import Limits

_ROOT = Path("/sys/fs/cgroup")
_SELF = Path("/proc/self/cgroup")
_END_SECONDS = 2.0
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of control groups in which we may make our own; the same one twice in version 2."""

    memory: Path | None = None
    processes: Path | None = None

    def describe(self) -> str | None:
        """Which limits the kernel keeps for a sandbox as a whole; None for none."""
        held = [name for name, place in (("memory", self.memory), ("processes", self.processes)) if place]
        return " and ".join(held) or None


@functools.cache
def places() -> Places:
    """Found by trying, once."""
    return find_places(_ROOT, _SELF)


def find_places(root: Path, own: Path) -> Places:
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return Places()
    found: dict[str, Path] = {}
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for name in ("memory", "pids"):
            if name in controllers.split(","):
                found[name] = root / name / path.lstrip("/")
        if not controllers and (root / "cgroup.controllers").exists():
            folder = root / path.lstrip("/")
            for name in _handed_down(folder):
                found.setdefault(name, folder)
    for place in set(found.values()):
        _sweep(place)
    memory = found.get("memory")
    processes = found.get("pids")
    return Places(
        memory if memory and _can_make(memory, ("memory.limit_in_bytes", "memory.max")) else None,
        processes if processes and _can_make(processes, ("pids.max",)) else None,
    )


def _handed_down(folder: Path) -> list[str]:
    """Version 2: the controllers that groups below `folder` have, turned on where we may."""
    with contextlib.suppress(OSError):
        (folder / "cgroup.subtree_control").write_text("+memory +pids")
    with contextlib.suppress(OSError):
        names = (folder / "cgroup.subtree_control").read_text().split()
        return [name for name in ("memory", "pids") if name in names]
    return []


def _sweep(place: Path) -> None:
    """Remove what a studio left that was killed; groups with processes in them cannot be removed."""
    for folder in place.glob("pfstudio-*-*"):
        _, owner, _ = folder.name.split("-", 2)
        if not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def _can_make(place: Path, wanted: tuple[str, ...]) -> bool:
    trial = place / f"pfstudio-trial-{os.getpid()}"
    try:
        trial.mkdir(exist_ok=True)
    except OSError:
        return False
    try:
        return any(os.access(trial / name, os.W_OK) for name in wanted)
    finally:
        with contextlib.suppress(OSError):
            trial.rmdir()


class Group:
    """The control groups of one sandbox. Nothing here fails for want of them: the watcher is there as well."""

    def __init__(self, limits: Limits, where: Places | None = None) -> None:
        where = where or places()
        name = f"pfstudio-{os.getpid()}-{next(_numbers)}"
        self._folders: list[Path] = []
        memory = self._make(where.memory, name)
        # What lies in the scratch folders counts as memory of the group, and beside it the kernel's own.
        ceiling = str(limits.memory + 2 * limits.scratch)
        self._write(memory, ("memory.limit_in_bytes", "memory.max"), ceiling)
        self._write(memory, ("memory.memsw.limit_in_bytes", "memory.swap.max"), ceiling)
        processes = self._make(where.processes, name)
        self._write(processes, ("pids.max",), str(limits.process_ceiling))

    def _make(self, place: Path | None, name: str) -> Path | None:
        if place is None:
            return None
        folder = place / name
        with contextlib.suppress(OSError):
            folder.mkdir(exist_ok=True)
            if folder not in self._folders:
                self._folders.append(folder)
            return folder
        return None

    def _write(self, folder: Path | None, names: tuple[str, ...], text: str) -> None:
        for name in names:
            if folder is not None and (folder / name).exists():
                with contextlib.suppress(OSError):
                    (folder / name).write_text(text)

    def add(self, pid: int) -> None:
        for folder in self._folders:
            with contextlib.suppress(OSError):
                (folder / "cgroup.procs").write_text(str(pid))

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the group because its memory was used up."""
        for folder in self._folders:
            for name in ("memory.oom_control", "memory.events"):
                with contextlib.suppress(OSError):
                    for line in (folder / name).read_text().splitlines():
                        if line.startswith("oom_kill ") and line.split()[1] != "0":
                            return True
        return False

    def close(self) -> None:
        """Remove them; the last processes may need a moment to be gone."""
        end = time.monotonic() + _END_SECONDS
        for folder in self._folders:
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > end:
                        break
                    time.sleep(0.005)
        self._folders = []
