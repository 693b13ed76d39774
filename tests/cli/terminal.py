"""A command on a real terminal: a pseudo terminal that types and reads."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .conftest import PF


class Terminal:
    """Runs `pf` on a terminal; `screen` is all it has shown so far."""

    def __init__(self, arguments: Sequence[str], *, cwd: Path, home: Path, **environment: str) -> None:
        self._master, slave = pty.openpty()
        variables = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm", **environment}
        self.process = subprocess.Popen(
            [PF, *arguments], stdin=slave, stdout=slave, stderr=slave, env=variables, cwd=cwd, start_new_session=True
        )
        os.close(slave)
        self.screen = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=10)
        os.close(self._master)

    def wait_for(self, text: str, *, times: int = 1, seconds: float = 20) -> None:
        """Read until the screen has shown `text` so many times."""
        until = time.monotonic() + seconds
        while self.screen.count(text) < times:
            if not self._read(until):
                raise AssertionError(f"{text!r} was not shown {times} times in:\n{self.screen}")

    def read_for(self, seconds: float) -> None:
        """Read what comes within that time."""
        until = time.monotonic() + seconds
        while self._read(until):
            pass

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        until = time.monotonic() + 20
        while self._read(until):
            pass
        return self.process.wait(timeout=10)

    def _read(self, until: float) -> bool:
        """Whether more has come before that moment."""
        if not select.select([self._master], [], [], max(0.0, until - time.monotonic()))[0]:
            return False
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # Linux tells the end of a terminal as an error.
            return False
        self.screen += piece.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(piece)
