"""Removes the content of a file from a history for good: it held a key, or something else that must not stay."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from pfstudio.accounts.actor import Actor
from pfstudio.db.models.history import HistoryVersionRow as Row
from pfstudio.flows.access import require_write
from pfstudio.history.errors import NotAFileInVersionError, NothingToRemoveError, StillOnDiskError
from pfstudio.history.service import Place
from pfstudio.share.paths import Share
from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_compare import leaves, shown
from pfstudio.share.snapshots_objects import TreeEntry, oid_of
from pfstudio.share.snapshots_upkeep import remove_unreachable, rewrite, units_with
from pfstudio.share.snapshots_writing import writing

logger = logging.getLogger("pfstudio.history")

EMPTY_BLOB = oid_of("blob", b"")


@dataclass(frozen=True, slots=True)
class Removed:
    """How many contents go from how many versions, and which other histories hold one of them.

    `on_disk` is a file that still has one, `is_done` whether they are gone.
    """

    contents: int
    versions: int
    size: int
    on_disk: str | None
    still_in: list[str]
    is_done: bool = False


def preview_removal(store: SnapshotStore, share: Share, place: Place, row: Row | None, *, actor: Actor) -> Removed:
    """What `remove_content` would do.

    Raises:
        ForbiddenError, NothingToRemoveError, NotAFileInVersionError: as `remove_content`.
    """
    require_write(share, place.path, actor=actor)
    doomed = _doomed(store, place, row)
    return _told(store, place, doomed, on_disk=_on_disk(store, share, place, doomed))


def remove_content(store: SnapshotStore, share: Share, place: Place, row: Row | None, *, actor: Actor) -> Removed:
    """Let no version of this history hold what the file held: in one version, or without `row` in any.

    Copies of that content under other names of the same history go as well. Every version stays, without the file.

    Raises:
        ForbiddenError: the actor may not write there.
        NothingToRemoveError: no version holds the file.
        NotAFileInVersionError: it is a folder; files are removed one by one.
        StillOnDiskError: a file on disk still has the content.
    """
    require_write(share, place.path, actor=actor)
    doomed = _doomed(store, place, row)
    if (on_disk := _on_disk(store, share, place, doomed)) is not None:
        raise StillOnDiskError(on_disk)
    told = _told(store, place, doomed, on_disk=None)
    with store.alone():
        rewrite(store, place.unit.ref, lambda _: True, lambda path, entry: not doomed.has(path, entry))
        remove_unreachable(store)
    logger.warning(
        "%s removed %d contents of %s from %d versions of its history for good.",
        actor.username,
        told.contents,
        place.path,
        told.versions,
    )
    return replace(told, is_done=True)


@dataclass(frozen=True, slots=True)
class _Doomed:
    """What goes: objects wherever they are, and at the path itself also what says nothing, such as an empty file."""

    path: str
    oids: frozenset[str]
    trivial: frozenset[str]

    def has(self, path: str, entry: TreeEntry) -> bool:
        return entry.oid in self.oids or (path == self.path and entry.oid in self.trivial)


def _doomed(store: SnapshotStore, place: Place, row: Row | None) -> _Doomed:
    """The objects that the file was, in one version or in all."""
    trees = [row.tree_oid] if row is not None else []
    if row is None:
        for version in store.versions(place.unit.ref):
            trees += [version.tree, version.state]
    found = [store.objects.find(tree, place.names) for tree in dict.fromkeys(trees)]
    if not place.names or any(entry is not None and entry.is_folder for entry in found):
        raise NotAFileInVersionError(str(place.path), "a folder")
    oids = frozenset(entry.oid for entry in found if entry is not None)
    if not oids:
        raise NothingToRemoveError(str(place.path))
    trivial = oids & {EMPTY_BLOB}
    return _Doomed("/".join(place.names), oids - trivial, trivial)


def _told(store: SnapshotStore, place: Place, doomed: _Doomed, *, on_disk: str | None) -> Removed:
    others = units_with(store, doomed.oids) if doomed.oids else []
    return Removed(
        contents=len(doomed.oids | doomed.trivial),
        versions=sum(_find(store, version.tree, doomed) is not None for version in store.versions(place.unit.ref)),
        size=sum(_size(store, oid) for oid in doomed.oids),
        on_disk=on_disk,
        still_in=[unit for unit in others if unit != str(place.unit.path)],
    )


def _size(store: SnapshotStore, oid: str) -> int:
    return store.plain.size(oid) if store.plain.has(oid) else store.objects.size(oid)


def _on_disk(store: SnapshotStore, share: Share, place: Place, doomed: _Doomed) -> str | None:
    """A file that has the content now."""
    with writing(store, share, place.unit) as unit:
        if place.unit.is_whole:
            unit.scan()
        else:
            unit.touch(place.names)
        unit.keep_objects()
        path = _find(store, unit.tree, doomed)
    return None if path is None else shown(f"{place.unit.path}/{path}")


def _find(store: SnapshotStore, tree: str, doomed: _Doomed) -> str | None:
    root = TreeEntry(0o040755, tree)
    return next((path for path, entry in leaves(store.objects.tree, root) if doomed.has(path, entry)), None)
