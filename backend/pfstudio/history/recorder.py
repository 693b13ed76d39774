"""Records what happens on the share, after whoever did it has their answer.

One thread of the process takes the jobs in order. What is still waiting when the process is killed shows as an outside
change at the next look; what cannot be written, because the disk is full, is kept and tried again.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from pfstudio.db.session import Database
from pfstudio.errors import PromptflowException
from pfstudio.history import repository
from pfstudio.history.jobs import LATER, Job, apply
from pfstudio.history.moving import move_history
from pfstudio.history.sorting import sort_job, watched_as
from pfstudio.history.upkeep import Upkeep
from pfstudio.kit.clock import utc_now
from pfstudio.share.content import Upload, Written
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots import Kind, SnapshotStore
from pfstudio.share.snapshots_errors import SnapshotMovedError, SnapshotsFailedError
from pfstudio.share.snapshots_units import Names, Unit
from pfstudio.share.snapshots_writing import About, writing

logger = logging.getLogger("pfstudio.history")

_MOST_JOBS = 5_000
_MOST_FILES_HELD = 400
_MOST_WAITING = 500
_TRIES = 5
_QUIET_SECONDS = 1.5
_LONGEST_QUIET_SECONDS = 6.0
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 120.0
_CLOSE_SECONDS = 4.0

MISSED = "changes before this could not be recorded: the history could not be written for too long."


@dataclass(frozen=True, slots=True)
class RecorderState:
    """How recording goes. `note` says what is wrong; `waiting` is how much is not recorded yet."""

    state: Literal["ok", "failing"]
    note: str | None
    waiting: int


@dataclass(slots=True)
class _Backlog:
    """What could not be recorded of one history, until it is tried again."""

    jobs: list[Job] = field(default_factory=list)
    missed: int = 0
    due: float = 0.0
    pause: float = _FIRST_PAUSE


class Recorder:
    """Call its verbs from any thread: they only take note."""

    def __init__(self, store: SnapshotStore, share: Share, database: Database, upkeep: Upkeep) -> None:
        self.store = store
        self._share = share
        self._database = database
        self._upkeep = upkeep
        self._jobs: deque[Job] = deque()
        self._backlogs: dict[Unit, _Backlog] = {}
        self._saving: Counter[SharePath] = Counter()
        self._noticed: dict[SharePath, tuple[float, float]] = {}
        self._changed = threading.Condition()
        self._given = 0
        self._done = 0
        self._held = 0
        self._problem: str | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def saving(self, path: SharePath) -> Iterator[None]:
        """While a file is put in its place and told as `saved`: whoever looks meanwhile leaves it to that."""
        with self._changed:
            self._saving[path] += 1
        try:
            yield
        finally:
            with self._changed:
                self._saving[path] -= 1
                if not self._saving[path]:
                    del self._saving[path]

    def commit(self, upload: Upload, path: SharePath, *, author: str) -> Written:
        """Put a file in its place, and record it and what it replaced."""
        with self.saving(path):
            written = upload.commit()
            new, old = upload.take_files()
            self.saved(path, author=author, new=new, old=old)
        return written

    def saved(self, path: SharePath, *, author: str, new: int = -1, old: int = -1) -> None:
        """A file was saved; takes over the open files, its new content and what it replaced."""
        self._add(Job(path, "save", About("save", author, utc_now()), new=new, old=old))

    def changed(self, paths: Iterable[SharePath], *, author: str, kind: Kind = "save", message: str = "") -> None:
        """Files or folders came, went or were moved."""
        for path in paths:
            self._add(Job(path, "touch", About(kind, author, utc_now(), message)))

    def keep_lost(self, path: SharePath, content: bytes, *, author: str, seconds: float = 5.0) -> bool:
        """Keep what was not saved because another was there first; tells whether it is kept by now."""
        self._add(Job(path, "lost", About("lost save", author, utc_now()), content=content))
        return self.wait(seconds) and self.state.note is None

    def moved(self, source: SharePath, path: SharePath, *, author: str) -> None:
        """A file or folder is somewhere else now; the history of a flow goes along."""
        about = About("save", author, utc_now(), f"Moved here from '{source}'.")
        self._add(Job(path, "move", about, source=source))

    def ran(self, path: SharePath, *, author: str, message: str = "") -> None:
        """A flow was run as it is now."""
        self._add(Job(path, "run", About("run", author, utc_now(), message)))

    def noticed(self, paths: Iterable[SharePath]) -> None:
        """Something changed there, whoever did it; looked at once it is quiet for a moment."""
        now = time.monotonic()
        with self._changed:
            for path in {watched_as(path) for path in paths if path.owner is not None}:
                first, _ = self._noticed.get(path, (now, now))
                self._noticed[path] = (first, now)
            self._wake()

    def look(self, path: SharePath, *, seconds: float = 3.0) -> None:
        """Record what changed around a path by now, and wait for it, but not for long."""
        self._add(Job(path, "scan", About("outside change", None, utc_now())))
        self.wait(seconds)

    def wait(self, seconds: float) -> bool:
        """Wait until all that was given so far is recorded; tells whether it is."""
        with self._changed:
            target = self._given
            return self._changed.wait_for(lambda: self._done >= target or self._closing, seconds)

    def sync(self, unit: Unit) -> None:
        """Bring the table in step with the store, where it is not."""
        newest = self.store.newest(unit.ref)
        with self._database.read() as session:
            if repository.newest_commit(session, unit) == (newest.commit if newest else None):
                return
        with self._database.write() as session:
            repository.sync(session, self.store, unit)

    @property
    def state(self) -> RecorderState:
        with self._changed:
            waiting = len(self._jobs) + sum(len(backlog.jobs) for backlog in self._backlogs.values())
            return RecorderState("failing" if self._problem else "ok", self._problem, waiting)

    def start(self) -> None:
        """Begin to look after the store now, and not only when something is recorded."""
        self._upkeep.start(lambda path: self.noticed([path]), self.units)

    def units(self, owner: str | None = None) -> list[SharePath]:
        """The folders that have a history by now, all or one user's, whether or not they are still there."""
        with self._database.read() as session:
            return [SharePath.parse(unit) for unit in repository.list_units(session, owner)]

    def close(self) -> None:
        """Record what is left, for a few seconds at most, and end."""
        if self._thread is not None:
            self.wait(_CLOSE_SECONDS)
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)
        for job in [*self._jobs, *(job for backlog in self._backlogs.values() for job in backlog.jobs)]:
            job.close()
        self._upkeep.close()
        self.store.close()

    def _add(self, job: Job) -> None:
        with self._changed:
            if self._closing:
                job.close()
                return
            if len(self._jobs) >= 2 * _MOST_JOBS:
                job.close()
                self._noticed.setdefault(watched_as(job.path), (time.monotonic(), time.monotonic()))
                return
            if self._held >= _MOST_FILES_HELD or len(self._jobs) >= _MOST_JOBS:
                job.close()  # What is on disk when its turn comes has to do.
            self._held += job.files
            self._jobs.append(job)
            self._given += 1
            self._wake()

    def _wake(self) -> None:
        if self._thread is None and not self._closing:
            self._thread = threading.Thread(target=self._run, name="history", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (jobs := self._take()) and not self._has_due() and not self._closing:
                    self._changed.wait(self._seconds())
                if self._closing and not jobs:
                    return
            try:
                self._record(jobs)
            except Exception:  # The thread must live; the next look finds what was not recorded.
                logger.exception("The history could not take in what happened.")
            with self._changed:
                self._done += len(jobs)
                self._changed.notify_all()

    def _take(self) -> list[Job]:
        """What is to be recorded now; called while `_changed` is held."""
        now = time.monotonic()
        for folder, (first, last) in list(self._noticed.items()):
            if now - last >= _QUIET_SECONDS or now - first >= _LONGEST_QUIET_SECONDS:
                del self._noticed[folder]
                self._jobs.append(Job(folder, "scan", About("outside change", None, utc_now())))
                self._given += 1
        jobs = list(self._jobs)
        self._jobs.clear()
        return jobs

    def _has_due(self) -> bool:
        now = time.monotonic()
        return any(backlog.due <= now for backlog in self._backlogs.values())

    def _seconds(self) -> float | None:
        """How long there is nothing to do, as far as is known."""
        now = time.monotonic()
        times = [min(last + _QUIET_SECONDS, first + _LONGEST_QUIET_SECONDS) for first, last in self._noticed.values()]
        times += [backlog.due for backlog in self._backlogs.values()]
        return max(0.01, min(times) - now) if times else None

    def _record(self, jobs: Sequence[Job]) -> None:
        groups: dict[Unit, list[Job]] = {}
        for job in jobs:
            try:
                parts = sort_job(self._share, job, self._units_of)
            except PromptflowException:  # No history is about this path.
                self._finish([job])
                continue
            for unit, part in parts:
                if part.source_unit is not None:  # What came before is recorded where it was, the rest where it is.
                    self._record_groups(groups)
                    waiting = self._backlogs.pop(part.source_unit, _Backlog()).jobs
                    groups = {unit: [part, *waiting]}
                else:
                    groups.setdefault(unit, []).append(part)
        self._record_groups(groups)
        for unit, backlog in list(self._backlogs.items()):
            if backlog.due <= time.monotonic():
                self._record_unit(unit, backlog.jobs)

    def _record_groups(self, groups: Mapping[Unit, list[Job]]) -> None:
        for unit, jobs in groups.items():
            if unit in self._backlogs:
                self._wait_longer(self._backlogs[unit], unit, jobs)
            else:
                self._record_unit(unit, jobs)

    def _record_unit(self, unit: Unit, jobs: list[Job]) -> None:
        try:
            self._write(unit, jobs)
        except SnapshotsFailedError as error:
            self._put_off(unit, jobs, error)
            return
        except Exception:  # The next look finds what was not recorded.
            logger.exception("The history of %s could not take in what happened.", unit.path)
        self._backlogs.pop(unit, None)
        self._finish(jobs)
        if not self._backlogs:
            self._problem = None

    def _write(self, unit: Unit, jobs: Sequence[Job]) -> None:
        for _ in range(_TRIES):
            try:
                self._take_along(unit, jobs)
                with writing(self.store, self._share, unit) as writer:
                    apply(writer, jobs, lambda: self._later(unit))
            except SnapshotMovedError:
                continue  # Another process of the studio was faster.
            if writer.added:
                self._upkeep.added(len(writer.added))
                self._sync_quietly(unit)
            return
        raise SnapshotsFailedError("another process adds to it all the time")

    def _take_along(self, unit: Unit, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if job.source_unit is not None:
                move_history(self.store, job.source_unit, unit)
                self._sync_quietly(job.source_unit)

    def _units_of(self, owner: str) -> list[SharePath]:
        try:
            return self.units(owner)
        except SQLAlchemyError:  # What is on disk is looked at all the same.
            return []

    def _sync_quietly(self, unit: Unit) -> None:
        try:
            self.sync(unit)
        except SQLAlchemyError as error:
            logger.warning("The table of versions is behind the snapshot store for a while: %s", error)

    def _later(self, unit: Unit) -> set[Names]:
        """What of a history waits for its turn."""
        depth = len(unit.path.parts)
        with self._changed:
            paths = [*self._saving, *(job.path for job in self._jobs if job.action in LATER)]
        return {path.parts[depth:] for path in paths if path.is_within(unit.path)}

    def _put_off(self, unit: Unit, jobs: list[Job], error: SnapshotsFailedError) -> None:
        if self._problem != str(error):
            logger.warning("%s It is tried again.", error)
        self._problem = str(error)
        backlog = self._backlogs.setdefault(unit, _Backlog())
        backlog.jobs = []
        self._wait_longer(backlog, unit, jobs)
        backlog.due = time.monotonic() + backlog.pause
        backlog.pause = min(2 * backlog.pause, _LONGEST_PAUSE)

    def _wait_longer(self, backlog: _Backlog, unit: Unit, jobs: Sequence[Job]) -> None:
        """Add to what waits. Of too much, the oldest goes, and the history is to say so."""
        waiting = [job for job in (*backlog.jobs, *jobs) if job.action != "gap"]
        extra = waiting[:-_MOST_WAITING]
        backlog.missed += len(extra)
        self._finish(extra)
        backlog.jobs = waiting[-_MOST_WAITING:]
        if backlog.missed:
            about = About("outside change", None, utc_now(), f"{backlog.missed} {MISSED}")
            backlog.jobs.insert(0, Job(unit.path, "gap", about))

    def _finish(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            with self._changed:
                self._held -= job.files
            job.close()
