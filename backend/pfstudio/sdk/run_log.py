"""The log of a test: the lines promptflow wrote, in a file and on standard error."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TextIO

from pfstudio.engine.results import NodeRun, RunStatus
from pfstudio.sandbox.flow_test import TestOutcome

_LEVELS = {"debug": 10, "info": 20, "stdout": 20, "stderr": 30, "warning": 30, "error": 40}


class RunLog:
    """A `RunObserver`. `scrub` takes the secrets out of what is written."""

    def __init__(
        self, file: TextIO | None, run_id: str, *, to_stderr: bool, level: str, scrub: Callable[[str], str]
    ) -> None:
        self._files = [stream for stream in (file, sys.stderr if to_stderr else None) if stream is not None]
        self._file = file
        self._run_id = run_id
        self._threshold = _LEVELS.get(os.environ.get("PF_LOGGING_LEVEL", level).lower(), 20)
        self._scrub = scrub
        self._lock = threading.Lock()

    def __enter__(self) -> RunLog:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def node_started(self, node: str, index: int | None) -> None:
        place = "reduce" if index is None else index
        self._write("info", f"Executing node {node}. node run id: {self._run_id}_{node}_{place}")

    def node_finished(self, run: NodeRun) -> None:
        if run.status is RunStatus.COMPLETED:
            self._write("info", f"Node {run.node} completes.")
        elif run.status is RunStatus.BYPASSED:
            self._write("info", f"Bypassed node {run.node}.")
        elif run.error is not None:
            where = "" if run.index is None else f" in line {run.index}"
            traceback = f"\n{run.error.traceback.rstrip()}" if run.error.traceback else ""
            self._write(
                "error", f"Node {run.node}{where} failed. Exception: {run.error.message.rstrip('.')}.{traceback}"
            )

    def log(self, level: str, message: str, node: str | None = None) -> None:
        if level in ("stdout", "stderr"):
            message = f"[{node} in line 0 (index starts from 0)] {level}> {message}"
        self._write(level, message)

    def output_chunk(self, node: str, text: str) -> None:
        """Pieces show with the output as a whole."""

    def failed(self, outcome: TestOutcome) -> None:
        if outcome.error is not None:
            self._write("error", f"Flow execution has failed: {outcome.error.message}")

    def _write(self, level: str, message: str) -> None:
        number = _LEVELS.get(level, 20)
        if number < self._threshold or not self._files:
            return
        name = "ERROR" if number >= 40 else "WARNING" if number >= 30 else "INFO" if number >= 20 else "DEBUG"
        moment = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
        line = self._scrub(f"{moment} {os.getpid():7d} execution.flow     {name:<8} {message}\n")
        with self._lock:
            for file in self._files:
                file.write(line)
                file.flush()
