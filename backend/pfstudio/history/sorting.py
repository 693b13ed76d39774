"""Which histories something that happened is about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace

from pfstudio.history.jobs import Job
from pfstudio.share.errors import NotAFolderError, PathNotFoundError
from pfstudio.share.handles import READ
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots_units import Unit, real_path, unit_of
from pfstudio.share.tree import PROMPTFLOW

Sorted = list[tuple[Unit, Job]]
UnitsOf = Callable[[str], Iterable[SharePath]]


def sort_job(share: Share, job: Job, units_of: UnitsOf) -> Sorted:
    """The histories that a job changes, each with what it is to take in; `units_of` an owner tells of those known.

    Raises:
        PathNotFoundError: no history is about the path.
    """
    if job.action != "move" or job.source is None:
        return _sort(share, job, units_of)
    source, path = real_path(share, job.source), real_path(share, job.path)
    old, (new, names) = _unit_of_gone(source), unit_of(share, path)
    if old is not None and new.is_whole and not names:
        job.source_unit = old
        return [(new, job)]
    touches = [Job(at, "touch", replace(job.about, message="")) for at in (source, path)]
    return [part for touch in touches for part in _sort(share, touch, units_of)]


def _sort(share: Share, job: Job, units_of: UnitsOf) -> Sorted:
    path = real_path(share, job.path, follow_leaf=job.action in ("save", "lost"))
    unit, job.names = unit_of(share, path)
    if job.action in ("save", "lost") and not job.names and path.owner is not None:
        # A file beside the flows, gone by now or a folder; to the history of a folder it would be all of it.
        unit, job.names = Unit(SharePath(path.owner, ())), path.parts
        if not job.names:
            raise PathNotFoundError(str(path))  # No file is all that somebody has.
    found = [(unit, job)]
    if unit.is_whole and not job.names and job.action in ("touch", "scan") and path.owner is not None:
        # It may have been a file beside the flows, of which nothing is left to tell.
        loose = Job(path, "touch", job.about, names=path.parts)
        return found if share_has(share, path) else [*found, (Unit(SharePath(path.owner, ())), loose)]
    if job.action == "touch" and path.owner is not None and path.parts in ((), (PROMPTFLOW,)):
        inside = [SharePath(path.owner, (PROMPTFLOW, name)) for name in _names_in(share, path.owner)]
        inside += [each for each in units_of(path.owner) if len(each.parts) > 1]
        found += [(Unit(each), Job(each, "touch", job.about)) for each in dict.fromkeys(inside)]
    return found


def watched_as(path: SharePath) -> SharePath:
    """The path that is looked at when something changed here: all of a flow, or the one file elsewhere."""
    return SharePath(path.owner, path.parts[:2]) if path.parts[:1] == (PROMPTFLOW,) else path


def folders_with_histories(share: Share) -> list[SharePath]:
    """The folders that are there now and have a history of their own, and those of the users."""
    found = []
    for owner in sorted(item.name for item in share.users.iterdir()):
        if not owner.startswith(".") and share_has(share, SharePath(owner, ())):
            found.append(SharePath(owner, ()))
            found += [SharePath(owner, (PROMPTFLOW, name)) for name in _names_in(share, owner)]
    return found


def share_has(share: Share, path: SharePath) -> bool:
    """Whether something is there."""
    try:
        with share.locate(path, follow_leaf=False) as found:
            return found.info is not None
    except PathNotFoundError:
        return False


def _unit_of_gone(path: SharePath) -> Unit | None:
    """The history that a folder had before it was moved; None where it was part of another one."""
    return Unit(path) if path.owner is not None and len(path.parts) == 2 and path.parts[0] == PROMPTFLOW else None


def _names_in(share: Share, owner: str) -> list[str]:
    """The folders below a user's `promptflow`."""
    try:
        fd = share.open(SharePath(owner, (PROMPTFLOW,)), READ | os.O_DIRECTORY)
    except (PathNotFoundError, NotAFolderError):
        return []
    try:
        with os.scandir(fd) as items:
            return sorted(item.name for item in items if item.is_dir(follow_symlinks=False))
    finally:
        os.close(fd)
