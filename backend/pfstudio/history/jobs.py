"""What waits to be recorded, and how one history takes it in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from pfstudio.share.paths import SharePath
from pfstudio.share.snapshots_compare import leaves
from pfstudio.share.snapshots_objects import EMPTY_TREE, TreeEntry
from pfstudio.share.snapshots_units import Names, Unit
from pfstudio.share.snapshots_writing import About, UnitWriter

FIRST_SEEN = "As it was when the history began."

LATER = ("save", "touch")
"""Jobs that tell of changes on disk: until it is their turn, a look at the whole folder leaves these out."""

_MOST_TOGETHER = 500
_MOST_TOUCHES = 20
"""More than these at once: reading the folder anew is quicker."""

Action = Literal["save", "touch", "scan", "lost", "run", "move", "gap"]
Later = Callable[[], Collection[Names]]


@dataclass(slots=True)
class Job:
    """One thing to record. A save holds its file open, and the one it replaced: both are recorded as they were.

    `source` is where something was before it was moved to `path`, `source_unit` the history that goes along.
    """

    path: SharePath
    action: Action
    about: About
    new: int = -1
    old: int = -1
    content: bytes = b""
    source: SharePath | None = None
    source_unit: Unit | None = None
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


def apply(unit: UnitWriter, jobs: Sequence[Job], later: Later) -> None:
    """Take in the jobs of one history in their order. What `later` names is not yet told of: its turn will come."""
    if unit.is_new and unit.unit.is_whole:
        _begin(unit, jobs, later)
    done = 0
    for batch in batches(jobs):
        done += len(batch)
        pending = partial(_pending, jobs[done:], later)
        if batch[0].action in LATER:
            _change(unit, batch, pending)
        elif batch[0].action == "lost":
            unit.add_lost(batch[0].about, batch[0].names, batch[0].content)
        else:
            _look(unit, batch[0], pending)


def batches(jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
    """Jobs that can be one version: changes of one author in a row, none of which is about what another changed."""
    batch: list[Job] = []
    told: set[Names] = set()
    above: set[Names] = set()
    for job in jobs:
        parents = {job.names[:depth] for depth in range(len(job.names) + 1)}
        is_apart = parents.isdisjoint(told) and job.names not in above
        if batch and not (is_apart and _is_like(job, batch[0]) and len(batch) < _MOST_TOGETHER):
            yield batch
            batch, told, above = [], set(), set()
        batch.append(job)
        told.add(job.names)
        above |= parents
    if batch:
        yield batch


def _is_like(job: Job, first: Job) -> bool:
    same = (job.about.kind, job.about.author, job.about.message)
    return (
        job.action in LATER
        and first.action in LATER
        and same
        == (
            first.about.kind,
            first.about.author,
            first.about.message,
        )
    )


def _pending(jobs: Sequence[Job], later: Later) -> set[Names]:
    return {*later(), *(job.names for job in jobs if job.action in LATER)} - {()}


def _begin(unit: UnitWriter, jobs: Sequence[Job], later: Later) -> None:
    """Let the history of a folder that was there before begin with how it was."""
    if jobs[0].action == "touch" and not jobs[0].names:
        return  # The folder itself came just now.
    unit.scan(without=partial(_pending, jobs, later))
    told: set[Names] = set()
    for job in jobs:
        if job.old >= 0 and job.names not in told:
            unit.put(job.names, job.old)
        told.add(job.names)
    if unit.tree != EMPTY_TREE:
        unit.add(About("outside change", None, jobs[0].about.at, FIRST_SEEN))


def _change(unit: UnitWriter, batch: Sequence[Job], pending: Later) -> None:
    """One version of what was saved, came, or went; before it, one of what had been changed without the studio."""
    unknown = [job for job in batch if job.old >= 0 and not unit.is_known(job.names, os.fstat(job.old))]
    for job in unknown:
        unit.put(job.names, job.old)
    if unknown:
        unit.add(About("outside change", None, batch[0].about.at))
    for job in batch:
        if job.new >= 0:
            unit.put(job.names, job.new)
    _touch(unit, [job.names for job in batch if job.new < 0], pending)
    unit.add(batch[-1].about)


def _touch(unit: UnitWriter, touched: Sequence[Names], pending: Later) -> None:
    if unit.unit.is_whole and (len(touched) > _MOST_TOUCHES or () in touched):
        unit.scan(without=pending)
        return
    for names in touched:
        unit.touch(names)


def _look(unit: UnitWriter, job: Job, pending: Later) -> None:
    """Take in what is on disk, whoever changed it; then what the job tells of it as a whole."""
    if unit.unit.is_whole:
        unit.scan(without=pending)
    else:
        for names in [job.names] if job.names else _files(unit):
            if names not in pending():
                unit.touch(names)
    if unit.newest is None and unit.tree == EMPTY_TREE:
        return
    unit.add(About("outside change", None, job.about.at), quietly=True)
    newest = unit.newest
    if job.action in ("move", "gap"):
        unit.add(job.about, always=True)
    elif job.action == "run" and newest is not None:
        same = (newest.kind, newest.author, newest.state) == ("run", job.about.author, unit.tree)
        if not same:
            unit.add(job.about, always=True)


def _files(unit: UnitWriter) -> list[Names]:
    """The files that the newest version has."""
    root = TreeEntry(0o040755, unit.tree)
    return [tuple(path.split("/")) for path, entry in leaves(unit.read_tree, root) if not entry.is_folder]
