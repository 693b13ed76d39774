"""How far a build is, read off what uv says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_RESOLVED = re.compile(r"Resolved (\d+) packages?")
_PREPARED = re.compile(r"Prepared (\d+) packages?")
_INSTALLED = re.compile(r"Installed (\d+) packages?")
_FETCHED = re.compile(r"\s*(?:Downloaded|Built) \S+")
_BUILDING = re.compile(r"\s*Building \S+")


@dataclass(frozen=True, slots=True)
class Progress:
    """`phase` is waiting, starting, resolving, downloading, building, installing or compiling; counts are packages."""

    phase: str
    done: int = 0
    total: int = 0


def progress_of(line: str, before: Progress) -> Progress | None:
    """The progress after this line, where it says anything of it."""
    if match := _RESOLVED.match(line):
        return Progress("downloading", 0, int(match[1]))
    if match := _PREPARED.match(line):
        return Progress("installing", int(match[1]), before.total)
    if match := _INSTALLED.match(line):
        return Progress("compiling", int(match[1]), before.total)
    if _FETCHED.match(line):
        return replace(before, done=min(before.done + 1, before.total) if before.total else before.done + 1)
    if _BUILDING.match(line):
        return replace(before, phase="building")
    if line.startswith("Using Python"):
        return Progress("resolving")
    return None
