"""The lines of a run as a table: what went in, what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pfstudio.runfolder.jsontext import decode
from pfstudio.runfolder.line_index import LineIndex
from pfstudio.runfolder.lines import LINES_FILE

FAILED: Final = "(Failed)"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line. `outputs` is empty where it failed, `error` is why."""

    number: int
    status: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    error: Mapping[str, Any] | None = None
    duration: float | None = None
    tokens: int = 0
    reused: bool = False


def line_rows(folder: Path, limit: int | None = None) -> list[LineRow]:
    """The first lines of a run; of a run that promptflow made, put together from its tables."""
    if (folder / LINES_FILE).exists():
        return [_row(record) for record in islice(LineIndex(folder), limit)]
    return _foreign_rows(folder)[:limit]


@dataclass(frozen=True, slots=True)
class Details:
    """A table whose cells are values as they are: a null that was computed stays a null."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int]


def details(folder: Path, limit: int | None = None) -> Details:
    """Columns `inputs.*` and `outputs.*`, a row for each line; the outputs of a failed line say so."""
    rows = line_rows(folder, limit)
    inputs = list(dict.fromkeys(name for row in rows for name in row.inputs))
    outputs = list(dict.fromkeys(name for row in rows for name in row.outputs))
    if not outputs and any(row.status == "Failed" for row in rows):
        outputs = ["output"]
    cells = [
        [row.inputs.get(name) for name in inputs]
        + [FAILED if row.status == "Failed" else row.outputs.get(name) for name in outputs]
        for row in rows
    ]
    columns = [f"inputs.{name}" for name in inputs] + [f"outputs.{name}" for name in outputs]
    return Details(columns, cells, [row.number for row in rows])


def _row(record: Mapping[str, Any]) -> LineRow:
    metrics = record.get("system_metrics") or {}
    return LineRow(
        number=int(record["line_number"]),
        status=str(record["status"]),
        inputs=record.get("inputs") or {},
        outputs=record.get("outputs") or {},
        error=record.get("error"),
        duration=metrics.get("duration"),
        tokens=int(metrics.get("total_tokens") or 0),
        reused=bool(record.get("reused")),
    )


def _foreign_rows(folder: Path) -> list[LineRow]:
    outputs = {int(row["line_number"]): row for row in _table(folder / "outputs.jsonl") if "line_number" in row}
    errors = _line_errors(folder)
    rows = []
    for at, inputs in enumerate(_table(folder / "inputs.jsonl")):
        number = int(inputs.get("line_number", at))
        found = outputs.get(number)
        produced = {key: value for key, value in (found or {}).items() if key != "line_number"}
        status = "Completed" if found is not None else "Failed"
        rows.append(LineRow(number, status, inputs, produced, errors.get(number)))
    return rows


def _line_errors(folder: Path) -> dict[int, Mapping[str, Any]]:
    try:
        info = decode((folder / "error.json").read_bytes())["additionalInfo"][0]["info"]["errors"]
        return {int(item["line_number"]): item["error"] for item in info if "line_number" in item}
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return {}


def _table(file: Path) -> list[dict[str, Any]]:
    try:
        return [decode(line) for line in file.read_bytes().splitlines() if line.strip()]
    except (OSError, ValueError):
        return []


def cell_text(value: Any) -> str:
    """A cell as a table shows it."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
