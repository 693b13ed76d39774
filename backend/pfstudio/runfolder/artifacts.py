"""The original's files of a finished run, derived from the record of its lines in one go.

Thousands of small files: each is opened, written and closed by plain system calls, in folders that were made before.
Lines pass one by one, so that a run of any size takes no more memory than its largest line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from pfstudio.runfolder.errors import RunStorageError
from pfstudio.runfolder.jsontext import encode
from pfstudio.runfolder.line_index import LineText
from pfstudio.runfolder.logs import line_log

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
FLOW_OUTPUTS: Final = "flow_outputs"
OUTPUT_FILE: Final = "output.jsonl"
_IMAGE_MARK: Final = b'"data:image/'

_Encode: TypeAlias = Callable[[Mapping[str, Any]], bytes]
FailedLines: TypeAlias = Sequence[tuple[int, Mapping[str, Any]]]


def write_artifacts(folder: Path, lines: Iterable[LineText], aggregation: Iterable[Mapping[str, Any]]) -> FailedLines:
    """Write what the original leaves of lines and nodes; returns the errors of the lines that failed.

    `lines` come by line number, each as text and value.

    Raises:
        RunStorageError: the disk refuses. The record of the lines is whole, so it can be done again.
    """
    failed: list[tuple[int, Mapping[str, Any]]] = []
    try:
        with ExitStack() as stack:
            writer = _ArtifactWriter(folder, stack)
            for text, record in lines:
                writer.add(text, record)
                if record["status"] == "Failed":
                    failed.append((int(record["line_number"]), record.get("error") or {}))
            for run in aggregation:
                writer.add_node(run, encode)
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


class _ArtifactWriter:
    """Holds the tables and folders open that every line adds to."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._nodes: dict[str, _SmallFiles] = {}
        self._artifacts = _SmallFiles(folder / "flow_artifacts", stack)
        self._logs = _SmallFiles(folder / "flow_logs", stack)
        (folder / FLOW_OUTPUTS).mkdir(exist_ok=True)
        self._inputs, self._outputs, self._lines = (
            self._table(path) for path in ("inputs.jsonl", "outputs.jsonl", f"{FLOW_OUTPUTS}/{OUTPUT_FILE}")
        )

    def _table(self, path: str) -> BinaryIO:
        return self._stack.enter_context((self._folder / path).open("wb"))

    def add(self, text: bytes, record: Mapping[str, Any]) -> None:
        number, run = record["line_number"], record.get("run_info") or {}
        self._inputs.write(encode(record.get("inputs") or {}) + b"\n")
        if record["status"] == "Completed":
            produced = record.get("outputs") or {}
            placed = _placed(produced, self._folder / FLOW_OUTPUTS) if _IMAGE_MARK in text else produced
            self._outputs.write(encode({**placed, "line_number": number}) + b"\n")
            self._lines.write(encode({"line_number": number, **produced}) + b"\n")
        to_bytes = _encoder(text)
        artifact = {
            "line_number": number,
            "run_info": run,
            "start_time": _naive(run.get("start_time")),
            "end_time": _naive(run.get("end_time")),
            "name": run.get("name", ""),
            "description": run.get("description", ""),
            "status": record["status"],
            "tags": run.get("tags"),
        }
        self._artifacts.write(f"{number:09}_{number:09}.jsonl", to_bytes(artifact))
        self._logs.write(f"{number:09}.log", line_log(record).encode("utf-8", "replace"))
        for node_run in record.get("node_runs") or ():
            self.add_node(node_run, to_bytes)

    def add_node(self, run: Mapping[str, Any], to_bytes: _Encode) -> None:
        node, index = str(run["node"]), run.get("index")
        if node not in self._nodes:
            place = self._folder / "node_artifacts" / _file_name(node)
            self._nodes[node] = _SmallFiles(place, self._stack)
        artifact = {
            "NodeName": node,
            "line_number": index,
            "run_info": run,
            "start_time": _naive(run.get("start_time")),
            "end_time": _naive(run.get("end_time")),
            "status": run["status"],
        }
        self._nodes[node].write(f"{index or 0:09}.jsonl", to_bytes(artifact))


class _SmallFiles:
    """Writes files into one folder, named relative to its handle where the system can do that."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._handle: int | None = None
        self._prefix = f"{folder}{os.sep}"
        if os.open in os.supports_dir_fd:
            self._handle, self._prefix = os.open(folder, os.O_RDONLY), ""
            stack.callback(os.close, self._handle)

    def write(self, name: str, content: bytes) -> None:
        file = os.open(self._prefix + name, _FLAGS, 0o644, dir_fd=self._handle)
        try:
            data = memoryview(content)
            while data:
                data = data[os.write(file, data) :]
        finally:
            os.close(file)


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


def _encoder(text: bytes) -> _Encode:
    """What writes the parts of a record: the fast writer, unless it would turn a NaN in it into null."""
    return encode if b"NaN" in text or b"Infinity" in text else _fast


def _fast(value: Mapping[str, Any]) -> bytes:
    import orjson

    try:
        return orjson.dumps(value)
    except (TypeError, ValueError):  # A number beyond 64 bits, a lone surrogate.
        return encode(value)


def _naive(moment: Any) -> Any:
    return moment.removesuffix("Z") if isinstance(moment, str) else moment


def _file_name(node: str) -> str:
    return "".join("_" if mark in '/\\:*?"<>|\0' else mark for mark in node) or "_"
