"""What differs between two trees of the snapshot store."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_objects import EMPTY_TREE, Tree, TreeEntry

MOST_PATHS = 2000
MOST_FILES = 300
_MOST_TEXT = 2_000_000
_MOST_TEXT_OF_ONE = 400_000
_SECONDS = 20.0
_HEAD = re.compile(rb"^(?=diff --git )", re.MULTILINE)
ChangeStatus = Literal["added", "deleted", "changed", "renamed", "mode"]
_STATUS: dict[str, ChangeStatus] = {
    "A": "added",
    "D": "deleted",
    "M": "changed",
    "T": "changed",
    "R": "renamed",
    "C": "added",
}

ReadTree = Callable[[str], Tree]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """How one file differs. `text` is a unified diff; None for bytes that are no text, or too much of it."""

    path: str
    old_path: str | None
    status: ChangeStatus
    is_binary: bool
    is_cut: bool
    text: str | None


def changed_paths(read: ReadTree, old: str, new: str) -> tuple[str, ...]:
    """The paths that differ, in order; when they are many, their folders instead, with `/` at the end."""
    paths: list[str] = []
    for path in _changed(read, old, new, ""):
        paths.append(path)
        if len(paths) > MOST_PATHS:
            return _tops(read, old, new)
    return tuple(paths)


def _tops(read: ReadTree, old: str, new: str) -> tuple[str, ...]:
    """The names of the root that differ, or everything."""
    before, after = read(old), read(new)
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if len(names) > MOST_PATHS:
        return ("/",)
    is_folder = {name: (after.get(name) or before[name]).is_folder for name in names}
    return tuple(f"{name}/" if is_folder[name] else name for name in names)


def _changed(read: ReadTree, old: str, new: str, prefix: str) -> Iterator[str]:
    if old == new:
        return
    before, after = read(old), read(new)
    for name in sorted({*before, *after}):
        left, right = before.get(name), after.get(name)
        if left == right:
            continue
        path = f"{prefix}{name}"
        inner_left = left.oid if left and left.is_folder else None
        inner_right = right.oid if right and right.is_folder else None
        if inner_left is None and inner_right is None:
            yield path
            continue
        if (left and inner_left is None) or (right and inner_right is None):
            yield path  # A file became a folder, or the other way round.
        found = False
        for below in _changed(read, inner_left or EMPTY_TREE, inner_right or EMPTY_TREE, f"{path}/"):
            found = True
            yield below
        if not found:
            yield path  # An empty folder, or nothing but its mode.


def leaves(read: ReadTree, entry: TreeEntry | None, prefix: str = "") -> Iterator[tuple[str, TreeEntry]]:
    """Every file, link and folder below an entry, with its path."""
    if entry is None or not entry.is_folder:
        return
    for name, below in read(entry.oid).items():
        yield f"{prefix}{name}", below
        yield from leaves(read, below, f"{prefix}{name}/")


def diff_trees(store: SnapshotStore, old: str, new: str, names: tuple[str, ...] = ()) -> tuple[list[FileDiff], bool]:
    """How files below `names` differ, and whether that is all of them: at most `MOST_FILES` are told.

    Renamed files are recognized.

    Raises:
        SnapshotsFailedError: git failed or took too long.
    """
    inside = ["--", "/".join(names)] if names else []
    options = [
        "-r",
        "-M",
        "--find-renames=50%",
        "-l500",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--full-index",
    ]
    raw = store.git.run(
        *("--literal-pathspecs", "diff-tree", *options, "--raw", "-z", old, new, *inside), seconds=_SECONDS
    )
    records = list(_records(raw))
    told = records[:MOST_FILES]
    patches = _patches(store, options, old, new, told)
    return [_file_diff(*record, patch) for record, patch in zip(told, patches, strict=True)], told == records


_Record = tuple[str, str, str, tuple[str, str]]


def _records(raw: bytes) -> Iterator[_Record]:
    """Status, old and new path, old and new mode."""
    fields = iter(raw.split(b"\0"))
    for head in fields:
        if not head.startswith(b":"):
            continue
        old_mode, new_mode, _, _, status = head[1:].decode().split(" ")
        source = os.fsdecode(next(fields))
        target = os.fsdecode(next(fields)) if status[0] in "RC" else source
        yield status[0], source, target, (old_mode, new_mode)


def _patches(store: SnapshotStore, options: list[str], old: str, new: str, records: list[_Record]) -> list[bytes]:
    """One patch for each record; empty for those beyond the most that is told."""
    if not records:
        return []
    paths = sorted({path for _, source, target, _ in records for path in (source, target)})
    whole = store.git.run(
        *("--literal-pathspecs", "diff-tree", *options, "-p", "--ignore-submodules=none", old, new, "--", *paths),
        seconds=_SECONDS,
    )
    parts = [part for part in _HEAD.split(whole) if part]
    patches, used = [], 0
    for status, *_ in records:
        size = 2 if status == "T" else 1  # A file that became a link is told as a deletion and an addition.
        patch = b"".join(parts[:size])
        del parts[:size]
        used += len(patch)
        patches.append(patch if used <= _MOST_TEXT else b"")
    return patches


def _file_diff(status: str, source: str, target: str, modes: tuple[str, str], patch: bytes) -> FileDiff:
    is_large = any(mode.startswith("160") for mode in modes)
    head, mark, body = patch.partition(b"\n@@ ")
    is_binary = is_large or b"\nBinary files " in head
    is_cut = not patch or len(patch) > _MOST_TEXT_OF_ONE
    text = None if is_binary or is_cut else ((b"@@ " + body).decode(errors="replace") if mark else "")
    word = _STATUS.get(status, "changed")
    if status == "M" and not mark and not is_binary and not is_cut:
        word = "mode"
    return FileDiff(
        path=shown(target),
        old_path=shown(source) if source != target else None,
        status=word,
        is_binary=is_binary,
        is_cut=is_cut and not is_large,
        text=text,
    )


def shown(path: str) -> str:
    """A path as text: bytes that are no UTF-8 as a replacement character."""
    return path if path.isascii() else os.fsencode(path).decode(errors="replace")
