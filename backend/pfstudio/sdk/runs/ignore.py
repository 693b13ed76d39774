"""Which files a snapshot leaves out: `.amlignore`, else `.gitignore`, and what is never part of a flow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from pfstudio.kit.ignore_rules import IgnoreRules

_NEVER: Final = frozenset({".git", ".runs", "__pycache__"})
_FILES: Final = (".amlignore", ".gitignore")


def ignored_by(folder: Path) -> Callable[[str, bool], bool]:
    """Whether a path below `folder` (relative, with `/`) is left out; asked for folders first, from the top down."""
    rules = _read_rules(folder)

    def is_ignored(path: str, is_folder: bool) -> bool:
        return path.rpartition("/")[2] in _NEVER or bool(rules.says(path, is_folder=is_folder))

    return is_ignored


def _read_rules(folder: Path) -> IgnoreRules:
    for name in _FILES:
        try:
            text = (folder / name).read_text(encoding="utf-8-sig", errors="replace")
        except OSError:
            continue
        return IgnoreRules(text.splitlines())
    return IgnoreRules(())
