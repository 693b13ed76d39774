"""`record.json`: what a run is and how it went, apart from its lines."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pfstudio.runfolder.errors import RunRecordError, RunStorageError
from pfstudio.runfolder.jsontext import decode, encode

RECORD_FILE: Final = "record.json"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run. Times are ISO text with their offset; `system_metrics` keeps the original's `__pf__` counters too.

    `error` is the error object of the run (`error.json`). `environment_variables` holds names only: values, which may
    be secrets, are in a file of their own that only the owner can read.
    """

    name: str
    created_on: str
    status: str
    display_name: str
    flow: str
    flow_name: str
    kind: str = "dag"
    description: str | None = None
    tags: Mapping[str, Any] | None = None
    data: str | None = None
    run: str | None = None
    variant: str | None = None
    column_mapping: Mapping[str, Any] | None = None
    connections: Mapping[str, Mapping[str, Any]] | None = None
    environment_variables: tuple[str, ...] = ()
    init: Mapping[str, Any] | None = None
    resume_from: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    system_metrics: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    archived: bool = False
    lines: int | None = None
    git: Mapping[str, Any] | None = None
    model_calls: Mapping[str, str] | None = None
    entry: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


_FIELDS = {item.name for item in dataclasses.fields(RunRecord)}


def write_record(folder: Path, record: RunRecord) -> None:
    """Replace the record as a whole; whoever reads sees the old one or the new one.

    Raises:
        RunStorageError: the disk refuses; the old record stays.
    """
    value = {"version": VERSION, **{name: getattr(record, name) for name in sorted(_FIELDS - {"extra"})}}
    value |= dict(record.extra)  # What a newer version wrote stays.
    write_whole(folder / RECORD_FILE, encode(value, indent=2))


def read_record(folder: Path) -> RunRecord | None:
    """The record of a folder; None where there is none.

    Raises:
        RunRecordError: there is one, but it cannot be read.
    """
    path = folder / RECORD_FILE
    try:
        value = decode(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise RunRecordError(path, str(error)) from error
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise RunRecordError(path, "it is no record of a run")
    known = {name: item for name, item in value.items() if name in _FIELDS}
    known["environment_variables"] = tuple(known.get("environment_variables") or ())
    known["extra"] = {name: item for name, item in value.items() if name not in _FIELDS and name != "version"}
    try:
        return RunRecord(**known)
    except TypeError as error:
        raise RunRecordError(path, str(error)) from error


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace a file at once: it is never seen half-written, and a full disk leaves the old one."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise RunStorageError(path.parent, error) from error
