"""Processes of a batch where there is no fork: each is started by itself and calls back over the loopback address."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio.models import pauses
from pfstudio.sandbox.batch_processes import Ended, News, Started, python_command

_CALL_SECONDS = 5.0
_SECRET = 32
_END_SECONDS = 1.0


class SpawnedProcesses:
    """A worker proves who it is with a secret that it is given on its standard input."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        descriptor, name = tempfile.mkstemp(prefix="pfstudio-pauses-")
        os.write(descriptor, bytes(pauses.SIZE))
        os.close(descriptor)
        self._pauses = Path(name)
        self._setup: dict[str, Any] = {}
        self._expected: dict[str, int] = {}
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def sockets(self) -> list[Any]:
        return [self._listener]

    def set_up(self, message: Mapping[str, Any]) -> None:
        self._setup = dict(message)

    def start_worker(self, number: int, hello: Mapping[str, Any]) -> None:
        secret = secrets.token_hex(_SECRET // 2)
        process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell.
            python_command("pfstudio.sandbox.batch_spawned"),
            stdin=subprocess.PIPE,
            **_apart(),
        )
        start = {
            "port": self._listener.getsockname()[1],
            "secret": secret,
            "hello": dict(hello),
            "pauses": str(self._pauses),
            "setup": self._setup,
        }
        with contextlib.suppress(OSError):  # One that ended at once is told of by `news`.
            if process.stdin is not None:
                process.stdin.write(json.dumps(start, default=str).encode("ascii"))
                process.stdin.close()
        self._expected[secret] = number
        self._processes[number] = process

    def kill(self, number: int) -> None:
        if number in self._processes:
            self._processes[number].kill()

    def news(self) -> list[News]:
        news: list[News] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                connection, _ = self._listener.accept()
                number = self._caller(connection)
                if number is not None:
                    news.append(Started(number, connection))
        for number, process in list(self._processes.items()):
            code = process.poll()
            if code is not None:
                del self._processes[number]
                news.append(Ended(number, max(code, 0), max(-code, 0)))
        return news

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()

    def close(self) -> None:
        self.stop()
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_END_SECONDS)
        self._processes.clear()
        self._listener.close()
        with contextlib.suppress(OSError):  # Where files in use cannot be removed, the system does it some day.
            self._pauses.unlink(missing_ok=True)

    def _caller(self, connection: socket.socket) -> int | None:
        """The worker that calls; None, and no connection, for anybody else of this machine."""
        connection.settimeout(_CALL_SECONDS)
        try:
            secret = connection.recv(_SECRET, socket.MSG_WAITALL).decode("ascii", errors="replace")
        except OSError:
            secret = ""
        number = self._expected.pop(secret, None)
        if number is None:
            connection.close()
        return number


def _apart() -> dict[str, Any]:
    """Ctrl-C in the terminal is for the one who started the batch."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def main() -> None:
    """Entry of the process: everything it needs to know comes on its standard input."""
    start = json.loads(sys.stdin.buffer.read())
    sys.path[:] = start["setup"]["path"]
    from pfstudio.sandbox import batch_worker

    os.dup2(2, 1)  # The standard output belongs to the command that runs the batch.
    batch_worker.show_prints_at_once()
    with contextlib.suppress(OSError), Path(start["pauses"]).open("r+b") as file:  # A server's 429 slows all workers.
        pauses.share(mmap.mmap(file.fileno(), pauses.SIZE))
    connection = socket.create_connection(("127.0.0.1", start["port"]))
    connection.sendall(start["secret"].encode("ascii"))
    sys.exit(batch_worker.work(connection, start["setup"], start["hello"]))
