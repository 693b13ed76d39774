"""Rules of `.gitignore` files, as git reads them; also for lists of patterns that somebody types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

_SPECIAL: Final = re.compile(r"[*?\[\\]")
_LONGEST: Final = 500
_MOST_FREE_FOLDERS: Final = 3
"""`**/` in one pattern; each one multiplies the time that a path takes, and whoever wrote the file may be hostile."""
_STAR: Final = "[^/]*"
_ENDS: Final = frozenset({_STAR, "/", "(?:.*/)?", ".*"})


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    is_negated: bool
    only_folders: bool


class IgnoreRules:
    """The rules of one file, for paths below its folder."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._rules = [rule for line in lines if (rule := _rule(line)) is not None]

    def __bool__(self) -> bool:
        return bool(self._rules)

    def says(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether a path (relative, with `/`) is ignored; None where no rule is about it. The last one counts."""
        said = None
        for rule in self._rules:
            if (is_folder or not rule.only_folders) and rule.pattern.match(path):
                said = not rule.is_negated
        return said


def _rule(line: str) -> _Rule | None:
    text = line.rstrip() if not line.rstrip().endswith("\\") else line.rstrip() + " "
    if not text or text.startswith("#"):
        return None
    is_negated = text.startswith("!")
    text = text.removeprefix("!").removeprefix("\\") if text[:2] in ("\\#", "\\!") else text.removeprefix("!")
    only_folders = text.endswith("/")
    text = text.removesuffix("/")
    if not text or len(text) > _LONGEST or text.count("**/") > _MOST_FREE_FOLDERS:
        return None
    anchored = "/" in text
    return _Rule(re.compile(_expression(text.removeprefix("/"), anchored=anchored)), is_negated, only_folders)


@lru_cache(maxsize=512)
def _expression(glob: str, *, anchored: bool) -> str:
    """The regular expression of a pattern as git reads it."""
    pieces: list[str] = []
    position = 0
    while position < len(glob):
        piece, taken = _piece(glob, position, anchored)
        pieces.append(piece)
        position += taken
    return ("" if anchored else "(?:.*/)?") + "".join(_linear(pieces)) + r"\Z"


def _linear(pieces: list[str]) -> Iterator[str]:
    """The pieces, where a star that another one follows takes as little as it can and never tries again: what comes
    after it fits then if it fits at all, and no name takes long."""
    position = 0
    while position < len(pieces):
        end = position + 1
        if pieces[position] == _STAR:
            while end < len(pieces) and pieces[end] not in _ENDS:
                end += 1
            if end < len(pieces) and pieces[end] == _STAR:
                yield "(?>[^/]*?" + "".join(pieces[position + 1 : end]) + ")"
            else:
                yield from pieces[position:end]
        else:
            yield pieces[position]
        position = end


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
        return _STAR, stars
    if mark == "[" and (end := glob.find("]", position + 2)) > 0:
        inner = glob[position + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
        return f"(?!/)[{'^' + inner[1:] if inner[0] in '!^' else inner}]", end + 1 - position
    if mark == "\\" and position + 1 < len(glob):
        return re.escape(glob[position + 1]), 2
    return ("[^/]" if mark == "?" else re.escape(mark)), 1
