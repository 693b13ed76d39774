"""Removes the content of a file from a history for good: it held a key, or something else that must not stay."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pfstudio.accounts.actor import Actor
from pfstudio.db.models.history import HistoryVersionRow as Row
from pfstudio.flows.access import require_write
from pfstudio.history.errors import NotAFileInVersionError, NothingToRemoveError, StillOnDiskError
from pfstudio.history.service import Place
from pfstudio.share.paths import Share
from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_compare import leaves
from pfstudio.share.snapshots_objects import TreeEntry
from pfstudio.share.snapshots_units import Names
from pfstudio.share.snapshots_upkeep import remove_unreachable, rewrite, units_with
from pfstudio.share.snapshots_writing import writing

logger = logging.getLogger("pfstudio.history")


@dataclass(frozen=True, slots=True)
class Removed:
    """How many contents went from how many versions, and which other histories still hold one of them."""

    contents: int
    versions: int
    still_in: list[str]


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
    oids = _contents(store, place, row)
    if not oids:
        raise NothingToRemoveError(str(place.path))
    _require_gone_from_disk(store, share, place, oids)
    changed = sum(_holds(store, version.tree, oids) for version in store.versions(place.unit.ref))
    with store.alone():
        rewrite(store, place.unit.ref, lambda _: True, lambda _path, entry: entry.oid not in oids)
        remove_unreachable(store)
        still_in = [unit for unit in units_with(store, oids) if unit != str(place.unit.path)]
    logger.warning(
        "%s removed %d contents of %s from %d versions of its history for good.",
        actor.username,
        len(oids),
        place.path,
        changed,
    )
    return Removed(len(oids), changed, still_in)


def _contents(store: SnapshotStore, place: Place, row: Row | None) -> frozenset[str]:
    """The objects that the file was, in one version or in all."""
    trees = [row.tree_oid] if row is not None else []
    if row is None:
        for version in store.versions(place.unit.ref):
            trees += [version.tree, version.state]
    found = [store.objects.find(tree, place.names) for tree in dict.fromkeys(trees)]
    if not place.names or any(entry is not None and entry.is_folder for entry in found):
        raise NotAFileInVersionError(str(place.path), "a folder")
    return frozenset(entry.oid for entry in found if entry is not None)


def _require_gone_from_disk(store: SnapshotStore, share: Share, place: Place, oids: frozenset[str]) -> None:
    with writing(store, share, place.unit) as unit:
        if place.unit.is_whole:
            unit.scan()
        else:
            unit.touch(place.names)
        unit.keep_objects()
        names = _find(store, unit.tree, oids)
    if names is not None:
        raise StillOnDiskError("/".join([str(place.unit.path), *names]))


def _find(store: SnapshotStore, tree: str, oids: frozenset[str]) -> Names | None:
    root = TreeEntry(0o040755, tree)
    paths = (path for path, entry in leaves(store.objects.tree, root) if entry.oid in oids)
    path = next(paths, None)
    return tuple(path.split("/")) if path is not None else None


def _holds(store: SnapshotStore, tree: str, oids: frozenset[str]) -> bool:
    return _find(store, tree, oids) is not None
