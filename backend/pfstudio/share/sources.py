"""Where news of a folder come from: the kernel's events, or looking again and again.

Links are told but never followed. Caches, git's own folder and files that are just being written are not told.
"""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR
from typing import Literal, Protocol

from pfstudio.share import inotify
from pfstudio.share.handles import READ
from pfstudio.share.inotify import Inotify, RawEvent
from pfstudio.share.paths import TEMPORARY_PREFIX

ChangeKind = Literal["created", "changed", "deleted"]
Names = tuple[str, ...]

_CACHES = (".cache", ".hypothesis", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".tox", "__pycache__")
_NOT_LOOKED_INTO = frozenset([".git", ".venv", "node_modules", *_CACHES])
_SILENT_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "fuse", "virtiofs", "vboxsf", "prl_fs", "ceph", "gluster", "lustre")
_MOST_FOLDERS = 5_000
_MOST_ENTRIES = 200_000
_DEEPEST = 60
_OPEN_FOLDER = READ | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(slots=True)
class Batch:
    """Changes by path, each told once; `missed` where some could not be told."""

    changes: dict[Names, ChangeKind] = field(default_factory=dict)
    missed: bool = False

    def add(self, names: Names, kind: ChangeKind) -> None:
        before = self.changes.get(names)
        if before == "created" and kind == "deleted":
            del self.changes[names]
        elif before == "deleted" and kind == "created":
            self.changes[names] = "changed"
        elif before != "created" or kind != "changed":
            self.changes[names] = kind

    def __bool__(self) -> bool:
        return self.missed or bool(self.changes)


class Source(Protocol):
    """News of one folder."""

    def wait(self, wake: int, seconds: float) -> None:
        """Return when there may be news, when `wake` can be read, or after so long."""

    def collect(self, batch: Batch) -> None:
        """Add the news to the batch."""

    def close(self) -> None:
        """Let go of everything."""


def sends_events(folder: int) -> bool:
    """Whether the file system of an open folder tells what other machines, or their programs, change on it."""
    device = os.fstat(folder).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return True
    kinds = [
        right.split()[0] for left, _, right in (line.partition(" - ") for line in mounts) if left.split()[2] == number
    ]
    return not any(kind.startswith(_SILENT_FILE_SYSTEMS) for kind in kinds)


def is_noise(name: str) -> bool:
    """Whether nobody should hear of a file or folder of this name."""
    return name in _NOT_LOOKED_INTO or name.startswith(TEMPORARY_PREFIX)


class TooManyFoldersError(OSError):
    """The folder holds more folders than are watched by events."""


