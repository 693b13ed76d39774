"""Which words of a text changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

WordKind = Literal["same", "removed", "added"]
_LARGEST = 60_000
_MOST_LINES = 2_000
_MOST_WORDS = 400
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a text: of both, only of the one before, or only of the one after."""

    kind: WordKind
    text: str


def compare_words(before: str, after: str) -> list[Words] | None:
    """Both texts in pieces; None where they are too long to be read as words."""
    if max(len(before), len(after)) > _LARGEST or max(before.count("\n"), after.count("\n")) > _MOST_LINES:
        return None
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return list(_joined(_pieces(old, new, is_lines=True)))


def count_words(words: Sequence[Words], kind: WordKind) -> int:
    """How many words are in the pieces of one kind."""
    return sum(len(re.findall(r"\w+", piece.text)) for piece in words if piece.kind == kind)


def _pieces(old: Sequence[str], new: Sequence[str], *, is_lines: bool) -> Iterator[Words]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        removed, added = "".join(old[i1:i2]), "".join(new[j1:j2])
        if tag == "equal":
            yield Words("same", removed)
        elif is_lines and tag == "replace":
            words = _WORD.findall(removed), _WORD.findall(added)
            if max(map(len, words)) <= _MOST_WORDS:
                yield from _pieces(*words, is_lines=False)
                continue
            yield from (Words("removed", removed), Words("added", added))
        else:
            yield from (Words("removed", removed), Words("added", added))


def _joined(pieces: Iterator[Words]) -> Iterator[Words]:
    """Neighbors of one kind as one; empty ones left out."""
    last: Words | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last is not None and last.kind == piece.kind:
            last = Words(last.kind, last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
