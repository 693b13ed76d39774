"""Keeps the snapshot store small and sound: packing, removing versions and contents, looking whether all is well."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pfstudio.share.snapshots import SnapshotStore, Version, encode_version
from pfstudio.share.snapshots_compare import leaves
from pfstudio.share.snapshots_errors import SnapshotsFailedError
from pfstudio.share.snapshots_objects import ObjectWriter, TreeEntry

_LONG = 3600.0
_PACK_FROM_OBJECTS = 1500
_PACK_FROM_BYTES = 64_000_000

Keep = Callable[[str, TreeEntry], bool]


@dataclass(frozen=True, slots=True)
class Size:
    """What the store holds and takes up on disk."""

    loose: int
    loose_bytes: int
    packed: int
    packs: int
    packed_bytes: int
    large_bytes: int

    @property
    def bytes_used(self) -> int:
        return self.loose_bytes + self.packed_bytes + self.large_bytes


def size(store: SnapshotStore) -> Size:
    """What the store takes up."""
    lines = store.git.run("count-objects", "-v").decode().splitlines()
    said = {name: int(number) for name, _, number in (line.partition(": ") for line in lines) if number.isdigit()}
    return Size(
        loose=said["count"],
        loose_bytes=said["size"] * 1024,
        packed=said["in-pack"],
        packs=said["packs"],
        packed_bytes=said["size-pack"] * 1024,
        large_bytes=store.plain.bytes_used(),
    )


def pack_if_worth(store: SnapshotStore) -> bool:
    """Pack what came in since the last time, once it is much; others may add meanwhile. Tells whether it did."""
    if not store.exists:
        return False
    with store.packing(), store.shared():
        now = size(store)
        if now.loose < _PACK_FROM_OBJECTS and now.loose_bytes < _PACK_FROM_BYTES and now.packs < 50:
            return False
        pack(store)
    return True


def pack(store: SnapshotStore) -> None:
    """Put loose objects into packs, and small packs together. Nothing that somebody may just be writing is dropped."""
    store.git.run("repack", "-d", "-l", "-q", "--geometric=2", "--window=50", "--depth=50", seconds=_LONG)
    store.git.run("prune-packed", "-q", seconds=_LONG)
    store.git.run("pack-refs", "--all")


def rewrite(store: SnapshotStore, ref: str, keep: Callable[[Version], bool], content: Keep | None = None) -> int:
    """Let a unit's history have only the versions that `keep` chooses, and in them only what `content` chooses.

    The store is to be held `alone`. What nothing leads to any more goes with `remove_unreachable`. Tells how many
    versions went.
    """
    versions = list(store.versions(ref))
    kept = [version for version in versions if keep(version)]
    with ObjectWriter(store.git, store.objects) as objects:
        replacing = _Rewriting(objects, content) if content else None
        new: dict[str, str] = {}
        parent: str | None = None
        for version in reversed(kept):
            made = replace(version, parent=parent)
            if replacing:
                made = replace(made, tree=replacing.tree(version.tree), state=replacing.tree(version.state))
            parent = new[version.commit] = objects.add("commit", encode_version(made))
        objects.flush()
        for held, commit in store.refs("refs/held/").items():
            if commit in new:
                store.move(held, old=commit, new=new[commit])
        if parent is None:
            store.delete(ref)
        elif parent != versions[0].commit:
            store.move(ref, old=versions[0].commit, new=parent)
    return len(versions) - len(kept)


class _Rewriting:
    """Trees without some of their files; each is looked at once."""

    def __init__(self, objects: ObjectWriter, keep: Keep) -> None:
        self._objects = objects
        self._keep = keep
        self._done: dict[tuple[str, str], str] = {}

    def tree(self, oid: str, prefix: str = "") -> str:
        done = self._done.get((oid, prefix))
        if done is None:
            entries = {}
            for name, entry in self._objects.read_tree(oid).items():
                path = f"{prefix}{name}"
                if entry.is_folder:
                    entries[name] = TreeEntry(entry.mode, self.tree(entry.oid, f"{path}/"))
                elif self._keep(path, entry):
                    entries[name] = entry
            done = self._done[(oid, prefix)] = self._objects.tree(entries)
        return done


def remove_unreachable(store: SnapshotStore) -> int:
    """Delete for good what no version leads to, while the store is held `alone`; tells how many bytes that freed."""
    before = size(store).bytes_used
    store.git.run("pack-refs", "--all", "--prune")
    store.git.run("repack", "-a", "-d", "-l", "-q", "--window=50", "--depth=50", seconds=_LONG)
    store.git.run("prune", "--expire=now", seconds=_LONG)
    store.objects.forget()
    store.removed_objects()
    store.plain.keep_only(_large_files(store, {*store.refs().values(), *store.refs("refs/held/").values()}))
    return max(0, before - size(store).bytes_used)


def units_with(store: SnapshotStore, oids: Iterable[str]) -> list[str]:
    """The folders whose history holds one of these contents."""
    wanted, found = set(oids), set()
    for ref in store.refs():
        seen: set[str] = set()
        for version in store.versions(ref):
            if any(_holds(store, tree, wanted, seen) for tree in {version.tree, version.state}):
                found.add(version.unit)
                break
    return sorted(found)


def _holds(store: SnapshotStore, tree: str, wanted: set[str], seen: set[str]) -> bool:
    if tree in seen:
        return False
    seen.add(tree)
    entries = store.objects.tree(tree).values()
    return any(_holds(store, entry.oid, wanted, seen) if entry.is_folder else entry.oid in wanted for entry in entries)


def _large_files(store: SnapshotStore, commits: Iterable[str]) -> set[str]:
    """The hashes of the large files that any version holds."""
    names: set[str] = set()
    seen: set[str] = set()
    for newest in commits:
        for version in store.versions(newest):
            waiting = [version.tree, version.state]
            while waiting:
                tree = waiting.pop()
                if tree in seen:
                    continue
                seen.add(tree)
                for entry in store.objects.tree(tree).values():
                    if entry.is_folder:
                        waiting.append(entry.oid)
                    elif entry.is_large:
                        names.add(entry.oid)
    return names


def check(store: SnapshotStore, *, thoroughly: bool = False) -> list[str]:
    """What is wrong with the store; empty when all is well.

    Thoroughly: every object is read again; else whether all are there that the versions need.

    Raises:
        SnapshotsFailedError: git is not there.
    """
    options = ["--full"] if thoroughly else ["--connectivity-only"]
    try:
        store.git.run("fsck", "--no-dangling", "--no-reflogs", "--no-progress", *options, seconds=_LONG)
    except SnapshotsFailedError as error:
        return [error.why]
    missing = [name for name in _large_of_newest(store) if not store.plain.has(name)]
    return [f"{len(missing)} large files are missing"] if missing else []


def _large_of_newest(store: SnapshotStore) -> list[str]:
    roots: Sequence[Version | None] = [store.newest(ref) for ref in store.refs()]
    found = set()
    for version in roots:
        if version is not None:
            root = TreeEntry(0o040755, version.tree)
            found |= {entry.oid for _, entry in leaves(store.objects.tree, root) if entry.is_large}
    return sorted(found)


def sweep(store: SnapshotStore) -> None:
    """Delete what a killed writer left half-written, while the store is held `alone`."""
    for file in (store.folder / "objects").glob("*/tmp_obj_*"):
        file.unlink(missing_ok=True)
    for file in (store.folder / "objects" / "pack").glob("tmp_*"):
        file.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(store.folder / "objects" / "incoming")


def unshared_bytes(store: SnapshotStore, leaving: Sequence[str], staying: Sequence[str]) -> int:
    """About how much of the disk only the trees that leave take up."""
    wanted = "\n".join([*dict.fromkeys(leaving), *(f"^{tree}" for tree in dict.fromkeys(staying)), ""])
    said = store.git.run("rev-list", "--objects", "--disk-usage", "--stdin", stdin=wanted.encode(), seconds=_LONG)
    return int(said or b"0")
