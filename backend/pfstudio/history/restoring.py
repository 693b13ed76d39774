"""Puts files back as a version had them. What is there now is recorded first, so that this can be undone."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pfstudio.accounts.actor import Actor
from pfstudio.db.models.history import HistoryVersionRow as Row
from pfstudio.errors import PromptflowException
from pfstudio.flows.access import require_write
from pfstudio.history.errors import NotInVersionError, OtherHistoryError, TooWideError
from pfstudio.history.service import Place
from pfstudio.kit.clock import utc_now
from pfstudio.kit.ids import new_id
from pfstudio.share import trash
from pfstudio.share.content import UNCONDITIONAL, Precondition
from pfstudio.share.errors import DiskFullError, StaleFileError
from pfstudio.share.files import etag_of, make_parents
from pfstudio.share.handles import Located, rename_new
from pfstudio.share.paths import TEMPORARY_PREFIX, Share, SharePath, is_git_name
from pfstudio.share.snapshots import SnapshotStore, Version
from pfstudio.share.snapshots_compare import shown
from pfstudio.share.snapshots_errors import SnapshotsFailedError, SnapshotsFullError
from pfstudio.share.snapshots_materialise import write_entry
from pfstudio.share.snapshots_objects import TreeEntry
from pfstudio.share.snapshots_units import Names
from pfstudio.share.snapshots_writing import About, UnitWriter, writing


@dataclass(slots=True)
class Restored:
    """What a restore did. `version` is its own version and `undo` that of before; None where nothing had to change."""

    version: Version | None = None
    undo: Version | None = None
    changed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def restore(
    store: SnapshotStore,
    share: Share,
    place: Place,
    row: Row,
    *,
    actor: Actor,
    paths: Sequence[str] = (),
    condition: Precondition = UNCONDITIONAL,
) -> Restored:
    """Make files as they were in a version: all at or below the place, or only `paths` there.

    What came since goes into the trash. `condition` is about the one file of the place.

    Raises:
        ForbiddenError: the actor may not write there.
        OtherHistoryError: a path is outside of the place.
        TooWideError: the place holds flows, which have histories of their own.
        NotInVersionError: a path was not there then and is not there now.
        StaleFileError: the file was changed after it was read; nothing was changed.
    """
    require_write(share, place.path, actor=actor)
    if not place.unit.is_whole and not place.names:
        raise TooWideError(str(place.path))
    share.require_room(place.path.owner)
    wanted = [_names_inside(place, text) for text in paths] or [place.names]
    with writing(store, share, place.unit) as unit:
        _take_in(unit, place, wanted)
        unit.add(About("outside change", None, utc_now()), always=unit.newest is not None and unit.newest.is_lost)
        unit.finish()  # Whatever happens from here on, this can be undone.
        before = unit.newest
        work = _Restoring(store, share, place, actor, condition)
        try:
            for names, now, then in _pairs(store, unit, place, row, wanted):
                work.apply(names, now, then)
        except PromptflowException:  # What was restored until then is told as well.
            with contextlib.suppress(SnapshotsFailedError):
                _add_restored(unit, place, row, wanted, actor)
                unit.finish()
            raise
        work.done.version = _add_restored(unit, place, row, wanted, actor)
        work.done.undo = before if work.done.version else None
    return work.done


def _pairs(
    store: SnapshotStore, unit: UnitWriter, place: Place, row: Row, wanted: Sequence[Names]
) -> list[tuple[Names, TreeEntry | None, TreeEntry | None]]:
    """What is there now, and what was then."""
    pairs = [(names, store.objects.find(unit.tree, names), store.objects.find(row.tree_oid, names)) for names in wanted]
    if any(now is None and then is None for _, now, then in pairs):
        raise NotInVersionError(str(place.path))
    return pairs


def _add_restored(unit: UnitWriter, place: Place, row: Row, wanted: Sequence[Names], actor: Actor) -> Version | None:
    _take_in(unit, place, wanted)
    message = f"As it was at {row.at:%Y-%m-%d %H:%M:%S} UTC."
    return unit.add(About("restore", actor.username, utc_now(), message))


def _names_inside(place: Place, text: str) -> Names:
    path = SharePath.parse(text)
    if not path.is_within(place.path):
        raise OtherHistoryError(text, str(place.path))
    return path.parts[len(place.unit.path.parts) :]


def _take_in(unit: UnitWriter, place: Place, wanted: Sequence[Names]) -> None:
    if place.unit.is_whole:
        unit.scan()
        return
    for names in wanted:
        unit.touch(names)


class _Restoring:
    """One restore under way."""

    def __init__(self, store: SnapshotStore, share: Share, place: Place, actor: Actor, condition: Precondition) -> None:
        self._store = store
        self._share = share
        self._unit = place.unit.path
        self._actor = actor
        self._condition = condition
        self.done = Restored()

    def apply(self, names: Names, now: TreeEntry | None, then: TreeEntry | None) -> None:
        """Make what is at `names` into what it was."""
        if names and is_git_name(names[-1]):
            self.done.left_out.append(self._told(names))
            return
        if now is not None and then is not None and now.is_folder and then.is_folder:
            self._apply_folder(names, now, then)
        elif now != then:
            self._replace(names, now, then)

    def _apply_folder(self, names: Names, now: TreeEntry, then: TreeEntry) -> None:
        if not names:
            make_parents(self._share, self._unit / "x")
        before, after = self._store.objects.tree(now.oid), self._store.objects.tree(then.oid)
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                self.apply((*names, name), before.get(name), after.get(name))
        if names and now.mode != then.mode:
            with self._located(names) as found:
                os.chmod(found.name, stat.S_IMODE(then.mode), dir_fd=found.parent)

    def _replace(self, names: Names, now: TreeEntry | None, then: TreeEntry | None) -> None:
        path = self._path(names)
        if now is not None and (then is None or now.is_folder or then.is_folder):
            self._require_fresh(names)
            trash.put(self._share, path, deleted_by=self._actor.username)
        if then is not None:
            make_parents(self._share, path)
            self._put(names, then)
        self.done.changed.append(self._told(names))

    def _put(self, names: Names, entry: TreeEntry) -> None:
        """Write beside the place, then move there at once."""
        with self._located(names) as found:
            temporary = f"{TEMPORARY_PREFIX}{new_id()}"
            try:
                self._write(entry, found.parent, temporary, path=self._path(names))
                with self._share.locks.hold((os.fstat(found.parent).st_ino, found.name)):
                    self._check(path=self._path(names), found=found)
                    if entry.is_folder:
                        rename_new(found.parent, temporary, found.parent, found.name)
                    else:
                        os.rename(temporary, found.name, src_dir_fd=found.parent, dst_dir_fd=found.parent)
            finally:
                self._forget(found.parent, temporary)

    def _write(self, entry: TreeEntry, parent: int, name: str, *, path: SharePath) -> None:
        try:
            write_entry(self._store, entry, parent, name, file_modes=0o777)  # Nobody becomes another user by it.
        except SnapshotsFullError as error:
            raise DiskFullError(str(path)) from error

    def _check(self, *, path: SharePath, found: Located) -> None:
        try:
            info = os.stat(found.name, dir_fd=found.parent, follow_symlinks=False)
        except FileNotFoundError:
            info = None
        if not self._condition.holds(etag_of(info) if info else None):
            raise StaleFileError(str(path))

    def _require_fresh(self, names: Names) -> None:
        with self._located(names) as found:
            self._check(path=self._path(names), found=found)

    @contextlib.contextmanager
    def _located(self, names: Names) -> Iterator[Located]:
        with self._share.locate(self._path(names), follow_leaf=False) as found:
            yield found

    def _forget(self, parent: int, name: str) -> None:
        """Delete what did not come to its place."""
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                shutil.rmtree(name, ignore_errors=True, dir_fd=parent)
            else:
                os.unlink(name, dir_fd=parent)

    def _path(self, names: Names) -> SharePath:
        return SharePath(self._unit.owner, (*self._unit.parts, *names))

    def _told(self, names: Names) -> str:
        return shown(str(self._path(names)))
