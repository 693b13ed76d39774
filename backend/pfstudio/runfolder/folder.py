"""A run on disk: made, written, read, finished."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from pfstudio.runfolder.artifacts import write_artifacts, write_results
from pfstudio.runfolder.errors import RunExistsError, RunNotFoundError, RunRecordError, RunStorageError
from pfstudio.runfolder.foreign import foreign_record
from pfstudio.runfolder.jsontext import decode, encode
from pfstudio.runfolder.line_files import EarlyLineFiles
from pfstudio.runfolder.line_index import LineIndex
from pfstudio.runfolder.lines import LineWriter
from pfstudio.runfolder.lock import Lock, is_locked, take_lock
from pfstudio.runfolder.names import check_name
from pfstudio.runfolder.record import RunRecord, read_record, write_record, write_whole

NEW_PREFIX: Final = ".new-"
_ENVIRONMENT: Final = ".environment.json"
ErrorOfLines: TypeAlias = Callable[[Sequence[tuple[int, Mapping[str, Any]]]], dict[str, Any] | None]
LONG_PARTS: Final = ("additionalInfo", "debugInfo")
_UNFINISHED: Final = ("NotStarted", "Preparing", "Running", "CancelRequested", "Finalizing")
_INTERRUPTED: Final = "The run was interrupted: the process that ran it ended. It can be resumed."


class RunFolder:
    """The folder of one run. Only what was opened by `create` or `resume` may be written; close it when done."""

    def __init__(self, path: Path, lock: Lock | None = None) -> None:
        self.path = path
        self._lock = lock
        self._writer: LineWriter | None = None
        self._early: EarlyLineFiles | None = None

    @classmethod
    def create(cls, root: Path, record: RunRecord) -> RunFolder:
        """Make the folder of a new run and hold it for writing. Of two of one name, exactly one is made.

        Raises:
            InvalidRunNameError: no run can have that name.
            RunExistsError: a run of that name exists.
            RunStorageError: the disk refuses; nothing is left behind.
        """
        path = root / check_name(record.name)
        if path.exists():
            raise RunExistsError(record.name)
        fresh = root / f"{NEW_PREFIX}{secrets.token_hex(8)}"
        try:
            fresh.mkdir(parents=True)
            lock = take_lock(fresh)
            write_record(fresh, record)
            fresh.rename(path)  # Fails where another made a folder of that name in the meantime.
        except OSError as error:
            _remove(fresh)
            if path.exists():
                raise RunExistsError(record.name) from error
            raise RunStorageError(root, error) from error
        except RunStorageError:
            _remove(fresh)
            raise
        lock.moved(path)
        return cls(path, lock)

    @classmethod
    def open(cls, root: Path, name: str) -> RunFolder:
        """The folder of a run, for reading.

        Raises:
            RunNotFoundError: no run has this name.
        """
        path = root / name
        if not _is_plain(name) or not path.is_dir() or name.startswith(NEW_PREFIX):
            raise RunNotFoundError(name)
        return cls(path)

    def take(self) -> None:
        """Hold the folder for writing.

        Raises:
            RunBusyError: a living process writes it.
        """
        if self._lock is None:
            self._lock = take_lock(self.path)

    @property
    def is_live(self) -> bool:
        """Whether a living process writes it."""
        return is_locked(self.path)

    def record(self) -> RunRecord:
        """What the run is. A run whose process is gone before it ended is Failed and says why.

        Raises:
            RunNotFoundError: the folder is none of a run.
            RunRecordError: the record cannot be read.
        """
        record = read_record(self.path) or foreign_record(self.path)
        if record is None:
            raise RunNotFoundError(self.path.name)
        if record.status in _UNFINISHED and self._lock is None and not self.is_live:
            record = read_record(self.path) or record  # It may have ended between the two looks.
            if record.status in _UNFINISHED:
                return dataclasses.replace(record, status="Failed", error=interrupted_error())
        return record

    def update(self, **changes: Any) -> RunRecord:
        """Change fields of the record, written at once."""
        record = dataclasses.replace(read_record(self.path) or self.record(), **changes)
        write_record(self.path, record)
        return record

    def append(self, record: bytes) -> None:
        """Add what one line produced. It survives whatever happens to this process.

        Raises:
            RunStorageError: the disk refuses; lines before it are kept.
        """
        if self._writer is None:
            self._writer = LineWriter(self.path)
            if self._writer.is_new:  # Of lines that are there already, the first record would count and not this one.
                self._early = EarlyLineFiles(self.path)
        self._writer.append(record)
        if self._early is not None:
            self._early.add(record)

    def lines(self) -> LineIndex:
        """The lines' records by line number; the first of each counts, a torn last one does not."""
        return LineIndex(self.path)

    def finish(
        self,
        *,
        status: str,
        metrics: Mapping[str, Any] | None = None,
        aggregation: Sequence[Mapping[str, Any]] = (),
        error: Mapping[str, Any] | ErrorOfLines | None = None,
        system_metrics: Mapping[str, Any] | None = None,
        end_time: str,
    ) -> RunRecord:
        """Derive the original's files from the lines, then say in the record that the run has ended.

        `aggregation` are the runs of the aggregation nodes. `error` is the run's, or makes it of the errors of failed
        lines. May be repeated: nothing is taken away.

        Raises:
            RunStorageError: the disk refuses; the lines are whole, and the run can be resumed.
        """
        lines = self.lines()
        failed = write_artifacts(self.path, lines.texts(), aggregation, self._stop_early())
        whole = error(failed) if callable(error) else error
        write_results(self.path, metrics or {}, whole)
        # Lists read every record: the part of an error that grows with the lines stays in `error.json`.
        short = {key: value for key, value in whole.items() if key not in LONG_PARTS} if whole else None
        return self.update(
            status=status, error=short, system_metrics=dict(system_metrics or {}), end_time=end_time, lines=len(lines)
        )

    def keep_environment(self, variables: Mapping[str, str]) -> None:
        """Remember the variables of the run, for a resume; readable by nobody but the owner."""
        if variables:
            write_whole(self.path / _ENVIRONMENT, encode(dict(variables)), mode=0o600)

    def environment(self) -> dict[str, str]:
        """The variables the run was given."""
        try:
            return dict(decode((self.path / _ENVIRONMENT).read_bytes()))
        except (OSError, ValueError):
            return {}

    def read_json(self, name: str) -> Any:
        """The value of one of the files (`metrics.json`); None where it is not there."""
        try:
            return decode((self.path / name).read_bytes())
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """Let go of the folder."""
        self._stop_early()
        try:
            if self._writer is not None:
                self._writer.close()
        finally:
            self._writer = None
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _stop_early(self) -> frozenset[int]:
        """The lines whose files have been written while others ran."""
        early, self._early = self._early, None
        return early.stop() if early is not None else frozenset()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def list_runs(root: Path) -> list[RunRecord]:
    """All runs of a place, newest first. Folders that are none of a run are left out."""
    try:
        with os.scandir(root) as entries:
            names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    records = []
    for name in names:
        with contextlib.suppress(RunNotFoundError, RunRecordError):
            records.append(RunFolder(root / name).record())
    return sorted(records, key=lambda record: record.created_on, reverse=True)


def delete_run(root: Path, name: str) -> None:
    """Remove a run for good. Its record goes last, so that a delete cut short can be repeated.

    Raises:
        RunNotFoundError: no run has this name.
        RunBusyError: it is being written.
    """
    folder = RunFolder.open(root, name)
    folder.record()
    folder.take()
    gone = root / f"{NEW_PREFIX}{secrets.token_hex(8)}"
    folder.path.rename(gone)  # Gone for everybody at once, however long the files take.
    _remove(gone)


def sweep(root: Path) -> None:
    """Remove what creations and deletions that were killed have left."""
    for path in root.glob(f"{NEW_PREFIX}*"):
        if not is_locked(path):
            _remove(path)


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def interrupted_error() -> dict[str, Any]:
    """The error object of a run whose process is gone."""
    return {
        "message": _INTERRUPTED,
        "messageFormat": "",
        "messageParameters": {},
        "referenceCode": "Runtime",
        "code": "SystemError",
        "innerError": {"code": "RunInterruptedError", "innerError": None},
    }


def _is_plain(name: str) -> bool:
    return bool(name) and name not in (".", "..") and not any(mark in name for mark in "/\\\0")
