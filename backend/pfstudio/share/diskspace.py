"""Room on the disk: how much folders take, what one user may have, and when to write no more."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pfstudio.errors import PromptflowException
from pfstudio.share.errors import QuotaExceededError, ShareGoneError, ShareReadOnlyError, StudioReadOnlyError

_LOOK_SECONDS = 0.5
_DEEPEST = 500  # Folders that are open at once.
_MEASURED_SECONDS = 60.0
_MEASURED_AGAIN_SECONDS = 5.0


class Use(NamedTuple):
    """Bytes and files of a folder, or of several together."""

    bytes: int = 0
    files: int = 0

    def plus(self, other: Use) -> Use:
        return Use(self.bytes + other.bytes, self.files + other.files)


def use_of(place: Path) -> Use:
    """What a file, or all that is below a folder, takes. Links count as themselves and are not followed."""
    size = files = 0
    with suppress(OSError):
        info = place.lstat()
        if not stat.S_ISDIR(info.st_mode):
            return Use(info.st_size, 1)
        for _, item_size in walk_sizes(place):
            size += item_size
            files += 1
    return Use(size, files)


def walk_sizes(place: Path) -> Iterator[tuple[list[str], int]]:
    """The size of everything below a folder that is no folder, with the names that lead to it. Only what is on the way
    is open at any time; the list is the same one each time. Links count as themselves."""
    names: list[str] = []
    opened: list[tuple[int, Iterator[os.DirEntry[str]]]] = []
    try:
        _enter(opened, str(place), None)
        while opened:
            fd, entries = opened[-1]
            item = next(entries, None)
            if item is None:
                os.close(opened.pop()[0])
                del names[-1:]
            elif item.is_dir(follow_symlinks=False):
                if len(opened) < _DEEPEST and _enter(opened, item.name, fd):
                    names.append(item.name)
            else:
                with suppress(FileNotFoundError):  # Deleted meanwhile.
                    size = item.stat(follow_symlinks=False).st_size
                    names.append(item.name)
                    yield names, size
                    names.pop()
    finally:
        for fd, _ in opened:
            os.close(fd)


def _enter(opened: list[tuple[int, Iterator[os.DirEntry[str]]]], name: str, folder: int | None) -> bool:
    """Open a folder and what is in it; not where it is gone, or a link by now."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return False
    try:
        with os.scandir(fd) as found:
            opened.append((fd, iter(list(found))))
    except OSError:
        os.close(fd)
        return False
    return True


class DiskGuard:
    """Says that the disk is full while less than `reserve` bytes are free, so that what is left is enough to go on
    with: the database, deleting, emptying the trash."""

    def __init__(self, place: Path, reserve: int) -> None:
        self._place = place
        self._reserve = reserve
        self._looked = 0.0
        self._free = self._total = 0
        self._is_gone = self._is_read_only = False

    @property
    def free(self) -> int:
        self._look()
        return self._free

    @property
    def total(self) -> int:
        self._look()
        return self._total

    @property
    def is_gone(self) -> bool:
        """Whether the place cannot be reached."""
        self._look()
        return self._is_gone

    @property
    def is_full(self) -> bool:
        self._look()
        return self._free < self._reserve

    def require_room(self) -> None:
        """Refuse to write while that is of no use; it is looked at anew each time that the last look is a moment old.

        Raises:
            StudioReadOnlyError: the disk is full.
            ShareReadOnlyError: it can only be read.
            ShareGoneError: there is no disk.
        """
        trouble = self.trouble
        if trouble is not None:
            raise trouble

    @property
    def trouble(self) -> PromptflowException | None:
        """Why nothing can be written now."""
        self._look()
        if self._is_gone:
            return ShareGoneError()
        if self._is_read_only:
            return ShareReadOnlyError()
        return StudioReadOnlyError() if self._reserve and self.is_full else None

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS or not self._looked:
            try:
                found = os.statvfs(self._place)
            except OSError:
                self._is_gone, self._is_read_only = True, False
            else:
                self._is_gone, self._is_read_only = False, bool(found.f_flag & os.ST_RDONLY)
                self._total, self._free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
            self._looked = now


class Quotas:
    """How much each user, or each flow, may have. What they have is measured now and then, and counted in between."""

    def __init__(
        self,
        limit: int | None,
        measure: Callable[[str], int],
        refusal: Callable[[str, int, int], PromptflowException] = QuotaExceededError,
    ) -> None:
        self.limit = limit
        self._measure = measure
        self._refusal = refusal
        self._known: dict[str, tuple[float, int]] = {}
        self._guard = threading.Lock()

    def require_room(self, owner: str, more: int) -> None:
        """Refuse what would take somebody over the limit.

        Raises:
            QuotaExceededError, FlowQuotaExceededError: says how much they have.
        """
        if self.limit is None or more <= 0:
            return
        used = self._used(owner, _MEASURED_SECONDS)
        if used + more > self.limit:
            used = self._used(owner, _MEASURED_AGAIN_SECONDS)  # They may have made room.
        if used + more > self.limit:
            raise self._refusal(owner, used, self.limit)

    def count(self, owner: str, more: int) -> None:
        """Tell what was written or removed."""
        with self._guard:
            if owner in self._known:
                measured, used = self._known[owner]
                self._known[owner] = (measured, max(0, used + more))

    def forget(self, owner: str) -> None:
        """Measure anew before the next answer."""
        with self._guard:
            self._known.pop(owner, None)

    def _used(self, owner: str, age: float) -> int:
        with self._guard:
            known = self._known.get(owner)
        if known and time.monotonic() - known[0] < age:
            return known[1]
        used = self._measure(owner)
        with self._guard:
            self._known[owner] = (time.monotonic(), used)
        return used


def folders_of(place: Path) -> Iterator[os.DirEntry[str]]:
    """The folders in a folder that are no links and not hidden, by name."""
    with suppress(OSError), os.scandir(place) as found:
        items = [item for item in found if item.is_dir(follow_symlinks=False) and not item.name.startswith(".")]
        yield from sorted(items, key=lambda item: item.name)
