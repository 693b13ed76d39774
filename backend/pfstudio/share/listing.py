"""All names below a folder of the share, quickly: for searches. Opens folders only, follows no link."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import NamedTuple

from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.files import list_folder
from pfstudio.share.handles import READ
from pfstudio.share.paths import TEMPORARY_PREFIX, Share, SharePath

NOT_SEARCHED = frozenset(
    {".git", ".promptflow", ".runs", "__pycache__", "node_modules", "site-packages", ".venv", "venv", ".tox"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints"}
)
MOST_NAMES = 200_000
_DEEPEST = 100
_KEPT_SECONDS = 3.0
_KEPT_LISTINGS = 8


class Name(NamedTuple):
    """A file or folder; `path` is its share path."""

    path: str
    is_folder: bool


class Level(NamedTuple):
    """An open folder of the walk, and the share path before its entries' names."""

    fd: int
    prefix: str
    depth: int


Chooser = Callable[[Level, os.DirEntry[str], bool], bool]


def walk_names(share: Share, root: SharePath, chooser: Chooser | None = None) -> Iterator[tuple[Level, Name]]:
    """What is below `root`, folder by folder; the level's folder is open until the walk goes on.

    `chooser` says of an entry (and whether it is a folder) whether it counts; folders that do not are not entered.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
    """
    if root.owner is None:
        for entry in list_folder(share, SharePath.parse("Users")):
            with suppress(PathNotFoundError):
                yield from walk_names(share, SharePath.parse(entry.path), chooser)
        return
    with ExitStack() as opened:
        top = share.open(root, READ | os.O_DIRECTORY)
        waiting = [Level(top, f"{root}/", 0)]
        opened.callback(_close, waiting)
        while waiting:
            level = waiting.pop()
            try:
                yield from _level(level, waiting, chooser)
            finally:
                os.close(level.fd)


def _close(levels: list[Level]) -> None:
    for level in levels:
        os.close(level.fd)


def _level(level: Level, waiting: list[Level], chooser: Chooser | None) -> Iterator[tuple[Level, Name]]:
    folders = []
    with os.scandir(level.fd) as found:
        items = sorted(found, key=lambda item: item.name)
    for item in items:
        is_folder = item.is_dir(follow_symlinks=False)
        if item.name.startswith(TEMPORARY_PREFIX) or not _is_text(item.name):
            continue
        if (is_folder and item.name in NOT_SEARCHED) or (chooser and not chooser(level, item, is_folder)):
            continue
        yield level, Name(level.prefix + item.name, is_folder)
        if is_folder and level.depth < _DEEPEST:
            folders.append(item.name)
    for name in reversed(folders):
        with suppress(OSError):  # Deleted, or no folder any more.
            fd = os.open(name, READ | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=level.fd)
            waiting.append(Level(fd, f"{level.prefix}{name}/", level.depth + 1))


def _is_text(name: str) -> bool:
    if name.isascii():
        return True
    with suppress(UnicodeEncodeError):
        name.encode()
        return True
    return False


class Listings:
    """The latest listings, kept for moments: whoever types a name asks again with each letter."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._kept: OrderedDict[str, tuple[float, list[Name]]] = OrderedDict()
        self._guard = threading.Lock()

    def below(self, root: SharePath) -> list[Name]:
        """All names below a folder, at most `MOST_NAMES`."""
        key, now = str(root), time.monotonic()
        with self._guard:
            kept = self._kept.get(key)
        if kept and now - kept[0] < _KEPT_SECONDS:
            return kept[1]
        names: list[Name] = []
        for _, name in walk_names(self._share, root):
            names.append(name)
            if len(names) >= MOST_NAMES:
                break
        with self._guard:
            self._kept[key] = (time.monotonic(), names)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT_LISTINGS:
                self._kept.popitem(last=False)
        return names
