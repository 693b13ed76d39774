"""How much a sandbox adds to the folders it may write, bytes and files, looked at only when the disk gets fuller."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pfstudio.sandbox.limits import Limits

_LOOK_SECONDS = 0.5
_WALK_PART = 0.1


@dataclass(frozen=True, slots=True)
class Added:
    size: int
    files: int


class Growth:
    """Looks at the free room of the disk, which costs nothing, and walks the folders once it shrank by a good part.

    What others write meanwhile only makes it walk: what counts are entries in these folders that changed since the
    sandbox began.
    """

    def __init__(self, folders: Sequence[Path], limits: Limits) -> None:
        self._folders = [folder for folder in folders if folder.is_dir()]
        self._limits = limits
        self._began = time.time() - 1.0  # The clock of files may be a moment behind.
        self._free = {folder: _free(folder) for folder in self._folders}
        self._look_at = time.monotonic() + _LOOK_SECONDS

    def exceeded(self) -> Added | None:
        """What was added, where it is too much."""
        now = time.monotonic()
        if now < self._look_at or not self._folders:
            return None
        self._look_at = now + _LOOK_SECONDS
        for folder in self._folders:
            free = _free(folder)
            before = self._free[folder]
            if before.size - free.size <= self._limits.written // 2 and (
                before.files - free.files <= self._limits.files // 2
            ):
                continue
            started = time.monotonic()
            added = added_since(folder, self._began, self._limits)
            took = time.monotonic() - started
            self._look_at = max(self._look_at, time.monotonic() + took / _WALK_PART)
            if added.size > self._limits.written or added.files > self._limits.files:
                return added
        return None


def added_since(folder: Path, began: float, limits: Limits) -> Added:
    """Disk room and number of the entries below that changed since then; stops a little past a limit."""
    size = files = 0
    waiting = [str(folder)]
    while waiting:
        try:
            entries = os.scandir(waiting.pop())
        except OSError:
            continue
        with entries:
            for entry in entries:
                try:
                    found = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                except OSError:
                    continue
                if found.st_ctime >= began:
                    files += 1
                    size += found.st_blocks * 512
                if size > limits.written or files > limits.files:
                    return Added(size, files)
    return Added(size, files)


def _free(folder: Path) -> Added:
    try:
        found = os.statvfs(folder)
    except OSError:
        return Added(0, 0)
    return Added(found.f_bavail * found.f_frsize, found.f_favail)
