"""Which files a snapshot leaves out: `.amlignore`, else `.gitignore`, and what is never part of a flow."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

_NEVER: Final = frozenset({".git", ".runs", "__pycache__"})
_SPECIAL: Final = re.compile(r"[*?\[\\]")
_FILES: Final = (".amlignore", ".gitignore")


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    is_negated: bool
    only_folders: bool


def ignored_by(folder: Path) -> Callable[[str, bool], bool]:
    """Whether a path below `folder` (relative, with `/`) is left out; asked for folders first, from the top down."""
    rules = _read_rules(folder)

    def is_ignored(path: str, is_folder: bool) -> bool:
        if path.rpartition("/")[2] in _NEVER:
            return True
        ignored = False
        for rule in rules:
            if (is_folder or not rule.only_folders) and rule.pattern.match(path):
                ignored = not rule.is_negated
        return ignored

    return is_ignored


def _read_rules(folder: Path) -> Sequence[_Rule]:
    for name in _FILES:
        try:
            text = (folder / name).read_text(encoding="utf-8-sig", errors="replace")
        except OSError:
            continue
        return [rule for line in text.splitlines() if (rule := _rule(line)) is not None]
    return ()


def _rule(line: str) -> _Rule | None:
    text = line.rstrip() if not line.rstrip().endswith("\\") else line.rstrip() + " "
    if not text or text.startswith("#"):
        return None
    is_negated = text.startswith("!")
    text = text.removeprefix("!").removeprefix("\\") if text[:2] in ("\\#", "\\!") else text.removeprefix("!")
    only_folders = text.endswith("/")
    text = text.removesuffix("/")
    if not text:
        return None
    anchored = "/" in text
    return _Rule(re.compile(_expression(text.removeprefix("/"), anchored=anchored)), is_negated, only_folders)


@lru_cache(maxsize=512)
def _expression(glob: str, *, anchored: bool) -> str:
    """The regular expression of a pattern as git reads it."""
    out, position = "" if anchored else "(?:.*/)?", 0
    while position < len(glob):
        piece, taken = _piece(glob, position, anchored)
        out, position = out + piece, position + taken
    return out + r"\Z"


def _piece(glob: str, position: int, anchored: bool) -> tuple[str, int]:
    """The expression of what stands at a place, and how many characters it takes."""
    mark = glob[position]
    if mark == "*":
        stars = len(glob) - position - len(glob[position:].lstrip("*"))
        # Git takes a literal beginning off first, so that what stands behind it begins as well.
        begins = anchored and (not _SPECIAL.search(glob, 0, position) or glob[position - 1] == "/")
        after = glob[position + stars :]
        if stars >= 2 and begins and after.startswith("/"):
            return "(?:.*/)?", stars + 1
        if stars >= 2 and begins and not after:
            return ".*", stars
        return "[^/]*", stars
    if mark == "[" and (end := glob.find("]", position + 2)) > 0:
        inner = glob[position + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
        return f"(?!/)[{'^' + inner[1:] if inner[0] in '!^' else inner}]", end + 1 - position
    if mark == "\\" and position + 1 < len(glob):
        return re.escape(glob[position + 1]), 2
    return ("[^/]" if mark == "?" else re.escape(mark)), 1
