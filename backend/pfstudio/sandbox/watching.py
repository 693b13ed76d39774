"""One sandbox under watch: its control groups, and looking at what its processes use."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from pfstudio.errors import PromptflowException
from pfstudio.sandbox import limits as limiting
from pfstudio.sandbox.cgroups import Group
from pfstudio.sandbox.errors import (
    DiskLimitError,
    MemoryLimitError,
    ProcessLimitError,
    ScratchLimitError,
    TestTimeoutError,
)
from pfstudio.sandbox.growth import Growth
from pfstudio.sandbox.isolation import HOME, SandboxSpec
from pfstudio.sandbox.limits import Limits, Usage

_SCRATCH = ("tmp", "dev/shm", HOME.lstrip("/"))


class Watch:
    """`root` is the process that was started: bubblewrap, or without isolation the command itself.

    `subject` begins the sentence of what went too far.
    """

    def __init__(self, root: int, spec: SandboxSpec, limits: Limits, *, isolated: bool, subject: str) -> None:
        self._root = root
        self._limits = limits
        self._isolated = isolated
        self._subject = subject
        self._began = time.monotonic()
        self._inside: int | None = None
        self._growth = Growth(written_folders(spec), limits)
        self.group = Group(limits)
        self.contain([root, *limiting.children_of(root)])

    def contain(self, pids: Sequence[int]) -> None:
        """Put processes into the sandbox's control groups; what they start later is in them by itself."""
        for pid in pids:
            self.group.add(pid)

    def usage(self) -> Usage:
        return limiting.measure(self._root, self._limits)

    def exceeded(self) -> PromptflowException | None:
        """What it uses too much of, in words; None for nothing."""
        limits, usage = self._limits, self.usage()
        if usage.processes > limits.processes:
            return ProcessLimitError(limits.processes, self._subject)
        if usage.memory > limits.memory or self.group.ran_out_of_memory:
            return MemoryLimitError(limits.memory, self._subject)
        if limits.seconds is not None and time.monotonic() - self._began > limits.seconds:
            return TestTimeoutError(limits.seconds, self._subject)
        if self._scratch_files() > limits.scratch_files:
            return ScratchLimitError(limits.scratch_files, self._subject)
        added = self._growth.exceeded()
        return DiskLimitError(added.size, added.files, self._subject) if added else None

    def _scratch_files(self) -> int:
        """Files in the sandbox's scratch folders: they are kernel memory, which no process's own figure shows."""
        if not self._isolated:
            return 0
        if self._inside is None:
            self._inside = next(iter(limiting.children_of(self._root)), None)
        most = 0
        if self._inside is not None:
            for name in _SCRATCH:
                place = f"/proc/{self._inside}/root/{name}"
                with contextlib.suppress(OSError):
                    if _is_the_machines(place, f"/{name}"):
                        continue  # It is still being put together.
                    found = os.statvfs(place)
                    most = max(most, found.f_files - found.f_ffree)
        return most

    def close(self) -> None:
        self.group.close()


def _is_the_machines(place: str, own: str) -> bool:
    try:
        return Path(place).stat().st_dev == Path(own).stat().st_dev
    except FileNotFoundError:
        return not Path(place).exists()


def written_folders(spec: SandboxSpec) -> list[Path]:
    own = [spec.flow_folder] if spec.flow_folder is not None and spec.writable else []
    return [*own, *(bind.source for bind in spec.binds if bind.writable)]
