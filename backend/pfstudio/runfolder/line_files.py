"""The files that the original left of each line: its record, its nodes' records and its log.

Thousands of small files: each is opened, written and closed by plain system calls, in folders that were made before.
They are written by a thread while other lines still run, as far as it keeps up; whatever is missing at the end, or
after a crash, is derived again from the record of the lines.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeAlias

from pfstudio.runfolder.jsontext import decode, encode
from pfstudio.runfolder.logs import line_log

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
_MOST_WAITING: Final = 8 * 2**20

_Encode: TypeAlias = Callable[[Mapping[str, Any]], bytes]


class LineFiles:
    """Writes them; holds the folders open that every line adds to."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._nodes: dict[str, _SmallFiles] = {}
        self._artifacts = _SmallFiles(folder / "flow_artifacts", stack)
        self._logs = _SmallFiles(folder / "flow_logs", stack)

    def add(self, text: bytes, record: Mapping[str, Any]) -> None:
        """Write the files of a line, given as text and value."""
        number, run = record["line_number"], record.get("run_info") or {}
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

    def add_node(self, run: Mapping[str, Any], to_bytes: _Encode = encode) -> None:
        """Write the file of one run of a node."""
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


class EarlyLineFiles:
    """Writes the files of lines on a thread of its own while the run goes on.

    A line that it has no room for, or that it fails at, is left to the end, where a full disk is an error.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: SimpleQueue[bytes | None] = SimpleQueue()
        self._given = self._taken = 0  # Bytes; each is counted by one thread only.
        self._written: set[int] = set()
        self._is_stopped = False
        self._thread = Thread(target=self._work, name="pfstudio-line-files", daemon=True)
        self._thread.start()

    def add(self, text: bytes) -> None:
        """A line has ended. Returns at once."""
        if self._given - self._taken < _MOST_WAITING and not self._is_stopped:
            self._given += len(text)
            self._texts.put(text)

    def stop(self) -> frozenset[int]:
        """End it after the line it is at; the numbers of the lines whose files are there."""
        self._is_stopped = True
        self._texts.put(None)
        self._thread.join()
        return frozenset(self._written)

    def _work(self) -> None:
        try:
            with ExitStack() as stack:
                files = LineFiles(self._folder, stack)
                while (text := self._texts.get()) is not None and not self._is_stopped:
                    self._write(files, text)
        except OSError:
            self._is_stopped = True

    def _write(self, files: LineFiles, text: bytes) -> None:
        self._taken += len(text)
        try:
            record = decode(text)
            number = record["line_number"]
            if number not in self._written:  # The first record of a line counts.
                files.add(text, record)
                self._written.add(number)
        except (ValueError, KeyError, TypeError, AttributeError):
            return


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
            written = os.write(file, content)
            while written < len(content):
                written += os.write(file, memoryview(content)[written:])
        finally:
            os.close(file)


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
