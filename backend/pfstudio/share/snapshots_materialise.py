"""Writes a version back onto disk, exactly."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from pfstudio.share.handles import O_PATH, READ
from pfstudio.share.snapshots import SnapshotStore, Version
from pfstudio.share.snapshots_errors import SnapshotsFailedError
from pfstudio.share.snapshots_objects import TreeEntry, failed

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def materialise(store: SnapshotStore, version: Version, target: Path) -> None:
    """Make the folder `target` with all that was in the version. Nothing is there yet.

    Raises:
        SnapshotsFailedError: something is there already, the disk is full, or the store is broken.
    """
    parent = os.open(target.parent, O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with store.shared():
            write_entry(store, TreeEntry(stat.S_IFDIR | version.mode, version.tree), parent, target.name)
    finally:
        os.close(parent)


def write_entry(store: SnapshotStore, entry: TreeEntry, parent: int, name: str, *, file_modes: int = 0o7777) -> None:
    """Make what an entry says under a name that is free in an open folder, with only these `file_modes`.

    Raises:
        SnapshotsFailedError: the name is taken, the disk is full, or the content was removed.
    """
    try:
        _write(store, entry, parent, name, file_modes)
    except OSError as error:
        raise failed(error) from error


def _write(store: SnapshotStore, entry: TreeEntry, parent: int, name: str, file_modes: int) -> None:
    if entry.is_folder:
        os.mkdir(name, 0o700, dir_fd=parent)
        fd = os.open(name, READ | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        try:
            for below, inner in store.objects.tree(entry.oid).items():
                _write(store, inner, fd, below, file_modes)
            os.fchmod(fd, stat.S_IMODE(entry.mode))
        finally:
            os.close(fd)
    elif entry.is_link:
        os.symlink(os.fsdecode(store.objects.blob(entry.oid)), name, dir_fd=parent)
    else:
        fd = os.open(name, _NEW, 0o600, dir_fd=parent)
        try:
            write_content(store, entry, fd)
            with contextlib.suppress(PermissionError):
                os.fchmod(fd, stat.S_IMODE(entry.mode) & file_modes)
        finally:
            os.close(fd)


def write_content(store: SnapshotStore, entry: TreeEntry, fd: int) -> None:
    """Write a file's content into an open, empty file."""
    if entry.is_large:
        try:
            store.plain.copy_to(entry.oid, fd)
        except FileNotFoundError as error:
            raise SnapshotsFailedError(f"the large file {entry.oid} is missing") from error
        return
    view = memoryview(store.objects.blob(entry.oid))
    while view:
        view = view[os.write(fd, view) :]
