"""The `.gitignore` files on the way of a walk, and what they say together."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from pfstudio.kit.ignore_rules import IgnoreRules
from pfstudio.share.handles import READ

_LARGEST = 100_000


class GitIgnores:
    """Rules by folder, read when the walk comes there; a folder that is ignored must not be entered."""

    def __init__(self) -> None:
        self._rules: dict[str, IgnoreRules | None] = {}

    def is_ignored(self, folder: int, prefix: str, name: str, *, is_folder: bool) -> bool:
        """Whether `name` in the open folder is ignored; `prefix` is the folder's path, ending with `/` or empty."""
        if prefix not in self._rules:
            self._rules[prefix] = _read(folder)
        path, at = prefix + name, len(prefix)
        while True:  # The nearest file that has a rule about it counts.
            rules = self._rules.get(path[:at])
            said = rules.says(path[at:], is_folder=is_folder) if rules else None
            if said is not None:
                return said
            if at <= 0:
                return False
            at = path.rfind("/", 0, at - 1) + 1


def _read(folder: int) -> IgnoreRules | None:
    with suppress(OSError):
        fd = os.open(".gitignore", READ | os.O_NOFOLLOW, dir_fd=folder)
        with os.fdopen(fd, "rb") as file:
            info = os.fstat(fd)
            if stat.S_ISREG(info.st_mode) and info.st_size <= _LARGEST:
                text = file.read(_LARGEST).decode("utf-8-sig", errors="replace")
                return IgnoreRules(text.splitlines()) or None
    return None
