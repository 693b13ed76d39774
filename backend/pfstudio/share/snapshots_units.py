"""Which history a share path belongs to.

Each folder below `Users/<owner>/promptflow` has a history of its own, whether or not it is a flow itself: a cloned
repository with flows inside has one. What a user keeps elsewhere shares one history.
"""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass

from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import PROMPTFLOW

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A folder with one history. `is_whole` where that is about all that is in it."""

    path: SharePath

    @property
    def is_whole(self) -> bool:
        return len(self.path.parts) > 1

    @property
    def key(self) -> str:
        """Its name in the store: the same for the same path, and fit for a ref."""
        return hashlib.sha256(str(self.path).encode()).hexdigest()[:40]

    @property
    def ref(self) -> str:
        return f"refs/units/{self.key}"


def unit_of(share: Share, path: SharePath) -> tuple[Unit, Names]:
    """The history of a path, and the path inside it.

    Raises:
        PathNotFoundError: the path is above all users' folders.
    """
    if path.owner is None or path.owner.startswith("."):
        raise PathNotFoundError(str(path))
    if len(path.parts) > 1 and path.parts[0] == PROMPTFLOW:
        top = SharePath(path.owner, path.parts[:2])
        if len(path.parts) > 2 or not _is_file(share, top):
            return Unit(top), path.parts[2:]
    return Unit(SharePath(path.owner, ())), path.parts


def is_apart(unit: Unit, names: Names) -> bool:
    """Whether a folder inside a unit has a history of its own."""
    return not unit.is_whole and len(names) == 2 and names[0] == PROMPTFLOW


def real_path(share: Share, path: SharePath, *, follow_leaf: bool = False) -> SharePath:
    """The path without links on the way to its last name; the same where the way is gone."""
    try:
        with share.locate(path, follow_leaf=follow_leaf) as found:
            return SharePath(path.owner, found.names)
    except PathNotFoundError:
        return path


def _is_file(share: Share, path: SharePath) -> bool:
    try:
        with share.locate(path) as found:
            return found.info is not None and not stat.S_ISDIR(found.info.st_mode)
    except PathNotFoundError:
        return False
