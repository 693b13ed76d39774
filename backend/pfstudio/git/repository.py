"""Finding the repository that a share path is in, without git and without following a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pfstudio.git.config import LARGEST, Setting, facts
from pfstudio.git.errors import NoRepositoryError, OutsideRepositoryError
from pfstudio.share.errors import NotAFolderError, PathNotFoundError, brief, printable
from pfstudio.share.handles import O_PATH, READ
from pfstudio.share.paths import Share, SharePath, is_git_name

GIT = ".git"
_FOLDER = O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LARGEST_ALTERNATES = 65_536


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that can be used. `folder` is its work tree's absolute path; `settings` what it says of itself."""

    share: Share
    root: SharePath
    folder: Path
    settings: tuple[Setting, ...]
    inode: int

    @property
    def owner(self) -> str:
        return str(self.root.owner)

    @property
    def git_folder(self) -> Path:
        return self.folder / GIT

    def inside(self, path: SharePath) -> str:
        """A share path as git names it; empty for the repository itself. The last name may be a link.

        Raises:
            OutsideRepositoryError: it is somewhere else.
        """
        real = _real(self.share, path)
        if not real.is_within(self.root):
            real = _real(self.share, path, follow_leaf=True)
        if not real.is_within(self.root) or any(is_git_name(name) for name in real.parts[len(self.root.parts) :]):
            raise OutsideRepositoryError(str(path), str(self.root))
        return "/".join(real.parts[len(self.root.parts) :])

    def told(self, inside: str) -> str:
        """The share path, as text, of what git names `inside`."""
        return f"{self.root}/{inside}" if inside else str(self.root)

    def path(self, inside: str) -> SharePath:
        """The share path of what git names `inside`.

        Raises:
            PathNotFoundError: no share path can say it.
        """
        return SharePath.parse(self.told(inside))


@dataclass(frozen=True, slots=True)
class Found:
    """`note` says in a sentence why a `.git` that is there is not used."""

    repository: Repository | None
    note: str | None = None


def find_repository(share: Share, path: SharePath) -> Found:
    """The nearest repository at or above a path, below the folder of its owner.

    Raises:
        PathNotFoundError: the path has no owner, or the way leaves the owner's folder.
    """
    names = list(_real(share, path, follow_leaf=True).parts)
    owner = Path(os.path.realpath(share.users / str(path.owner)))
    while True:
        at = SharePath(path.owner, tuple(names))
        found = _look(share, at, owner.joinpath(*names))
        if found is not None:
            return found
        if not names:
            return Found(None)
        names.pop()


def require_repository(share: Share, path: SharePath) -> Repository:
    """The nearest repository at or above a path.

    Raises:
        NoRepositoryError: there is none, or none that can be used.
        PathNotFoundError: as `find_repository`.
    """
    found = find_repository(share, path)
    if found.repository is None:
        raise NoRepositoryError(str(path), found.note)
    return found.repository


def _real(share: Share, path: SharePath, *, follow_leaf: bool = False) -> SharePath:
    """The path without links; what is not there any more keeps the names it was asked by."""
    missing: list[str] = []
    at = path
    while True:
        try:
            with share.locate(at, follow_leaf=follow_leaf or at is not path) as found:
                if found.name == "." or found.info is not None or not at.parts:
                    return SharePath(path.owner, (*found.names, *missing))
        except (PathNotFoundError, NotAFolderError):
            if not at.parts:
                raise
        missing.insert(0, at.name)
        at = at.parent


def _look(share: Share, at: SharePath, folder: Path) -> Found | None:
    """What the `.git` of one folder means; None where git itself would look further up."""
    try:
        with share.locate(SharePath(at.owner, (*at.parts, GIT)), follow_leaf=False) as found:
            if found.info is None:
                return None
            if not stat.S_ISDIR(found.info.st_mode):
                return Found(None, _note(at, "its '.git' is a file or a link that leads elsewhere"))
            git = os.open(found.name, _FOLDER, dir_fd=found.parent)
            inode = found.info.st_ino
    except (PathNotFoundError, NotAFolderError):
        return None
    try:
        if not _kind(git, "HEAD", stat.S_ISREG):
            return None
        why = _why_not(git, folder)
        if why is not None:
            return Found(None, _note(at, why))
        text = _read(git, ("config",), LARGEST) or ""
        return Found(Repository(share, at, folder, tuple(facts(text)), inode))
    finally:
        os.close(git)


def _why_not(git: int, folder: Path) -> str | None:
    """Why a repository is not used: parts of it are, or may be, elsewhere."""
    if not _kind(git, "objects", stat.S_ISDIR) or not _kind(git, "refs", stat.S_ISDIR):
        return "its '.git' lacks its objects or refs, or they are links"
    if _exists(git, "commondir") or _exists(git, "gitdir"):
        return "its '.git' leads to another repository"
    for line in (_read(git, ("objects", "info", "alternates"), _LARGEST_ALTERNATES) or "").splitlines():
        at = Path(os.path.normpath(folder / GIT / "objects" / line))
        if line and not line.startswith("#") and not at.is_relative_to(folder):
            return "it borrows objects from a folder outside of it ('.git/objects/info/alternates')"
    return None


def _note(at: SharePath, why: str) -> str:
    return f"The git repository in '{brief(printable(str(at)))}' is not used: {why}."


def _kind(git: int, name: str, is_kind: Callable[[int], bool]) -> bool:
    with suppress(OSError):
        return is_kind(os.stat(name, dir_fd=git, follow_symlinks=False).st_mode)
    return False


def _exists(git: int, name: str) -> bool:
    with suppress(OSError):
        os.stat(name, dir_fd=git, follow_symlinks=False)
        return True
    return False


def _read(git: int, names: tuple[str, ...], largest: int) -> str | None:
    """The text of a file in `.git`, no link followed; None where there is none, or it is too large."""
    current = os.dup(git)
    try:
        for name in names[:-1]:
            following = os.open(name, _FOLDER, dir_fd=current)
            os.close(current)
            current = following
        file = os.open(names[-1], READ | os.O_NOFOLLOW, dir_fd=current)
    except OSError:
        return None
    finally:
        os.close(current)
    with os.fdopen(file, "rb") as opened:
        info = os.fstat(file)
        if not stat.S_ISREG(info.st_mode) or info.st_size > largest:
            return None
        return opened.read(largest).decode(errors="replace")
