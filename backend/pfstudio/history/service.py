"""The history of a file or folder: its timeline, what a version held, how two differ."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, NamedTuple

from sqlalchemy.orm import Session

from pfstudio.db.models.history import HistoryVersionRow as Row
from pfstudio.history import repository
from pfstudio.history.errors import NotAFileInVersionError, NotInVersionError, VersionNotFoundError
from pfstudio.share.content import OpenedFile
from pfstudio.share.files import Entry
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_compare import FileDiff, diff_trees, shown
from pfstudio.share.snapshots_errors import SnapshotsFailedError
from pfstudio.share.snapshots_objects import EMPTY_TREE, TreeEntry
from pfstudio.share.snapshots_units import Names, Unit, real_path, unit_of
from pfstudio.share.snapshots_writing import writing

MOST_ENTRIES = 200
MOST_PATHS_TOLD = 100


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a timeline. `paths` are share paths, the first of `path_count`; those of folders end with `/`."""

    id: str
    kind: str
    author: str | None
    at: datetime
    first_at: datetime
    paths: list[str]
    path_count: int
    message: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Newest first. `next` asks for what came before; None at the beginning of the history."""

    unit: str
    entries: list[HistoryEntry]
    next: int | None


class Held(NamedTuple):
    """Something that a version held."""

    name: str
    path: str
    kind: Literal["file", "folder", "link"]
    size: int | None
    etag: str


@dataclass(frozen=True, slots=True)
class Place:
    """A path, the history it belongs to, and where it is in it."""

    path: SharePath
    unit: Unit
    names: Names


def place_of(share: Share, path: SharePath) -> Place:
    """Where the history of a path is.

    Raises:
        PathNotFoundError: the path is above all users' folders.
    """
    real = real_path(share, path)
    unit, names = unit_of(share, real)
    return Place(real, unit, names)


def timeline(session: Session, place: Place, *, before: int | None, limit: int, every: bool) -> Timeline:
    """What happened to a file or folder; with `every`, also each save of those that are one entry."""
    rows = repository.list_versions(session, place.unit, place.names, before=before, limit=limit + 1, every=every)
    told, more = rows[:limit], rows[limit:]
    return Timeline(
        unit=str(place.unit.path),
        entries=[entry_of_row(row, place.unit) for row in told],
        next=told[-1].number if more else None,
    )


def entry_of_row(row: Row, unit: Unit) -> HistoryEntry:
    """A version as its timeline shows it."""
    paths = repository.split_paths(row.paths)
    return HistoryEntry(
        id=row.id,
        kind=row.kind,
        author=row.author,
        at=row.at,
        first_at=row.first_at,
        paths=[f"{unit.path}/{path}".replace("//", "/") for path in paths[:MOST_PATHS_TOLD]],
        path_count=len(paths),
        message=row.message,
    )


def require_version(session: Session, place: Place, version_id: str) -> Row:
    """A version by its id.

    Raises:
        VersionNotFoundError: this history has none.
    """
    row = repository.find_version(session, place.unit, version_id)
    if row is None:
        raise VersionNotFoundError(str(place.path), version_id)
    return row


def read_version(store: SnapshotStore, place: Place, row: Row) -> tuple[Held, list[Held] | None]:
    """What was at a path in a version, with what was in it where it was a folder.

    Raises:
        NotInVersionError: nothing was there.
    """
    entry = _require_entry(store, place, row)
    held = _held(store, entry, place.path.name, str(place.path))
    if not entry.is_folder:
        return held, None
    inside = [
        _held(store, below, name, f"{place.path}/{name}") for name, below in store.objects.tree(entry.oid).items()
    ]
    inside.sort(key=lambda item: (item.kind != "folder", item.name.casefold(), item.name))
    return held, inside


def open_content(store: SnapshotStore, place: Place, row: Row) -> OpenedFile:
    """A file as it was in a version; whoever asked closes it.

    Raises:
        NotInVersionError: nothing was there.
        NotAFileInVersionError: it was a folder or a link.
    """
    entry = _require_entry(store, place, row)
    if entry.is_folder or entry.is_link:
        raise NotAFileInVersionError(str(place.path), "a folder" if entry.is_folder else "a link")
    file: BinaryIO
    if entry.is_large:
        try:
            file = store.plain.open(entry.oid)
        except FileNotFoundError as error:
            raise SnapshotsFailedError("the large file was removed from the store") from error
        size = os.fstat(file.fileno()).st_size
    else:
        content = store.objects.blob(entry.oid)
        file, size = io.BytesIO(content), len(content)
    moment = int(row.at.timestamp() * 1e9)
    told = Entry(str(place.path), place.path.name, place.path.owner, "file", size, moment, f'"{entry.oid}"')
    return OpenedFile(told, size, file)


def compare(
    session: Session, store: SnapshotStore, share: Share, place: Place, *, from_id: str | None, to_id: str | None
) -> tuple[list[FileDiff], bool]:
    """How files at or below a path differ between two versions, and whether these are all of them.

    Without `to_id`, the later one is what is on disk now; without `from_id`, the earlier one is that before `to_id`.

    Raises:
        VersionNotFoundError: this history has no such version.
    """
    later = require_version(session, place, to_id) if to_id else None
    new = later.tree_oid if later else _tree_on_disk(store, share, place)
    old = _older_tree(session, place, from_id, later)
    diffs, is_all = diff_trees(store, old, new, place.names)
    prefix = f"{place.unit.path}/"
    told = [
        FileDiff(
            path=prefix + diff.path,
            old_path=prefix + diff.old_path if diff.old_path is not None else None,
            status=diff.status,
            is_binary=diff.is_binary,
            is_cut=diff.is_cut,
            text=diff.text,
        )
        for diff in diffs
    ]
    return told, is_all


def _older_tree(session: Session, place: Place, from_id: str | None, later: Row | None) -> str:
    if from_id is not None:
        return require_version(session, place, from_id).tree_oid
    if later is None:
        newest = repository.version_before(session, place.unit, 2**62)
        return newest.state_oid if newest else EMPTY_TREE
    first = repository.first_of_entry(session, place.unit, later.entry) or later
    before = repository.version_before(session, place.unit, first.number)
    return before.state_oid if before else EMPTY_TREE


def _tree_on_disk(store: SnapshotStore, share: Share, place: Place) -> str:
    """The tree of what is there now; no version is made of it."""
    with writing(store, share, place.unit) as unit:
        if place.unit.is_whole:
            unit.scan()
        else:
            unit.touch(place.names)
        unit.keep_objects()
        return unit.tree


def _require_entry(store: SnapshotStore, place: Place, row: Row) -> TreeEntry:
    entry = store.objects.find(row.tree_oid, place.names)
    if entry is None:
        raise NotInVersionError(str(place.path))
    return entry


def _held(store: SnapshotStore, entry: TreeEntry, name: str, path: str) -> Held:
    size: int | None = None
    kind: Literal["file", "folder", "link"] = "folder" if entry.is_folder else "link" if entry.is_link else "file"
    if kind == "file":
        known = not entry.is_large or store.plain.has(entry.oid)
        size = (store.plain.size(entry.oid) if entry.is_large else store.objects.size(entry.oid)) if known else None
    return Held(shown(name), shown(path), kind, size, f'"{entry.oid}"')
