"""Files and folders of the share: look, list, make, move. Reading and writing content is in `content`."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from pfstudio.share.errors import (
    EntryExistsError,
    InvalidNameError,
    NotAFolderError,
    PathNotFoundError,
    ReservedPathError,
    from_os_error,
)
from pfstudio.share.handles import O_PATH, READ, Located, rename_new
from pfstudio.share.paths import TEMPORARY_PREFIX, USERS, Share, SharePath, is_git_name, require_new_name

_TEMPORARY = re.compile(re.escape(TEMPORARY_PREFIX) + r"[0-9a-z]{16}\Z")
_STALE_SECONDS = 24 * 3600
_MOST_SUFFIXES = 1000

EntryKind = Literal["file", "folder", "link", "other"]
_FORMAT = 0o170000
_KIND_OF_FORMAT: Mapping[int, EntryKind] = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
_ETAG = '"%x-%x-%x-%x"'  # By `%`, which is faster than an f-string.


class Entry(NamedTuple):
    """Something on the share; a tuple, since folders hold thousands.

    `etag` changes with every change of the file; a link's is that of what it leads to.
    """

    path: str
    name: str
    owner: str | None
    kind: EntryKind
    size: int | None
    modified_ns: int
    etag: str
    target_kind: Literal["file", "folder"] | None = None

    @property
    def modified(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)

    @property
    def leads_to_folder(self) -> bool:
        return self.kind == "folder" or self.target_kind == "folder"


def etag_of(info: os.stat_result) -> str:
    """The entity tag of a file, in quotes, from what the file system knows about it."""
    return _ETAG % (info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


def stat_entry(share: Share, path: SharePath) -> Entry:
    """The entry at the path; a link is told as a link.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
    """
    if path.owner is None:
        info = (share.users if path.is_users else share.root).stat()
        return Entry(str(path), path.name, None, "folder", None, info.st_mtime_ns, etag_of(info))
    with share.locate(path, follow_leaf=False) as found:
        if found.info is None:
            raise PathNotFoundError(str(path))
        return entry_of(share, path, found.info)


def list_folder(share: Share, path: SharePath) -> list[Entry]:
    """What is in a folder: folders first, then by name. Names that are not UTF-8 show a replacement character.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
        NotAFolderError: it is a file.
    """
    require_folder(share, path)
    if path.owner is None:
        return _list_above_owners(share, path)
    folder = share.open(path, READ | os.O_DIRECTORY)
    try:
        entries = _scan(share, path, folder)
    except OSError as error:
        raise from_os_error(error, str(path)) from error
    finally:
        os.close(folder)
    entries.sort(key=lambda entry: (entry.name.casefold(), entry.name))
    folders = [entry for entry in entries if entry.kind != "file" and entry.leads_to_folder]
    return folders + [entry for entry in entries if entry.kind == "file" or not entry.leads_to_folder]


def require_folder(share: Share, path: SharePath) -> None:
    """Refuse what is no folder, without opening it.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
        NotAFolderError: it is a file.
    """
    if path.owner is None:
        return
    folder = share.open(path, O_PATH)
    try:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            raise NotAFolderError(str(path))
    finally:
        os.close(folder)


def make_folder(share: Share, path: SharePath) -> Entry:
    """Make a folder and those above it.

    Raises:
        EntryExistsError: something is there already.
    """
    if not path.parts:
        raise ReservedPathError(str(path), "it is a folder of the share itself")
    share.require_room_at(path)
    make_parents(share, path)
    with share.locate(path, follow_leaf=False) as found:
        require_writable(path, found)
        if found.info is not None:
            raise EntryExistsError(str(path))
        require_new_name(found.name)
        os.mkdir(found.name, dir_fd=found.parent)
    return stat_entry(share, path)


def make_parents(share: Share, path: SharePath) -> None:
    """Make the folders above a path that are missing."""
    for depth in range(1, len(path.parts)):
        above = SharePath(path.owner, path.parts[:depth])
        with share.locate(above) as found:
            require_writable(above, found)
            if found.info is None:
                require_new_name(found.name)
                os.mkdir(found.name, dir_fd=found.parent)
            elif not stat.S_ISDIR(found.info.st_mode):
                raise NotAFolderError(str(above))


def move(share: Share, source: SharePath, target: SharePath) -> Entry:
    """Move or rename a file, a folder or a link. Nothing is overwritten.

    Raises:
        PathNotFoundError: the source, or the folder it should go into, is not there.
        EntryExistsError: something is at the target already.
        InvalidNameError: the new name cannot be used, or a folder would go into itself.
    """
    for path in (source, target):
        if not path.parts:
            raise ReservedPathError(str(path), "it is a folder of the share itself")
        require_not_git(path, path.parts)
    if target != source and target.is_within(source):
        raise InvalidNameError(str(target), "a folder cannot go into itself")
    with share.locate(source, follow_leaf=False) as old, share.locate(target, follow_leaf=False) as new:
        require_writable(source, old)
        require_writable(target, new)
        if old.info is None:
            raise PathNotFoundError(str(source))
        require_new_name(new.name)
        try:
            rename_new(old.parent, old.name, new.parent, new.name)
        except OSError as error:
            raise from_os_error(error, str(target)) from error
    return stat_entry(share, target)


def free_paths(path: SharePath) -> Iterator[SharePath]:
    """The path, then the same with `-2`, `-3`, … before its ending: where something may go that overwrites nothing."""
    yield path
    stem, dot, ending = path.name.partition(".") if not path.name.startswith(".") else (path.name, "", "")
    for number in range(2, _MOST_SUFFIXES):
        yield SharePath(path.owner, (*path.parts[:-1], f"{stem}-{number}{dot}{ending}"))


def require_writable(path: SharePath, found: Located) -> None:
    """Refuse what this API never changes, by the names the path really leads through.

    Raises:
        ReservedPathError: it is a repository's own folder, or in one.
    """
    require_not_git(path, (*path.parts, *found.names))


def require_not_git(path: SharePath, names: Sequence[str]) -> None:
    """Refuse names of a repository's own folder.

    Raises:
        ReservedPathError: one of them is git's.
    """
    if any(is_git_name(name) for name in names):
        raise ReservedPathError(str(path), "a `.git` folder belongs to git")


def entry_of(share: Share, path: SharePath, info: os.stat_result) -> Entry:
    """The entry of what `info` describes; `info` is not of a link's target."""
    text, kind = str(path), _kind(info.st_mode)
    if kind == "link":
        return _link_entry(share, path, info)
    size = info.st_size if kind == "file" else None
    return Entry(text, path.name, path.owner, kind, size, info.st_mtime_ns, etag_of(info))


