"""Adds versions to the history of one unit."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pfstudio.kit.ids import new_id
from pfstudio.share.errors import NotAFolderError, PathNotFoundError
from pfstudio.share.handles import READ
from pfstudio.share.paths import Share
from pfstudio.share.snapshots import Kind, SnapshotStore, Version, encode_version
from pfstudio.share.snapshots_compare import MOST_PATHS, changed_paths
from pfstudio.share.snapshots_objects import EMPTY_TREE, ObjectWriter, Tree, TreeEntry
from pfstudio.share.snapshots_units import Names, Unit, is_apart
from pfstudio.share.snapshots_walk import Reader, Stamp, replaced

TOGETHER = timedelta(minutes=1)
"""One author's saves within this time are one entry."""
_QUIET = frozenset(
    ["__pycache__", ".promptflow", "node_modules", ".venv", ".cache", ".mypy_cache", ".pytest_cache", ".ruff_cache"]
)
_FOLDER = READ | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a version."""

    kind: Kind
    author: str | None
    at: datetime
    message: str = ""


@contextlib.contextmanager
def writing(store: SnapshotStore, share: Share, unit: Unit) -> Iterator[UnitWriter]:
    """Add to a unit. What was added counts once the block ends; nothing does when it raises.

    Raises:
        SnapshotMovedError: somebody else added meanwhile; nothing was added.
        SnapshotsFailedError: the store could not be written.
    """
    store.prepare()
    with store.adding(unit.key), ObjectWriter(store.git, store.objects) as objects:
        opened = UnitWriter(store, share, unit, objects)
        yield opened
        opened.finish()


class UnitWriter:
    """What the next version will hold. `tree` begins as the newest version's; `added` are the new versions."""

    def __init__(self, store: SnapshotStore, share: Share, unit: Unit, objects: ObjectWriter) -> None:
        self._store = store
        self._share = share
        self._objects = objects
        self.unit = unit
        self.newest = store.newest(unit.ref)
        self._old = self.newest.commit if self.newest else None
        self.is_new = self.newest is None
        self.tree = self.newest.state if self.newest else objects.tree({})
        self._mode = self.newest.mode if self.newest else 0o755
        self._known = store.known(unit.key)
        self._reader = Reader(
            objects, store.plain, self._known, large_from=store.large_from, is_apart=lambda names: is_apart(unit, names)
        )
        self._scanned = False
        self._is_gone = False
        self.added: list[Version] = []

    def scan(self, *, without: Callable[[], Collection[Names]] = lambda: ()) -> None:
        """Take in the whole folder as it is, but for the paths that `without` names at its start or its end: they stay
        as they were."""
        skipped = frozenset(without())
        before = self.tree

        def keep(names: Names) -> TreeEntry | None:
            return self._find(before, names) if names in skipped else None

        fd = self._open_root()
        if fd is None:
            self.tree = self._objects.tree({})
            self._known.clear()
            return
        try:
            self._mode = stat.S_IMODE(os.fstat(fd).st_mode)
            self.tree = self._reader.folder(fd, (), keep=keep).oid
        finally:
            os.close(fd)
        for names in {*skipped, *without()}:  # They are told when it is their turn.
            self.tree = replaced(self._objects, self.tree, names, self._find(before, names))
        self._scanned = True

    def touch(self, names: Names) -> None:
        """Take in what is at a path now, a file or a whole folder, or that nothing is there."""
        if not names:
            if self.unit.is_whole:
                self.scan()
            return
        fd = self._open_root()
        depth = 0
        try:
            while fd is not None and depth < len(names) - 1 and self._goes_into(names[: depth + 1]):
                inner = _open_folder(names[depth], fd)
                os.close(fd)
                fd, depth = inner, depth + 1
            top = names[: depth + 1]  # Folders that are new come with their modes and all that is in them.
            entry = self._reader.at(fd, top[-1], top) if fd is not None else None
            self.tree = replaced(self._objects, self.tree, top, entry)
        finally:
            if fd is not None:
                os.close(fd)

    def put(self, names: Names, fd: int) -> None:
        """Take in the content of an open file as that of a path, whatever is there now."""
        self.tree = replaced(self._objects, self.tree, names, self._reader.content(fd, names))

    def is_known(self, names: Names, info: os.stat_result) -> bool:
        """Whether the tree has a file's content as it is described here; without reading it."""
        known = self._known.get("/".join(names))
        return known is not None and known[0] == Stamp.of(info) and known[1] == self._find(self.tree, names)

    def add(self, about: About, *, always: bool = False, quietly: bool = False) -> Version | None:
        """Make a version of `tree`; none where nothing changed, unless `always`.

        With `quietly`, changes of caches and logs alone are no reason for one.
        """
        before = self.newest.state if self.newest else EMPTY_TREE
        paths = changed_paths(self._objects.read_tree, before, self.tree)
        worth = [path for path in paths if not _QUIET.intersection(path.split("/"))] if quietly else paths
        is_first = self.newest is None and not self._is_gone
        if not always and not worth and not is_first:
            return None
        return self._append(about, self.tree, self.tree, paths)

    def add_lost(self, about: About, names: Names, content: bytes) -> Version | None:
        """Keep a file's version that was not saved, because another was there first."""
        entry = TreeEntry(stat.S_IFREG | 0o644, self._objects.blob(content))
        known = self._find(self.tree, names)
        if known is not None and known.oid == entry.oid:
            return None
        if known is not None and not known.is_folder:
            entry = TreeEntry(known.mode if not known.is_large else entry.mode, entry.oid)
        tree = replaced(self._objects, self.tree, names, entry)
        return self._append(about, tree, self.tree, ("/".join(names),))

    def read_tree(self, oid: str) -> Tree:
        """A tree of this history, or one that was just made."""
        return self._objects.read_tree(oid)

    def keep_objects(self) -> None:
        """Make `tree` readable although no version has it yet."""
        self._objects.flush()

    def finish(self) -> None:
        """Make what was added so far last."""
        if not self.added or self.added[-1].commit == self._old:
            return  # What was read is read again next time: nothing keeps it.
        self._objects.flush()
        self._store.move(self.unit.ref, old=self._old, new=self.added[-1].commit)
        self._old = self.added[-1].commit
        if self._scanned:
            self._known.clear()
        self._known.update(self._reader.seen)
        if self._scanned:
            self._store.save_known(self.unit.key)

    def _append(self, about: About, tree: str, state: str, paths: tuple[str, ...]) -> Version:
        last = self.newest
        first, entry = about.at, new_id()
        if last is not None and _belongs(last, about):
            first, entry = last.first, last.entry
            paths = tuple(dict.fromkeys((*last.paths, *paths)))[:MOST_PATHS]
        version = Version(
            commit="",
            parent=last.commit if last else None,
            tree=tree,
            state=state,
            id=new_id(),
            entry=entry,
            unit=str(self.unit.path),
            kind=about.kind,
            author=about.author,
            at=about.at,
            first=first,
            paths=paths,
            message=about.message,
            mode=self._mode,
            left_out=self._reader.left_out,
        )
        version = replace(version, commit=self._objects.add("commit", encode_version(version)))
        self.newest = version
        self.added.append(version)
        return version

    def _find(self, tree: str, names: Names) -> TreeEntry | None:
        entry: TreeEntry | None = TreeEntry(stat.S_IFDIR | 0o755, tree)
        for name in names:
            entry = self._objects.read_tree(entry.oid).get(name) if entry and entry.is_folder else None
        return entry

    def _goes_into(self, names: Names) -> bool:
        """Whether a folder is looked into, and not taken in as a whole because it is new."""
        entry = self._find(self.tree, names)
        return (entry is not None and entry.is_folder) or not self.unit.is_whole

    def _open_root(self) -> int | None:
        try:
            fd = self._share.open(self.unit.path, READ | os.O_DIRECTORY)
        except (PathNotFoundError, NotAFolderError):
            self._is_gone = True
            return None
        self._is_gone = False
        return fd


def _belongs(last: Version, about: About) -> bool:
    is_same = (last.kind, last.author, last.message) == ("save", about.author, about.message)
    return is_same and about.kind == "save" and about.at - last.first <= TOGETHER


def _open_folder(name: str, parent: int) -> int | None:
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except OSError:
        return None
