"""What waits to be recorded, and how one history takes it in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pfstudio.share.paths import SharePath
from pfstudio.share.snapshots_objects import EMPTY_TREE
from pfstudio.share.snapshots_units import Names
from pfstudio.share.snapshots_writing import About, UnitWriter

FIRST_SEEN = "As it was when the history began."

LATER = ("save", "touch")
"""Jobs that tell of changes on disk: until it is their turn, a look at the whole folder leaves these out."""

Action = Literal["save", "touch", "scan", "lost", "run"]


@dataclass(slots=True)
class Job:
    """One thing to record. A save holds its file open, and the one it replaced: both are recorded as they were."""

    path: SharePath
    action: Action
    about: About
    new: int = -1
    old: int = -1
    content: bytes = b""
    names: Names = field(default=())

    @property
    def files(self) -> int:
        """How many files it holds open."""
        return (self.new >= 0) + (self.old >= 0)

    def close(self) -> None:
        """Let go of the files."""
        for fd in (self.new, self.old):
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self.new = self.old = -1


def apply(unit: UnitWriter, jobs: Sequence[Job], later: Callable[[], Collection[Names]]) -> None:
    """Take in the jobs of one history in their order. What `later` names is not yet told of: its turn will come."""
    if unit.is_new and unit.unit.is_whole:
        _begin(unit, jobs, later)
    for number, job in enumerate(jobs):
        if job.action in ("scan", "run"):
            if unit.unit.is_whole:
                _scan(unit, job, _pending(jobs[number + 1 :], later))
        else:
            _apply(unit, job)


def _pending(jobs: Sequence[Job], later: Callable[[], Collection[Names]]) -> set[Names]:
    return {*later(), *(job.names for job in jobs if job.action in LATER)} - {()}


def _begin(unit: UnitWriter, jobs: Sequence[Job], later: Callable[[], Collection[Names]]) -> None:
    """Let the history of a folder that was there before begin with how it was."""
    if jobs[0].action == "touch" and not jobs[0].names:
        return  # The folder itself came just now.
    unit.scan(without=_pending(jobs, later))
    told: set[Names] = set()
    for job in jobs:
        if job.old >= 0 and job.names not in told:
            unit.put(job.names, job.old)
        told.add(job.names)
    if unit.tree != EMPTY_TREE:
        unit.add(About("outside change", None, jobs[0].about.at, FIRST_SEEN))


def _apply(unit: UnitWriter, job: Job) -> None:
    if job.action == "lost":
        unit.add_lost(job.about, job.names, job.content)
        return
    if job.old >= 0 and not unit.is_known(job.names, os.fstat(job.old)):
        unit.put(job.names, job.old)
        unit.add(About("outside change", None, job.about.at))
    if job.new >= 0:
        unit.put(job.names, job.new)
    else:
        unit.touch(job.names)
    unit.add(job.about)


def _scan(unit: UnitWriter, job: Job, pending: Collection[Names]) -> None:
    unit.scan(without=pending)
    if unit.newest is None and unit.tree == EMPTY_TREE:
        return
    unit.add(About("outside change", None, job.about.at), quietly=True)
    newest = unit.newest
    if job.action == "run" and newest is not None:
        same = (newest.kind, newest.author, newest.state) == ("run", job.about.author, unit.tree)
        if not same:
            unit.add(job.about, always=True)
