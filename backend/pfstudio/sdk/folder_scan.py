"""What a local folder holds that takes part in keeping it in step with a studio."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pfstudio.kit.ignore_rules import IgnoreRules

NEVER: Final = frozenset({".git", "__pycache__", ".promptflow"})
TEMPORARY: Final = ".pfstudio-tmp-"
_STALE_SECONDS: Final = 60
_LARGEST_RULES: Final = 100_000
_EXECUTABLE: Final = "+x"
_KNOWS_MODES: Final = os.name != "nt"


@dataclass(slots=True)
class LocalFolder:
    """The state of each file by its path, with `/`. `others` are links and what is no file: they take no part, and
    nothing is written in their place. `rules` are those of the `.gitignore` files, by the folder they are in."""

    files: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    rules: dict[str, IgnoreRules] = field(default_factory=dict)

    def ignores(self, path: str) -> bool:
        """Whether a `.gitignore` names the file, or a folder that it is in."""
        names = path.split("/")
        return any(
            self._says("/".join(names[:depth]), is_folder=depth < len(names)) for depth in range(1, len(names) + 1)
        )

    def _says(self, path: str, *, is_folder: bool) -> bool:
        at = path.rfind("/") + 1
        while True:  # The nearest file that has a rule about it counts.
            rules = self.rules.get(path[:at])
            said = rules.says(path[at:], is_folder=is_folder) if rules else None
            if said is not None:
                return said
            if at <= 0:
                return False
            at = path.rfind("/", 0, at - 1) + 1


def state_of(digest: str, *, executable: bool) -> str:
    """What is compared: the content's hash, and whether the file may be executed."""
    return digest + (_EXECUTABLE if executable else "")


def is_executable(state: str) -> bool:
    return state.endswith(_EXECUTABLE)


def scan(folder: Path, *, ignored: bool = True, known: Mapping[str, str] | None = None) -> LocalFolder:
    """All that takes part of a folder. Where the system knows no modes, they are those of `known`."""
    found = LocalFolder()
    for top, folders, names in os.walk(folder):
        prefix = Path(top).relative_to(folder).as_posix() + "/"
        prefix = "" if prefix == "./" else prefix
        if not ignored and ".gitignore" in names and (rules := _rules(Path(top, ".gitignore"))):
            found.rules[prefix] = rules
        for name in [*folders, *names]:
            _add(found, Path(top, name), prefix + name, known or {})
        folders[:] = sorted(name for name in folders if prefix + name in found.folders)
    return found


def _add(found: LocalFolder, item: Path, path: str, known: Mapping[str, str]) -> None:
    if item.name in NEVER:
        return
    info = item.lstat()
    if item.name.startswith(TEMPORARY):
        _sweep(item, info)
    elif not _is_text(path):
        found.others.add(os.fsencode(path).decode(errors="replace"))
    elif stat.S_ISLNK(info.st_mode) or not (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)):
        found.others.add(path)
    elif found.rules and found.ignores(path):
        return
    elif stat.S_ISDIR(info.st_mode):
        found.folders.add(path)
    else:
        executable = bool(info.st_mode & 0o100) if _KNOWS_MODES else is_executable(known.get(path, ""))
        found.files[path] = state_of(digest_of(item), executable=executable)


def digest_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def set_executable(file: Path, *, executable: bool) -> None:
    """Whether whoever may read the file may execute it; nothing where the system knows no modes."""
    if _KNOWS_MODES:
        mode = stat.S_IMODE(file.stat().st_mode) & ~0o111
        file.chmod(mode | (mode & 0o444) >> 2 if executable else mode)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _sweep(item: Path, info: os.stat_result) -> None:
    """Remove what was being written when a command was killed."""
    if stat.S_ISREG(info.st_mode) and time.time() - info.st_mtime > _STALE_SECONDS:
        with suppress(OSError):
            item.unlink()


def _rules(file: Path) -> IgnoreRules | None:
    with suppress(OSError):
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= _LARGEST_RULES:
            return IgnoreRules(file.read_text(encoding="utf-8-sig", errors="replace").splitlines())
    return None
