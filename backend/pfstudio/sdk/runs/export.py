"""The lines of a run as a file that other programs read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Final

from pfstudio.errors import InvalidError
from pfstudio.sdk.runs.details import LineRow, line_rows

FORMATS: Final = ("csv", "jsonl")


class ExportFormatError(InvalidError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Runs are exported as csv or jsonl, not as '{name}'.")


def export_lines(folder: Path, kind: str) -> str:
    """Every line with its number, status, inputs, outputs and error.

    Raises:
        ExportFormatError: there is no such format.
    """
    rows = line_rows(folder)
    if kind == "jsonl":
        return "".join(json.dumps(_object(row), ensure_ascii=False) + "\n" for row in rows)
    if kind == "csv":
        return _csv(rows)
    raise ExportFormatError(kind)


def kind_of(file: Path) -> str:
    """The format that a file's ending asks for.

    Raises:
        ExportFormatError: none of those there are.
    """
    kind = file.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise ExportFormatError(kind or file.name)
    return kind


def _object(row: LineRow) -> dict[str, Any]:
    value: dict[str, Any] = {
        "line_number": row.number,
        "status": row.status,
        "inputs": {name: item for name, item in row.inputs.items() if name != "line_number"},
        "outputs": dict(row.outputs),
    }
    if row.error is not None:
        value["error"] = str(row.error.get("message", ""))
    if row.duration is not None:
        value |= {"duration": row.duration, "total_tokens": row.tokens}
    return value


def _csv(rows: list[LineRow]) -> str:
    inputs = [name for name in dict.fromkeys(name for row in rows for name in row.inputs) if name != "line_number"]
    outputs = list(dict.fromkeys(name for row in rows for name in row.outputs))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    heads = [*(f"inputs.{name}" for name in inputs), *(f"outputs.{name}" for name in outputs)]
    writer.writerow(["line_number", "status", *heads, "error", "duration", "total_tokens"])
    for row in rows:
        cells = [_cell(row.inputs.get(name)) for name in inputs] + [_cell(row.outputs.get(name)) for name in outputs]
        error = str(row.error.get("message", "")) if row.error else ""
        duration = "" if row.duration is None else row.duration
        writer.writerow([row.number, row.status, *cells, error, duration, row.tokens])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)
