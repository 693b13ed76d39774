"""Finds the flows on the share: the folders below `Users/<owner>/promptflow` that hold a flow file, and prompties.

A prompty is a flow of its own, unless a folder around it is one: then it is part of that flow.
Links are not followed. What a folder holds is remembered until the folder changes, so that looking again costs one
`stat` a folder.
"""

from __future__ import annotations

import contextlib
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
PROMPTY = ".prompty"
_SKIPPED = {"node_modules", "__pycache__", "venv", "site-packages"}
_DEEPEST = 10
_MOST_FOLDERS = 50_000
_MOST_PROMPTIES = 100


@dataclass(frozen=True, slots=True)
class FoundFlow:
    """A flow: what addresses it (the folder of its flow file, or a prompty itself), and its file."""

    path: SharePath
    file: SharePath


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: tuple[int, int, int]
    folders: tuple[str, ...]
    flow_file: str | None
    prompties: tuple[str, ...]


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

    def find_below(self, folder: SharePath) -> list[FoundFlow]:
        """The flows in one folder, itself among them."""
        return list(self._below(folder, {}))

    def _below(self, start: SharePath, seen: dict[str, _Held]) -> Iterator[FoundFlow]:
        waiting = [(start, False)]
        while waiting and len(seen) < _MOST_FOLDERS:
            path, is_part = waiting.pop()
            held = self._look(path)
            if held is None:
                continue
            seen[str(path)] = held
            if held.flow_file:
                yield FoundFlow(path, _below(path, held.flow_file))
                is_part = True
            if not is_part:
                yield from (FoundFlow(file, file) for name in held.prompties for file in [_below(path, name)])
            if len(path.parts) < _DEEPEST:
                waiting.extend((_below(path, name), is_part) for name in reversed(held.folders))

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
        prompties = tuple(sorted(name for name, is_folder in names.items() if not is_folder and _is_prompty(name)))
        return _Held(stamp, folders, flow_file, prompties)


def _is_looked_into(name: str) -> bool:
    return not name.startswith((".", TEMPORARY_PREFIX)) and name not in _SKIPPED and is_safe_name(name)


def _is_prompty(name: str) -> bool:
    return name.endswith(PROMPTY) and not name.startswith((".", TEMPORARY_PREFIX)) and is_safe_name(name)


def _below(folder: SharePath, name: str) -> SharePath:
    return SharePath(folder.owner, (*folder.parts, name))


def prompties_in(share: Share, folder: SharePath) -> list[str]:
    """The prompties in a folder and in the folders right below it, as paths relative to it.

    Raises:
        PathNotFoundError: there is no such folder.
    """
    names, folders = _names_in(share, folder)
    found = list(names)
    for below in folders:
        with contextlib.suppress(PathNotFoundError):  # Deleted meanwhile.
            found += [f"{below}/{name}" for name in _names_in(share, _below(folder, below))[0]]
    return found[:_MOST_PROMPTIES]


def _names_in(share: Share, folder: SharePath) -> tuple[list[str], list[str]]:
    """The names of the prompties and of the folders in a folder."""
    fd = share.open(folder)
    try:
        with os.scandir(fd) as items:
            kinds = {item.name: item.is_dir(follow_symlinks=False) for item in items}
    except NotADirectoryError:
        return [], []
    finally:
        os.close(fd)
    prompties = sorted(name for name, is_folder in kinds.items() if not is_folder and _is_prompty(name))
    return prompties, sorted(name for name, is_folder in kinds.items() if is_folder and _is_looked_into(name))


def flow_file_of(share: Share, folder: SharePath) -> str | None:
    """The name of the flow file in a folder, the first in the order in which they count; None without one."""
    return next((name for name in FLOW_FILE_NAMES if is_file(share, SharePath.parse(f"{folder}/{name}"))), None)


def is_file(share: Share, path: SharePath) -> bool:
    """Whether a regular file is there, also at the end of a link."""
    try:
        fd = share.open(path, O_PATH)
    except PathNotFoundError:
        return False
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode)
    finally:
        os.close(fd)
