"""The original's files of a finished run, derived from the record of its lines in one go.

Thousands of small files: each is opened, written and closed by plain system calls, in folders that were made before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from pfstudio.runfolder.errors import RunStorageError
from pfstudio.runfolder.jsontext import encode
from pfstudio.runfolder.logs import line_log

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
FLOW_OUTPUTS: Final = "flow_outputs"
OUTPUT_FILE: Final = "output.jsonl"

_Encode: TypeAlias = Callable[[Mapping[str, Any]], bytes]


def write_artifacts(
    folder: Path,
    *,
    records: Sequence[tuple[bytes, Mapping[str, Any]]],
    aggregation: Iterable[Mapping[str, Any]] = (),
    metrics: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    """Write everything the original leaves behind. `records` are the lines' by line number, each as text and value.

    Raises:
        RunStorageError: the disk refuses. The record of the lines is whole, so it can be done again.
    """
    try:
        _write_tables(folder, records)
        _write_line_files(folder, records)
        _write_nodes(folder, _node_runs(records))
        _write_nodes(folder, ((encode, run) for run in aggregation))
        (folder / "meta.json").write_bytes(b'{"batch_size": 1}')
        (folder / "metrics.json").write_bytes(encode(dict(metrics or {})))
        if error is None:
            (folder / "error.json").unlink(missing_ok=True)
        else:
            (folder / "error.json").write_bytes(encode(error))
    except OSError as failure:
        raise RunStorageError(folder, failure) from failure


def _write_tables(folder: Path, records: Sequence[tuple[bytes, Mapping[str, Any]]]) -> None:
    inputs, outputs, lines = [], [], []
    for _, record in records:
        number = record["line_number"]
        inputs.append(encode(record.get("inputs") or {}))
        if record["status"] == "Completed":
            produced = record.get("outputs") or {}
            outputs.append(encode({**produced, "line_number": number}))
            lines.append(encode({"line_number": number, **produced}))
    (folder / FLOW_OUTPUTS).mkdir(exist_ok=True)
    (folder / "inputs.jsonl").write_bytes(_joined(inputs))
    (folder / "outputs.jsonl").write_bytes(_joined(outputs))
    (folder / FLOW_OUTPUTS / OUTPUT_FILE).write_bytes(_joined(lines))


def _write_line_files(folder: Path, records: Sequence[tuple[bytes, Mapping[str, Any]]]) -> None:
    artifacts, logs = folder / "flow_artifacts", folder / "flow_logs"
    write_artifact, close_artifacts = _writer_into(artifacts)
    write_log, close_logs = _writer_into(logs)
    try:
        for text, record in records:
            number, run = record["line_number"], record.get("run_info") or {}
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
            write_artifact(f"{number:09}_{number:09}.jsonl", _encoder(text)(artifact))
            write_log(f"{number:09}.log", line_log(record).encode("utf-8", "replace"))
    finally:
        close_artifacts()
        close_logs()


def _node_runs(records: Sequence[tuple[bytes, Mapping[str, Any]]]) -> Iterator[tuple[_Encode, Mapping[str, Any]]]:
    for text, record in records:
        write = _encoder(text)
        for run in record.get("node_runs") or ():
            yield write, run


def _write_nodes(folder: Path, runs: Iterable[tuple[_Encode, Mapping[str, Any]]]) -> None:
    writers: dict[str, tuple[Callable[[str, bytes], None], Callable[[], None]]] = {}
    try:
        for to_bytes, run in runs:
            node, index = str(run["node"]), run.get("index")
            if node not in writers:
                writers[node] = _writer_into(folder / "node_artifacts" / _file_name(node))
            artifact = {
                "NodeName": node,
                "line_number": index,
                "run_info": run,
                "start_time": _naive(run.get("start_time")),
                "end_time": _naive(run.get("end_time")),
                "status": run["status"],
            }
            writers[node][0](f"{index or 0:09}.jsonl", to_bytes(artifact))
    finally:
        for _, close in writers.values():
            close()


def _writer_into(folder: Path) -> tuple[Callable[[str, bytes], None], Callable[[], None]]:
    """A function that writes a file into a folder, and one that ends it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY) if os.open in os.supports_dir_fd else None
    prefix = "" if handle is not None else f"{folder}{os.sep}"

    def write(name: str, content: bytes) -> None:
        file = os.open(prefix + name, _FLAGS, 0o644, dir_fd=handle)
        try:
            data = memoryview(content)
            while data:
                data = data[os.write(file, data) :]
        finally:
            os.close(file)

    def close() -> None:
        if handle is not None:
            os.close(handle)

    return write, close


def remove_artifacts(folder: Path) -> None:
    """Forget what an earlier end of the run derived, before it is done again."""
    for name in ("flow_artifacts", "node_artifacts", "flow_logs"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _encoder(text: bytes) -> _Encode:
    """What writes the parts of a record: the fast writer, unless it would turn a NaN in it into null."""
    return encode if b"NaN" in text or b"Infinity" in text else _fast


def _fast(value: Mapping[str, Any]) -> bytes:
    import orjson

    try:
        return orjson.dumps(value)
    except (TypeError, ValueError):  # A number beyond 64 bits, a lone surrogate.
        return encode(value)


def _joined(documents: Sequence[bytes]) -> bytes:
    return b"".join(document + b"\n" for document in documents)


def _naive(moment: Any) -> Any:
    return moment.removesuffix("Z") if isinstance(moment, str) else moment


def _file_name(node: str) -> str:
    return "".join("_" if mark in '/\\:*?"<>|\0' else mark for mark in node) or "_"
