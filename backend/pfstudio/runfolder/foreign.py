"""Runs that promptflow itself made: the same folders, their records in its database or nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pfstudio.runfolder.jsontext import decode
from pfstudio.runfolder.record import RunRecord

_DATABASE = "pf.sqlite"
_MARKS = ("flow_outputs", "flow_artifacts", "snapshot", "logs.txt", "detail.json")


def foreign_record(folder: Path) -> RunRecord | None:
    """What is known of a run that promptflow made; None where the folder is none."""
    if not any((folder / mark).exists() for mark in _MARKS):
        return None
    database = folder.parent.parent / _DATABASE
    if not database.is_file():
        return _of_files(folder)
    row = _row(database, folder.name)
    return None if row is None else _of_row(folder, row)  # Without a row, the run was refused on its way.


def _row(database: Path, name: str) -> Mapping[str, Any] | None:
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute("SELECT * FROM run_info WHERE name = ?", (name,)).fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else dict(row)


def _of_row(folder: Path, row: Mapping[str, Any]) -> RunRecord:
    properties = _object(row.get("properties"))
    flow = str(properties.get("flow_path") or folder / "snapshot")
    return RunRecord(
        name=folder.name,
        created_on=str(row["created_on"]),
        status=str(row["status"]),
        display_name=row.get("display_name") or folder.name,
        description=row.get("description"),
        tags=_object(row.get("tags")) or None,
        flow=flow,
        flow_name=Path(flow).name,
        data=row.get("data"),
        run=properties.get("run"),
        variant=properties.get("node_variant"),
        column_mapping=properties.get("column_mapping"),
        init=properties.get("init_kwargs"),
        resume_from=properties.get("resume_from"),
        start_time=row.get("start_time"),
        end_time=row.get("end_time"),
        system_metrics=properties.get("system_metrics") or {},
        error=_error(folder),
        archived=bool(row.get("archived")),
    )


def _of_files(folder: Path) -> RunRecord:
    """Without its database a run is what its files tell: it ended if its results are there."""
    ended = (folder / "metrics.json").exists() or (folder / "outputs.jsonl").exists()
    moment = datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat()
    error = _error(folder)
    has_failed = error is not None and not (folder / "outputs.jsonl").exists()
    return RunRecord(
        name=folder.name,
        created_on=moment,
        status="Completed" if ended and not has_failed else "Failed",
        display_name=folder.name,
        flow=str(folder / "snapshot"),
        flow_name=folder.name,
        error=error,
    )


def _error(folder: Path) -> dict[str, Any] | None:
    try:
        value = decode((folder / "error.json").read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and value else None


def _object(text: Any) -> dict[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
