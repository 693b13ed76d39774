"""What tools make anew by themselves: how much of it a user has, and deleting it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress

from pfstudio.share.diskspace import Use
from pfstudio.share.handles import READ
from pfstudio.share.paths import Share, SharePath

_COMPILED, _ENDING = "__pycache__", ".pyc"
_OF_TOOLS = frozenset({".mypy_cache", ".pytest_cache", ".ruff_cache"})
_NOT_ENTERED = frozenset({".git", ".venv", "venv", "node_modules", "site-packages"})


def is_cached(names: Sequence[str]) -> bool:
    """Whether a file is of a cache, by the names that lead to it from its owner's folder."""
    *folders, name = names
    cache = next((depth for depth, folder in enumerate(folders) if folder in _OF_TOOLS), None)
    if cache is None and not (name.endswith(_ENDING) and folders and folders[-1] == _COMPILED):
        return False
    return _NOT_ENTERED.isdisjoint(folders[:cache])


def delete_caches(share: Share, owner: str) -> Use:
    """Delete them for good, and tell how much that was. Links are never followed."""

    def delete(name: str, folder: int) -> None:
        if name.endswith(_ENDING):
            os.unlink(name, dir_fd=folder)
        else:
            shutil.rmtree(name, dir_fd=folder)

    deleted = _walk(share, owner, delete)
    share.quotas.forget(owner)
    return deleted


def _walk(share: Share, owner: str, found: Callable[[str, int], None]) -> Use:
    """`found` gets each compiled file and each tool's folder: its name, and the open folder that it is in."""
    total = Use()
    top = share.open(SharePath(owner, ()), READ | os.O_DIRECTORY)
    try:
        for path, folders, files, folder in os.fwalk(".", dir_fd=top, follow_symlinks=False):
            caches = [name for name in folders if name in _OF_TOOLS]
            compiled = [name for name in files if name.endswith(_ENDING)] if path.endswith(f"/{_COMPILED}") else []
            for name in (*caches, *compiled):
                total = total.plus(_take(name, folder, found))
            folders[:] = [name for name in folders if name not in _OF_TOOLS and name not in _NOT_ENTERED]
    finally:
        os.close(top)
    return total


def _take(name: str, folder: int, found: Callable[[str, int], None]) -> Use:
    with suppress(OSError):  # Gone meanwhile, or not ours to delete: it takes up no room that could be freed.
        info = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(info.st_mode):
            use = Use(info.st_size, 1)
        elif stat.S_ISDIR(info.st_mode):
            use = _use_below(name, folder)
        else:
            return Use()
        found(name, folder)
        return use
    return Use()


def _use_below(name: str, folder: int) -> Use:
    size = count = 0
    for _, _, files, opened in os.fwalk(name, dir_fd=folder, follow_symlinks=False):
        for file in files:
            size += os.stat(file, dir_fd=opened, follow_symlinks=False).st_size
            count += 1
    return Use(size, count)
