"""Reads a folder of the share into the snapshot store, exactly as it is, and reads no unchanged file twice.

`.git` stays out, also that of a repository inside; so do files of ours that are being written, and what is neither
file, folder nor link. Links are kept as links and never followed.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pfstudio.share.handles import READ
from pfstudio.share.paths import TEMPORARY_PREFIX
from pfstudio.share.plainstore import PlainStore
from pfstudio.share.snapshots_objects import ObjectWriter, Tree, TreeEntry, failed, large_entry

GIT_FOLDER = ".git"
LARGE_FROM = 50_000_000
DEEPEST = 400
_TRIES = 3
_CLOCK_TICK_NS = 100_000_000
"""A file that changed this shortly before it was read may change again within the same tick of its clock."""
_FOLDER = READ | os.O_DIRECTORY | os.O_NOFOLLOW

Names = tuple[str, ...]


class Stamp(NamedTuple):
    """What the file system says of a file. The same stamp means the same content."""

    ino: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, info: os.stat_result) -> Stamp:
        return cls(info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


Known = dict[str, tuple[Stamp, TreeEntry]]
"""By path: what was read, and what it looked like then."""


class Reader:
    """Turns files and folders into entries of trees."""

    def __init__(
        self,
        writer: ObjectWriter,
        plain: PlainStore,
        known: Known,
        *,
        large_from: int = LARGE_FROM,
        is_apart: Callable[[Names], bool] = lambda _: False,
    ) -> None:
        self._writer = writer
        self._plain = plain
        self._known = known
        self._large_from = large_from
        self._is_apart = is_apart
        self.seen: Known = {}
        self.left_out = 0
        """Things that were not read: too deep, not allowed, neither file nor folder nor link."""

    def folder(self, fd: int, names: Names, *, keep: Callable[[Names], TreeEntry | None] | None = None) -> TreeEntry:
        """The entry of an open folder. What `keep` gives stands for what is on disk.

        Raises:
            SnapshotsFailedError: the store or the share could not be used.
        """
        try:
            return self._folder(fd, names, keep or (lambda _: None))
        except OSError as error:
            raise failed(error) from error

    def at(self, parent: int, name: str, names: Names) -> TreeEntry | None:
        """The entry of what has this name in an open folder; None where nothing is that a tree can hold."""
        if _is_left_out(name):
            return None
        try:
            info = os.stat(name, dir_fd=parent, follow_symlinks=False)
            return self._entry(parent, name, names, info, lambda _: None)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise failed(error) from error

    def content(self, fd: int, names: Names) -> TreeEntry:
        """The entry of an open file, wherever it is now."""
        try:
            return self._file(fd, names)
        except OSError as error:
            raise failed(error) from error

    def _folder(self, fd: int, names: Names, keep: Callable[[Names], TreeEntry | None]) -> TreeEntry:
        entries: dict[str, TreeEntry] = {}
        mode = os.fstat(fd).st_mode
        with os.scandir(fd) as found:
            items = [item for item in found if not _is_left_out(item.name)]
        for item in items:
            below = (*names, item.name)
            entry = keep(below)
            if entry is None:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # Deleted or replaced meanwhile.
                    entry = self._entry(fd, item.name, below, item.stat(follow_symlinks=False), keep)
            if entry is not None:
                entries[item.name] = entry
        return TreeEntry(mode, self._writer.tree(entries))

    def _entry(
        self, parent: int, name: str, names: Names, info: os.stat_result, keep: Callable[[Names], TreeEntry | None]
    ) -> TreeEntry | None:
        mode = info.st_mode
        try:
            if stat.S_ISLNK(mode):
                target = os.fsencode(os.readlink(name, dir_fd=parent))
                return TreeEntry(stat.S_IFLNK, self._writer.blob(target))
            if stat.S_ISDIR(mode) and self._is_apart(names):
                return None
            if stat.S_ISDIR(mode) and len(names) <= DEEPEST:
                with _opened(name, parent, _FOLDER) as fd:
                    return self._folder(fd, names, keep)
            if stat.S_ISREG(mode):
                return self._known_entry(names, info) or self._open_file(parent, name, names)
        except PermissionError:
            pass
        self.left_out += 1
        return None

    def _known_entry(self, names: Names, info: os.stat_result) -> TreeEntry | None:
        path = "/".join(names)
        known = self._known.get(path)
        if known is None or known[0] != Stamp.of(info):
            return None
        # The content is the same; a change of the mode alone shows in the time of change, so it is too.
        self.seen[path] = known
        return known[1]

    def _open_file(self, parent: int, name: str, names: Names) -> TreeEntry | None:
        with _opened(name, parent, READ | os.O_NOFOLLOW) as fd:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            return self._file(fd, names)

    def _file(self, fd: int, names: Names) -> TreeEntry:
        for _ in range(_TRIES):
            now = time.time_ns()
            before = os.fstat(fd)
            entry = self._read(fd, before)
            after = os.fstat(fd)
            if Stamp.of(before) == Stamp.of(after):
                break
        newest = max(after.st_mtime_ns, after.st_ctime_ns)
        if Stamp.of(before) == Stamp.of(after) and newest < now - _CLOCK_TICK_NS:
            self.seen["/".join(names)] = (Stamp.of(after), entry)
        return entry

    def _read(self, fd: int, info: os.stat_result) -> TreeEntry:
        if info.st_size <= self._large_from:
            pieces, position = [], 0
            while position <= self._large_from and (piece := os.pread(fd, self._large_from + 1 - position, position)):
                pieces.append(piece)
                position += len(piece)
            if position <= self._large_from:
                return TreeEntry(info.st_mode, self._writer.blob(b"".join(pieces)))
        return large_entry(info.st_mode, self._plain.add(fd))


def replaced(writer: ObjectWriter, tree: str, names: Names, entry: TreeEntry | None) -> str:
    """The root tree with another entry at `names`, or without one; folders on the way are made."""
    if not names:
        return tree if entry is None else entry.oid
    entries: Tree = writer.read_tree(tree)
    name, rest = names[0], names[1:]
    changed = dict(entries)
    if rest:
        inner = entries.get(name)
        if inner is None or not inner.is_folder:
            if entry is None:
                return tree
            inner = TreeEntry(stat.S_IFDIR | 0o755, writer.tree({}))
        changed[name] = TreeEntry(inner.mode, replaced(writer, inner.oid, rest, entry))
    elif entry is None:
        changed.pop(name, None)
    else:
        changed[name] = entry
    return tree if changed == entries else writer.tree(changed)


def _is_left_out(name: str) -> bool:
    return name == GIT_FOLDER or name.startswith(TEMPORARY_PREFIX)


@contextlib.contextmanager
def _opened(name: str, parent: int, flags: int) -> Iterator[int]:
    fd = os.open(name, flags, dir_fd=parent)
    try:
        yield fd
    finally:
        os.close(fd)
