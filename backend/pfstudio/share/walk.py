"""Walks a folder of the share without following links out of it, in a fixed order: for exports and copies.

`LEFT_OUT` says what neither gives on: caches, what tests of a flow left behind, and git's own folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pfstudio.share.content import open_file
from pfstudio.share.errors import NotAFolderError, NotReadableError, PathNotFoundError, ShareFailedError
from pfstudio.share.handles import O_PATH, READ, Root, locate
from pfstudio.share.paths import TEMPORARY_PREFIX, Share, SharePath

LEFT_OUT = (".git", "__pycache__", ".promptflow")
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """One thing in the folder. A file is open at `fd` until the walk goes on; a link says where it leads."""

    names: tuple[str, ...]
    kind: Literal["folder", "file", "link"]
    mode: int
    fd: int = -1
    link: str = ""


def walk_folder(share: Share, path: SharePath) -> Iterator[Found]:
    """The folder itself, then all that is in it, folders before what they hold.

    A link stays a link where it stays in the folder; one to a file elsewhere in the owner's folder is given as that
    file; others, and what is neither file nor folder, are left out.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
        NotAFolderError: it is a file.
    """
    folder = share.open(path, O_PATH)
    try:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            raise NotAFolderError(str(path))
    finally:
        os.close(folder)
    return _walk_from(share, path)


def _walk_from(share: Share, path: SharePath) -> Iterator[Found]:
    folder = share.open(path, READ | os.O_DIRECTORY)
    try:
        yield from _walk(share, path, folder, ())
    finally:
        os.close(folder)


def _walk(share: Share, top: SharePath, folder: int, names: tuple[str, ...]) -> Iterator[Found]:
    if len(names) > _DEEPEST:
        raise ShareFailedError(str(top), f"its folders are more than {_DEEPEST} deep")
    yield Found(names, "folder", os.fstat(folder).st_mode)
    with os.scandir(folder) as found:
        items = sorted(found, key=lambda item: item.name)
    for item in items:
        is_folder = item.is_dir(follow_symlinks=False)
        if _is_left_out(item.name, is_folder=is_folder):
            continue
        below = (*names, item.name)
        if item.is_symlink():
            yield from _link(share, top, folder, below)
        elif is_folder:
            inner = os.open(item.name, READ | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            try:
                yield from _walk(share, top, inner, below)
            finally:
                os.close(inner)
        elif item.is_file(follow_symlinks=False):
            yield from _file(folder, below)


def _file(folder: int, names: tuple[str, ...]) -> Iterator[Found]:
    try:
        fd = os.open(names[-1], READ | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        return  # Deleted meanwhile.
    try:
        info = os.fstat(fd)
        if stat.S_ISREG(info.st_mode):
            yield Found(names, "file", info.st_mode, fd=fd)
    finally:
        os.close(fd)


def _link(share: Share, top: SharePath, folder: int, names: tuple[str, ...]) -> Iterator[Found]:
    target = os.readlink(names[-1], dir_fd=folder)
    if not target.startswith("/") and _is_text(target) and _stays_inside(share, top, names):
        yield Found(names, "link", stat.S_IFLNK | 0o777, link=target)
        return
    try:
        opened = open_file(share, SharePath(top.owner, (*top.parts, *names)))
    except (PathNotFoundError, NotReadableError):
        return
    with opened.file:
        fd = opened.file.fileno()
        yield Found(names, "file", os.fstat(fd).st_mode, fd=fd)


def _stays_inside(share: Share, top: SharePath, names: tuple[str, ...]) -> bool:
    fd = share.open(top, O_PATH | os.O_DIRECTORY)
    try:
        with locate(Root(fd, ()), names):
            return True
    except OSError:
        return False
    finally:
        os.close(fd)


def _is_left_out(name: str, *, is_folder: bool) -> bool:
    if name.startswith(TEMPORARY_PREFIX) or not _is_text(name):
        return True
    return name == ".git" or (is_folder and name in LEFT_OUT)  # `.git` is a file in a submodule's folder.


def _is_text(name: str) -> bool:
    """Neither zips nor JSON can say names that are not UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
