"""Finds files by name, as fast as one types."""

from __future__ import annotations

import heapq
import re

from pfstudio.share.listing import Name

_ALL = re.compile("")


def find_names(names: list[Name], query: str, *, limit: int, skip: int) -> list[Name]:
    """The names that hold the letters of `query` in that order, the best first: those that are it, begin with it,
    hold it; the shorter ones before the longer. `skip` letters at the beginning of every path do not count.
    """
    wanted = query.strip().casefold().replace(" ", "")
    holds = _in_order(wanted).match
    ranked = (
        (*_rank(wanted, folded), name)
        for name in names
        if holds(folded := name.path[skip:].casefold())  # One pass, in C, leaves few to rank.
    )
    return [item[-1] for item in heapq.nsmallest(limit, ranked)]


def _in_order(wanted: str) -> re.Pattern[str]:
    """Each letter after as few others as can be, and never another try: linear, whatever the path."""
    if not wanted:
        return _ALL
    return re.compile("(?>" + "".join(f"[^{re.escape(letter)}]*{re.escape(letter)}" for letter in wanted) + ")", re.S)


def _rank(wanted: str, path: str) -> tuple[int, int]:
    name = path.rpartition("/")[2]
    if name == wanted:
        kind = 0
    elif name.startswith(wanted):
        kind = 1
    elif wanted in name:
        kind = 2
    elif wanted in path:
        kind = 3
    else:
        kind = 4 if _in_order(wanted).match(name) else 5
    return kind, len(path)
