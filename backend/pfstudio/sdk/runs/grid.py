"""Tables drawn with characters, as the original drew them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from pfstudio.sdk.runs.details import cell_text

_NARROWEST: Final = 8
_HEAD_ROOM: Final = 2


def grid(columns: Sequence[str], rows: Sequence[Sequence[Any]], labels: Sequence[Any], *, width: int) -> str:
    """A grid no wider than `width` where that can be; long cells go on in the next line, numbers stand right."""
    heads = ["", *columns]
    table = [[str(label), *(cell_text(value) for value in row)] for label, row in zip(labels, rows, strict=True)]
    numeric = [True, *(_is_numeric([row[at] for row in rows]) for at in range(len(columns)))]
    widths = _widths([heads, *table], width)
    rule = "+".join(["", *("-" * (size + 2) for size in widths), ""])
    lines = [rule, *_row(heads, widths, numeric), rule.replace("-", "=")]
    for row in table:
        lines += [*_row(row, widths, numeric), rule]
    return "\n".join(lines)


def _is_numeric(values: Sequence[Any]) -> bool:
    given = [value for value in values if value is not None]
    return bool(given) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in given)


def _widths(table: Sequence[Sequence[str]], width: int) -> list[int]:
    """What each column needs, the widest made narrower until all fit; a word is broken only where it must be."""
    needed = [max(_longest_line(row[at]) for row in table[1:]) if table[1:] else 0 for at in range(len(table[0]))]
    needed = [max(size, shown_width(head) + _HEAD_ROOM) for size, head in zip(needed, table[0], strict=True)]
    room = width - 3 * len(needed) - 1
    while sum(needed) > room and max(needed) > _NARROWEST:
        widest = needed.index(max(needed))
        others = sum(needed) - needed[widest]
        second = max([size for at, size in enumerate(needed) if at != widest] or [0])
        needed[widest] = max(_NARROWEST, room - others, min(second, needed[widest] - 1))
    return needed


def _longest_line(text: str) -> int:
    return max((shown_width(line) for line in text.splitlines()), default=0)


def _row(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> list[str]:
    wrapped = [_wrapped(cell, size) for cell, size in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in wrapped)
    out = []
    for at in range(height):
        parts = []
        for lines, size, right in zip(wrapped, widths, numeric, strict=True):
            text = lines[at] if at < len(lines) else ""
            gap = " " * (size - shown_width(text))
            parts.append(f" {gap}{text} " if right else f" {text}{gap} ")
        out.append("|" + "|".join(parts) + "|")
    return out


def _wrapped(text: str, size: int) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        rest = line
        while shown_width(rest) > size:
            cut = _cut(rest, size)
            space = rest.rfind(" ", 0, cut + 1)
            at = space if space > 0 else cut
            lines.append(rest[:at])
            rest = rest[at:].lstrip(" ") if space > 0 else rest[at:]
        lines.append(rest)
    return lines


def _cut(text: str, size: int) -> int:
    width = 0
    for at, mark in enumerate(text):
        width += _mark_width(mark)
        if width > size:
            return max(at, 1)
    return len(text)


def shown_width(text: str) -> int:
    """How many places a text takes on a terminal."""
    return len(text) if text.isascii() else sum(_mark_width(mark) for mark in text)


def _mark_width(mark: str) -> int:
    if unicodedata.combining(mark):
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1
