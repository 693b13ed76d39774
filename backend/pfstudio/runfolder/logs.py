"""Logs of a run: `logs.txt` as it grows, and one file for each line made from its record."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

LOG_FILE: Final = "logs.txt"
_LEVELS: Final = {"debug": 10, "info": 20, "stdout": 20, "stderr": 30, "warning": 30, "error": 40}
_STAMP_END: Final = "] "


class BatchLog:
    """Writes `logs.txt` in the original's form, and whatever is written to `also`. Never fails the run."""

    def __init__(self, folder: Path, *, also: Callable[[str], None] | None = None, level: str = "info") -> None:
        self._also = also
        self._threshold = _LEVELS.get(os.environ.get("PF_LOGGING_LEVEL", level).lower(), 20)
        self._lock = threading.Lock()
        self._file: int | None = None
        try:
            self._file = os.open(folder / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError:
            self._file = None

    def write(self, level: str, message: str, *, logger: str = "execution.bulk") -> None:
        number = _LEVELS.get(level.lower(), 20)
        if number < self._threshold:
            return
        text = log_line(_stamp_now(), number, message, logger=logger)
        with self._lock:
            if self._file is not None:
                try:
                    os.write(self._file, text.encode("utf-8", "replace"))
                except OSError:  # A full disk shows where the lines are written, and ends the run there.
                    os.close(self._file)
                    self._file = None
            if self._also is not None:
                self._also(text)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


def log_line(stamp: str, number: int, message: str, *, logger: str) -> str:
    """One line as the original wrote it."""
    name = "ERROR" if number >= 40 else "WARNING" if number >= 30 else "INFO" if number >= 20 else "DEBUG"
    return f"{stamp} {os.getpid():7d} {logger:<18} {name:<8} {message}\n"


def _stamp_now() -> str:
    return _stamp_of(int(time.time()))


@lru_cache(maxsize=4)
def _stamp_of(second: int) -> str:
    """The time as a log shows it; made once a second, since a run may print a million lines."""
    return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(second))


def line_log(record: Mapping[str, Any]) -> str:
    """The log of one line: its nodes, what they printed, how they ended."""
    return "".join(_line_log(record))


def _line_log(record: Mapping[str, Any]) -> Iterator[str]:
    number = record["line_number"]
    for run in record.get("node_runs") or ():
        node = run["node"]
        begun, ended = _stamp(run.get("start_time")), _stamp(run.get("end_time"))
        if run["status"] == "Bypassed":
            yield _line(ended, "INFO", f"Bypassed node {node}.")
            continue
        yield _line(begun, "INFO", f"Executing node {node}. node run id: {run['run_id']}")
        logs = run.get("logs") or {}
        for stream, level in (("stdout", "INFO"), ("stderr", "WARNING")):
            for text in (logs.get(stream) or "").splitlines():
                shown = text.partition(_STAMP_END)[2] if text.startswith("[") else text
                yield _line(ended, level, f"[{node} in line {number} (index starts from 0)] {stream}> {shown}")
        error = run.get("error")
        if error:
            message = str(error.get("message", "")).rstrip(".")
            yield _line(ended, "ERROR", f"Node {node} in line {number} failed. Exception: {message}.")
        else:
            yield _line(ended, "INFO", f"Node {node} completes.")
    error = record.get("error")
    if error:
        end = _stamp((record.get("run_info") or {}).get("end_time"))
        yield _line(end, "ERROR", f"Execution of line {number} has failed: {error.get('message', '')}")


def _line(stamp: str, level: str, message: str) -> str:
    return f"{stamp} {0:7d} {'execution.flow':<18} {level:<8} {message}\n"


def _stamp(moment: Any) -> str:
    """`2026-01-31T10:00:00.123Z` as a log shows it."""
    text = str(moment or "")[:19].replace("T", " ")
    return f"{text or '1970-01-01 00:00:00'} +0000"
