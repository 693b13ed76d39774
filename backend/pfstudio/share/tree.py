"""Finds the flows on the share: the folders below `Users/<owner>/promptflow` that hold a flow file.

Links are not followed. What a folder holds is remembered until the folder changes, so that looking again costs one
`stat` a folder.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from pfstudio.flow.loader import FLOW_FILE_NAMES
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.handles import O_PATH
from pfstudio.share.paths import TEMPORARY_PREFIX, USERS, Share, SharePath, is_safe_name

PROMPTFLOW = "promptflow"
_SKIPPED = {"node_modules", "__pycache__", "venv", "site-packages"}
_DEEPEST = 10
_MOST_FOLDERS = 50_000


@dataclass(frozen=True, slots=True)
class FoundFlow:
    """A folder that holds a flow file, and the file's name."""

    path: SharePath
    file: str


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: tuple[int, int, int]
    folders: tuple[str, ...]
    flow_file: str | None


class FlowTree:
    """Finds flows; keep one for the whole process."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._held: dict[str, _Held] = {}
        self._guard = threading.Lock()

    def find(self) -> list[FoundFlow]:
        """All flows of all owners."""
        seen: dict[str, _Held] = {}
        found: list[FoundFlow] = []
        for owner in sorted(os.listdir(self._share.users)):  # noqa: PTH208 - names only.
            if not owner.startswith(".") and is_safe_name(owner):
                found.extend(self._below(SharePath(owner, (PROMPTFLOW,)), seen))
        with self._guard:
            self._held = seen
        return found

    def _below(self, start: SharePath, seen: dict[str, _Held]) -> Iterator[FoundFlow]:
        waiting = [start]
        while waiting and len(seen) < _MOST_FOLDERS:
            path = waiting.pop()
            held = self._look(path)
            if held is None:
                continue
            seen[str(path)] = held
            if held.flow_file:
                yield FoundFlow(path, held.flow_file)
            if len(path.parts) < _DEEPEST:
                waiting.extend(SharePath(path.owner, (*path.parts, name)) for name in reversed(held.folders))

    def _look(self, path: SharePath) -> _Held | None:
        folder = os.path.join(self._share.root, USERS, str(path.owner), *path.parts)  # noqa: PTH118 - many of them.
        try:
            info = os.lstat(folder)
            stamp = (info.st_ino, info.st_mtime_ns, info.st_ctime_ns)
            known = self._held.get(str(path))
            if known and known.stamp == stamp:
                return known
            with os.scandir(folder) as items:
                names = {item.name: item.is_dir(follow_symlinks=False) for item in items}
        except OSError:
            return None
        folders = tuple(sorted(name for name, is_folder in names.items() if is_folder and _is_looked_into(name)))
        flow_file = next((name for name in FLOW_FILE_NAMES if names.get(name) is False), None)
        return _Held(stamp, folders, flow_file)


def _is_looked_into(name: str) -> bool:
    return not name.startswith((".", TEMPORARY_PREFIX)) and name not in _SKIPPED and is_safe_name(name)


def flow_file_of(share: Share, folder: SharePath) -> str | None:
    """The name of the flow file in a folder, the first in the order in which they count; None without one."""
    return next((name for name in FLOW_FILE_NAMES if _is_file(share, SharePath.parse(f"{folder}/{name}"))), None)


def _is_file(share: Share, path: SharePath) -> bool:
    try:
        fd = share.open(path, O_PATH)
    except PathNotFoundError:
        return False
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode)
    finally:
        os.close(fd)
