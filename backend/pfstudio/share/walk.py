"""Walks a folder of the share without following links out of it, in a fixed order: for exports and copies.

`LEFT_OUT` says what neither gives on: caches, what tests of a flow left behind, and git's own folder.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pfstudio.share.content import open_file
from pfstudio.share.errors import (
    AboveOwnersError,
    NotReadableError,
    PathNotFoundError,
    ReservedPathError,
    ShareFailedError,
)
from pfstudio.share.files import require_folder
from pfstudio.share.gitignores import GitIgnores
from pfstudio.share.handles import O_PATH, READ, Root, locate
from pfstudio.share.paths import TEMPORARY_PREFIX, Share, SharePath

LEFT_OUT = (".git", "__pycache__", ".promptflow")
IGNORED = "files that a .gitignore names"
UNREADABLE = "what the studio may not read"
_DEEPEST = 200
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}  # Deleted meanwhile, or something else by now.


@dataclass(frozen=True, slots=True)
class Found:
    """One thing in the folder. A file is open at `fd` until the walk goes on; a link says where it leads."""

    names: tuple[str, ...]
    kind: Literal["folder", "file", "link"]
    mode: int
    fd: int = -1
    link: str = ""


class Selection:
    """What of a folder is taken, and what was left out of it so far.

    `git` takes repositories' own folders as well; without `ignored`, what a `.gitignore` names stays behind.
    """

    def __init__(self, *, git: bool = False, ignored: bool = True) -> None:
        self.left_out: set[str] = set()
        self._git = git
        self._ignores = None if ignored else GitIgnores()

    @property
    def kinds(self) -> list[str]:
        """What this selection leaves out wherever it finds it."""
        kinds = [name for name in LEFT_OUT if name != ".git" or not self._git]
        return kinds if self._ignores is None else [*kinds, IGNORED]

    def takes(self, folder: int, names: tuple[str, ...], name: str, *, is_folder: bool) -> bool:
        """Whether `name` in the open folder, which `names` lead to, is taken."""
        if name.startswith(TEMPORARY_PREFIX) or not _is_text(name):
            return False
        if name == ".git":  # It is a file in a submodule's folder.
            return self._git or self._leave_out(name)
        if self._git and ".git" in names:
            return True
        if is_folder and name in LEFT_OUT:
            return self._leave_out(name)
        prefix = "".join(f"{part}/" for part in names)
        if self._ignores and self._ignores.is_ignored(folder, prefix, name, is_folder=is_folder):
            return self._leave_out(IGNORED)
        return True

    def _leave_out(self, what: str) -> bool:
        self.left_out.add(what)
        return False


def _open(name: str, flags: int, folder: int, selection: Selection) -> int:
    """A descriptor; -1 for what is not there any more, and for what may not be read, which is noted."""
    try:
        return os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
    except PermissionError:
        selection.left_out.add(UNREADABLE)
    except OSError as error:
        if error.errno not in _GONE:
            raise
    return -1


def walk_folder(share: Share, path: SharePath, selection: Selection | None = None) -> Iterator[Found]:
    """The folder itself, then all that is in it, folders before what they hold.

    A link stays a link where it stays in the folder; one to a file elsewhere in the owner's folder is given as that
    file; others, and what is neither file nor folder, are left out.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
        NotAFolderError: it is a file.
        AboveOwnersError: it is the folder that holds everyone's.
    """
    if path.owner is None:
        raise AboveOwnersError
    require_folder(share, path)
    return _walk_from(share, path, selection or Selection())


def _walk_from(share: Share, path: SharePath, selection: Selection) -> Iterator[Found]:
    folder = share.open(path, READ | os.O_DIRECTORY)
    try:
        yield from _walk(share, path, folder, (), selection)
    finally:
        os.close(folder)


def _walk(share: Share, top: SharePath, folder: int, names: tuple[str, ...], selection: Selection) -> Iterator[Found]:
    if len(names) > _DEEPEST:
        raise ShareFailedError(str(top), f"its folders are more than {_DEEPEST} deep")
    yield Found(names, "folder", os.fstat(folder).st_mode)
    with os.scandir(folder) as found:
        items = sorted(found, key=lambda item: item.name)
    for item in items:
        is_folder = item.is_dir(follow_symlinks=False)
        if not selection.takes(folder, names, item.name, is_folder=is_folder):
            continue
        below = (*names, item.name)
        if item.is_symlink():
            yield from _link(share, top, folder, below)
        elif is_folder:
            if (inner := _open(item.name, READ | os.O_DIRECTORY, folder, selection)) < 0:
                continue
            try:
                yield from _walk(share, top, inner, below, selection)
            finally:
                os.close(inner)
        elif item.is_file(follow_symlinks=False):
            yield from _file(folder, below, selection)


def _file(folder: int, names: tuple[str, ...], selection: Selection) -> Iterator[Found]:
    if (fd := _open(names[-1], READ, folder, selection)) < 0:
        return
    try:
        info = os.fstat(fd)
        if stat.S_ISREG(info.st_mode):
            yield Found(names, "file", info.st_mode, fd=fd)
    finally:
        os.close(fd)


def _link(share: Share, top: SharePath, folder: int, names: tuple[str, ...]) -> Iterator[Found]:
    try:
        target = os.readlink(names[-1], dir_fd=folder)
    except OSError:
        return  # Deleted meanwhile, or no link any more.
    if not target.startswith("/") and _is_text(target) and _stays_inside(share, top, names):
        yield Found(names, "link", stat.S_IFLNK | 0o777, link=target)
        return
    try:
        opened = open_file(share, SharePath(top.owner, (*top.parts, *names)))
    except (PathNotFoundError, NotReadableError, ReservedPathError):
        return
    with opened.file:
        fd = opened.file.fileno()
        yield Found(names, "file", os.fstat(fd).st_mode, fd=fd)


def _stays_inside(share: Share, top: SharePath, names: tuple[str, ...]) -> bool:
    fd = share.open(top, O_PATH | os.O_DIRECTORY)
    try:
        with locate(Root(fd), names):
            return True
    except OSError:
        return False
    finally:
        os.close(fd)


def _is_text(name: str) -> bool:
    """Neither zips nor JSON can say names that are not UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
