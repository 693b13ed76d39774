"""A run folder that was made elsewhere, taken in among the runs of this machine."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
from pathlib import Path

from pfstudio.errors import UserErrorException
from pfstudio.runfolder.errors import RunExistsError, RunNotFoundError, RunStorageError
from pfstudio.runfolder.folder import NEW_PREFIX, RunFolder
from pfstudio.runfolder.lock import LOCK_FILE
from pfstudio.runfolder.names import check_name
from pfstudio.runfolder.record import write_record
from pfstudio.sdk.runs.entity import Run
from pfstudio.sdk.runs.places import RunPlaces


class RunSourceError(UserErrorException):
    def __init__(self, source: Path) -> None:
        super().__init__(f"Invalid run source: '{source}' is no folder of a run.")


def import_run(places: RunPlaces, source: Path, *, name: str | None = None) -> Run:
    """Copy a run's folder; the one it was copied from is left as it is.

    Raises:
        RunSourceError: the folder holds no run.
        RunExistsError: a run of that name exists.
    """
    try:
        record = RunFolder(source.absolute()).record()
    except RunNotFoundError as error:
        raise RunSourceError(source) from error
    record = dataclasses.replace(record, name=check_name(name or record.name))
    if places.exists(record.name):
        raise RunExistsError(record.name)
    root = places.root_for(Path(record.flow))
    fresh = root / f"{NEW_PREFIX}{secrets.token_hex(8)}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, fresh, symlinks=True, ignore=shutil.ignore_patterns(LOCK_FILE))
        write_record(fresh, record)
        fresh.rename(root / record.name)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise RunStorageError(root, error) from error
    places.remember(root)
    return Run.from_record(record, root / record.name)
