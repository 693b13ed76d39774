"""Records what happens on the share, after whoever did it has their answer.

One thread of the process takes the jobs in order. What is still waiting when the process is killed shows as an outside
change at the next look; what cannot be written, because the disk is full, is kept and tried again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from pfstudio.db.session import Database
from pfstudio.errors import PromptflowException
from pfstudio.history import repository
from pfstudio.history.jobs import LATER, Job, apply
from pfstudio.history.upkeep import Upkeep
from pfstudio.kit.clock import utc_now
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots import Kind, SnapshotStore
from pfstudio.share.snapshots_errors import SnapshotMovedError, SnapshotsFailedError
from pfstudio.share.snapshots_units import Names, Unit, real_path, unit_of
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


@dataclass(frozen=True, slots=True)
class RecorderState:
    """How recording goes. `note` says what is wrong; `waiting` is how much is not recorded yet."""

    state: str
    note: str | None
    waiting: int


@dataclass(slots=True)
class _Backlog:
    """What could not be recorded of one history, until it is tried again."""

    jobs: list[Job] = field(default_factory=list)
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
        self._noticed: dict[SharePath, tuple[float, float]] = {}
        self._changed = threading.Condition()
        self._given = 0
        self._done = 0
        self._held = 0
        self._problem: str | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

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

    def ran(self, path: SharePath, *, author: str, message: str = "") -> None:
        """A flow was run as it is now."""
        self._add(Job(path, "run", About("run", author, utc_now(), message)))

    def noticed(self, folder: SharePath) -> None:
        """Something changed in a folder, whoever did it; looked at once it is quiet for a moment."""
        now = time.monotonic()
        with self._changed:
            first, _ = self._noticed.get(folder, (now, now))
            self._noticed[folder] = (first, now)
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
        self._upkeep.start(self.noticed)

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
            if self._closing or len(self._jobs) >= 2 * _MOST_JOBS:
                job.close()
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
                unit, job.names = unit_of(self._share, real_path(self._share, job.path))
            except PromptflowException:  # No history is about this path.
                self._finish([job])
                continue
            groups.setdefault(unit, []).append(job)
        now = time.monotonic()
        for unit, backlog in list(self._backlogs.items()):
            backlog.jobs += groups.pop(unit, [])
            if backlog.due <= now:
                self._record_unit(unit, backlog.jobs)
        for unit, group in groups.items():
            self._record_unit(unit, group)

    def _record_unit(self, unit: Unit, jobs: list[Job]) -> None:
        try:
            self._write(unit, jobs)
        except SnapshotsFailedError as error:
            self._put_off(unit, jobs, error)
            return
        except Exception:
            self._backlogs.pop(unit, None)
            self._finish(jobs)
            raise
        self._backlogs.pop(unit, None)
        self._finish(jobs)
        if not self._backlogs:
            self._problem = None

    def _write(self, unit: Unit, jobs: Sequence[Job]) -> None:
        for _ in range(_TRIES):
            try:
                with writing(self.store, self._share, unit) as writer:
                    apply(writer, jobs, lambda: self._later(unit))
            except SnapshotMovedError:
                continue  # Another process of the studio was faster.
            if writer.added:
                self._upkeep.added(len(writer.added))
                self._sync_quietly(unit)
            return
        raise SnapshotsFailedError("another process adds to it all the time")

    def _sync_quietly(self, unit: Unit) -> None:
        try:
            self.sync(unit)
        except SQLAlchemyError as error:
            logger.warning("The table of versions is behind the snapshot store for a while: %s", error)

    def _later(self, unit: Unit) -> set[Names]:
        """What of a history waits for its turn."""
        depth = len(unit.path.parts)
        with self._changed:
            jobs = list(self._jobs)
        return {job.path.parts[depth:] for job in jobs if job.action in LATER and job.path.is_within(unit.path)}

    def _put_off(self, unit: Unit, jobs: list[Job], error: SnapshotsFailedError) -> None:
        backlog = self._backlogs.setdefault(unit, _Backlog())
        if self._problem != str(error):
            logger.warning("%s It is tried again.", error)
        self._problem = str(error)
        backlog.jobs = jobs
        backlog.due = time.monotonic() + backlog.pause
        backlog.pause = min(2 * backlog.pause, _LONGEST_PAUSE)
        if len(jobs) > _MOST_WAITING:
            self._finish(jobs[:-_MOST_WAITING])
            backlog.jobs = jobs[-_MOST_WAITING:]

    def _finish(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            with self._changed:
                self._held -= job.files
            job.close()