def _link_entry(share: Share, path: SharePath, info: os.stat_result) -> Entry:
    try:
        fd = share.open(path, O_PATH)
    except PathNotFoundError:
        return Entry(str(path), path.name, path.owner, "link", None, info.st_mtime_ns, etag_of(info))
    try:
        target = os.fstat(fd)
    finally:
        os.close(fd)
    kind = _kind(target.st_mode)
    size = target.st_size if kind == "file" else None
    target_kind: Literal["file", "folder"] | None = kind if kind in ("file", "folder") else None
    return Entry(
        str(path),
        path.name,
        path.owner,
        "link",
        size,
        target.st_mtime_ns,
        etag_of(target),
        target_kind,
    )


def _scan(share: Share, path: SharePath, folder: int) -> list[Entry]:
    """The entries in no order. Written for speed: with ten thousand files, each call here is a millisecond."""
    entries: list[Entry] = []
    add, make, kind_of = entries.append, tuple.__new__, _KIND_OF_FORMAT.get
    prefix, owner = f"{path}/", path.owner
    with os.scandir(folder) as found:
        for item in found:
            name = item.name
            if name.startswith(TEMPORARY_PREFIX):
                _sweep(folder, item)
                continue
            try:
                info = item.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # Deleted meanwhile.
            if not name.isascii():
                shown = os.fsencode(name).decode(errors="replace")
                if shown != name:
                    add(Entry(prefix + shown, shown, owner, "other", None, info.st_mtime_ns, etag_of(info)))
                    continue
            kind = kind_of(info.st_mode & _FORMAT, "other")
            if kind == "link":
                add(_link_entry(share, SharePath(owner, (*path.parts, name)), info))
                continue
            size, modified = info.st_size, info.st_mtime_ns
            etag = _ETAG % (info.st_ino, size, modified, info.st_ctime_ns)
            shown_size = size if kind == "file" else None
            add(make(Entry, (prefix + name, name, owner, kind, shown_size, modified, etag, None)))
    return entries


def _sweep(folder: int, item: os.DirEntry[str]) -> None:
    """Remove what a save left behind when the studio was killed in the middle of it."""
    with contextlib.suppress(OSError):
        is_old = time.time() - item.stat(follow_symlinks=False).st_mtime > _STALE_SECONDS
        if is_old and _TEMPORARY.match(item.name) and item.is_file(follow_symlinks=False):
            os.unlink(item.name, dir_fd=folder)


def _list_above_owners(share: Share, path: SharePath) -> list[Entry]:
    if not path.is_users:
        return [stat_entry(share, SharePath.parse(USERS))]
    owners: Sequence[str] = sorted(item.name for item in share.users.iterdir() if not item.name.startswith("."))
    entries = []
    for owner in owners:
        info = (share.users / owner).lstat()
        if stat.S_ISDIR(info.st_mode):
            entries.append(Entry(f"{USERS}/{owner}", owner, owner, "folder", None, info.st_mtime_ns, etag_of(info)))
    return entries


def _kind(mode: int) -> EntryKind:
    return _KIND_OF_FORMAT.get(mode & _FORMAT, "other")
