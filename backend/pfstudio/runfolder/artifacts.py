"""The original's files of a finished run, derived from the record of its lines in one go.

Lines pass one by one, so that a run of any size takes no more memory than its largest line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from pfstudio.runfolder.errors import RunStorageError
from pfstudio.runfolder.jsontext import encode
from pfstudio.runfolder.line_files import LineFiles
from pfstudio.runfolder.line_index import LineText

FLOW_OUTPUTS: Final = "flow_outputs"
OUTPUT_FILE: Final = "output.jsonl"
_IMAGE_MARK: Final = b'"data:image/'

FailedLines: TypeAlias = Sequence[tuple[int, Mapping[str, Any]]]


def write_artifacts(
    folder: Path,
    lines: Iterable[LineText],
    aggregation: Iterable[Mapping[str, Any]],
    written: Set[int] = frozenset(),
) -> FailedLines:
    """Write what the original leaves of lines and nodes; returns the errors of the lines that failed.

    `lines` come by line number, each as text and value. Those in `written` have their own files already.

    Raises:
        RunStorageError: the disk refuses. The record of the lines is whole, so it can be done again.
    """
    failed: list[tuple[int, Mapping[str, Any]]] = []
    try:
        with ExitStack() as stack:
            tables, files = _Tables(folder, stack), LineFiles(folder, stack)
            for text, record in lines:
                tables.add(text, record)
                if record["line_number"] not in written:
                    files.add(text, record)
                if record["status"] == "Failed":
                    failed.append((int(record["line_number"]), record.get("error") or {}))
            for run in aggregation:
                files.add_node(run)
    except OSError as failure:
        raise RunStorageError(folder, failure) from failure
    return failed


def write_results(folder: Path, metrics: Mapping[str, Any], error: Mapping[str, Any] | None) -> None:
    """Write what is said of the run as a whole.

    Raises:
        RunStorageError: the disk refuses.
    """
    try:
        (folder / "meta.json").write_bytes(b'{"batch_size": 1}')
        (folder / "metrics.json").write_bytes(encode(dict(metrics)))
        if error is None:
            (folder / "error.json").unlink(missing_ok=True)
        else:
            (folder / "error.json").write_bytes(encode(error))
    except OSError as failure:
        raise RunStorageError(folder, failure) from failure


class _Tables:
    """The files that every line adds to."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        (folder / FLOW_OUTPUTS).mkdir(exist_ok=True)
        self._inputs, self._outputs, self._lines = (
            self._table(path) for path in ("inputs.jsonl", "outputs.jsonl", f"{FLOW_OUTPUTS}/{OUTPUT_FILE}")
        )

    def _table(self, path: str) -> BinaryIO:
        return self._stack.enter_context((self._folder / path).open("wb"))

    def add(self, text: bytes, record: Mapping[str, Any]) -> None:
        number = record["line_number"]
        self._inputs.write(encode(record.get("inputs") or {}) + b"\n")
        if record["status"] == "Completed":
            produced = record.get("outputs") or {}
            placed = _placed(produced, self._folder / FLOW_OUTPUTS) if _IMAGE_MARK in text else produced
            self._outputs.write(encode({**placed, "line_number": number}) + b"\n")
            self._lines.write(encode({"line_number": number, **produced}) + b"\n")


def _placed(value: Any, folder: Path) -> Any:
    """The value with images that lie beside the lines named by their whole path: this table lies elsewhere."""
    if isinstance(value, list):
        return [_placed(item, folder) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: str(folder / item)
        if isinstance(item, str) and key.startswith("data:image/") and key.endswith(";path")
        else _placed(item, folder)
        for key, item in value.items()
    }