class EventSource:
    """The kernel's events, of every folder below one.

    Raises:
        OSError: there are no events here, or not for so many folders.
    """

    def __init__(self, folder: int) -> None:
        self._notify = Inotify()
        self._root = os.dup(folder)
        self._folders: dict[int, Names] = {}
        self._known: dict[Names, set[str]] = {}
        try:
            self._arm(folder, (), None)
        except BaseException:
            self.close()
            raise

    def wait(self, wake: int, seconds: float) -> None:
        poll = select.poll()
        poll.register(self._notify.fd, select.POLLIN)
        poll.register(wake, select.POLLIN)
        poll.poll(seconds * 1000)

    def collect(self, batch: Batch) -> None:
        for event in self._notify.read():
            if event.mask & inotify.OVERFLOW:
                batch.missed = True
            elif event.mask & inotify.IGNORED:
                self._known.pop(self._folders.pop(event.folder, ()), None)
            elif event.name and not is_noise(event.name) and event.folder in self._folders:
                self._take(event, batch)

    def close(self) -> None:
        self._notify.close()
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def _take(self, event: RawEvent, batch: Batch) -> None:
        parent = self._folders[event.folder]
        names = (*parent, event.name)
        known = self._known.setdefault(parent, set())
        if event.mask & (inotify.DELETE | inotify.MOVED_FROM):
            known.discard(event.name)
            batch.add(names, "deleted")
            if event.mask & inotify.MOVED_FROM and event.mask & inotify.IS_FOLDER:
                self._forget(names)
            return
        batch.add(names, "changed" if event.name in known else "created")
        known.add(event.name)
        if event.mask & inotify.IS_FOLDER and event.mask & (inotify.CREATE | inotify.MOVED_TO):
            self._arm_below(names, batch)

    def _forget(self, names: Names) -> None:
        """A folder was moved: its watches would go on under its old name."""
        for number, below in list(self._folders.items()):
            if below[: len(names)] == names:
                self._notify.remove(number)
                del self._folders[number]
                self._known.pop(below, None)

    def _arm_below(self, names: Names, batch: Batch) -> None:
        """Watch a folder that has just come, and tell what is in it already."""
        folder = os.dup(self._root)
        try:
            for name in names:
                inner = os.open(name, _OPEN_FOLDER, dir_fd=folder)
                os.close(folder)
                folder = inner
            self._arm(folder, names, batch)
        except (FileNotFoundError, NotADirectoryError):
            pass  # Gone again; its own event says so.
        finally:
            os.close(folder)

    def _arm(self, folder: int, names: Names, batch: Batch | None) -> None:
        number = self._notify.add(folder)
        self._folders[number] = names
        if len(self._folders) > _MOST_FOLDERS or len(names) > _DEEPEST:
            raise TooManyFoldersError(errno.ENOSPC, "Too many folders")
        # Listed after the watch began: what comes now is in the list or an event, never in neither.
        items = [item for item in _list(folder) if not is_noise(item.name)]
        self._known[names] = {item.name for item in items}
        for item in items:
            below = (*names, item.name)
            if batch is not None:
                batch.add(below, "created")
            if not item.is_dir(follow_symlinks=False):
                continue
            with _opened(item.name, folder) as inner:
                if inner is not None:
                    self._arm(inner, below, batch)


Stamp = tuple[int, int, int, int]


class PollSource:
    """Looks again and again, rarely where looking takes long."""

    def __init__(self, folder: int, *, seconds: float) -> None:
        self._root = os.dup(folder)
        self._pause = self._least_pause = seconds
        self._stamps = self._look()

    def wait(self, wake: int, seconds: float) -> None:
        poll = select.poll()
        poll.register(wake, select.POLLIN)
        poll.poll(min(seconds, self._pause) * 1000)

    def collect(self, batch: Batch) -> None:
        before, self._stamps = self._stamps, self._look()
        for names, stamp in self._stamps.items():
            known = before.pop(names, None)
            if known is None:
                batch.add(names, "created")
            elif known != stamp:
                batch.add(names, "changed")
        for names in before:
            batch.add(names, "deleted")

    def close(self) -> None:
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def _look(self) -> dict[Names, Stamp]:
        began = time.monotonic()
        stamps: dict[Names, Stamp] = {}
        with _opened(".", self._root) as folder:
            if folder is not None:
                _stamp(folder, (), stamps)
        self._pause = max(self._least_pause, 5 * (time.monotonic() - began))
        return stamps


def _stamp(folder: int, names: Names, stamps: dict[Names, Stamp]) -> None:
    for item in _list(folder):
        if is_noise(item.name) or len(stamps) >= _MOST_ENTRIES:
            continue
        below = (*names, item.name)
        try:
            info = item.stat(follow_symlinks=False)
        except OSError:
            continue  # Deleted meanwhile.
        if not S_ISDIR(info.st_mode):
            stamps[below] = (info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
            continue
        stamps[below] = (info.st_ino, 0, 0, 0)  # A folder's times say only what its files say themselves.
        if len(below) < _DEEPEST:
            with _opened(item.name, folder) as inner:
                if inner is not None:
                    _stamp(inner, below, stamps)


def _list(folder: int) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as items:
        return list(items)


@contextmanager
def _opened(name: str, folder: int) -> Iterator[int | None]:
    """An open folder, no link; None where it has gone or nobody may look into it."""
    try:
        inner = os.open(name, _OPEN_FOLDER, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise
        yield None
        return
    try:
        yield inner
    finally:
        os.close(inner)
