"""Takes the history of a folder along when it is moved or renamed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from pfstudio.share.snapshots import NOTHING, SnapshotStore, Version, encode_version
from pfstudio.share.snapshots_objects import ObjectWriter
from pfstudio.share.snapshots_units import Unit


def move_history(store: SnapshotStore, source: Unit, target: Unit) -> None:
    """Let the versions of one unit be those of another; where that has some, of a folder that is gone, after them.

    Raises:
        SnapshotMovedError, SnapshotsFailedError: nothing was moved.
    """
    if not store.exists:
        return
    with _adding(store, source, target):
        moved, there = store.newest(source.ref), store.newest(target.ref)
        if moved is None:
            return
        renamed: dict[str, str] = {}
        if there is not None:
            renamed = _put_after(store, there, list(store.versions(source.ref)))
        newest = renamed.get(moved.commit, moved.commit)
        lines = [f"update {target.ref} {newest} {there.commit if there else NOTHING}"]
        lines += [
            f"update {held} {renamed[commit]} {commit}"
            for held, commit in store.refs("refs/held/").items()
            if commit in renamed
        ]
        lines += [f"delete {source.ref} {moved.commit}", ""]
        store.git.run("update-ref", "--no-deref", "--stdin", stdin="\n".join(lines).encode())


def _put_after(store: SnapshotStore, there: Version, versions: list[Version]) -> dict[str, str]:
    """The commits of versions, given newest first, as they are with another one before them."""
    renamed: dict[str, str] = {}
    parent = there.commit
    with ObjectWriter(store.git, store.objects) as objects:
        for version in reversed(versions):
            parent = renamed[version.commit] = objects.add("commit", encode_version(replace(version, parent=parent)))
        objects.flush()
    return renamed


@contextlib.contextmanager
def _adding(store: SnapshotStore, *units: Unit) -> Iterator[None]:
    """Hold several units, in one order whoever does it."""
    with contextlib.ExitStack() as stack:
        for key in sorted({unit.key for unit in units}):
            stack.enter_context(store.adding(key))
        yield
