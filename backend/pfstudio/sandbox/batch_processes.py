"""Starts, hears and ends the processes of a batch: forks of a zygote or, where there is no fork, started ones."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from pfstudio.sandbox import protocol

Method: TypeAlias = Literal["fork", "spawn"]
_WORDS_KEPT = 8_000
_KILL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Started:
    """A worker's socket, ours to talk over."""

    number: int
    channel: socket.socket


@dataclass(frozen=True, slots=True)
class Ended:
    number: int
    exit_code: int
    signal: int


@dataclass(frozen=True, slots=True)
class Printed:
    """Text that a worker's process wrote past Python, or its interpreter's own words."""

    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """No worker can be started any more, and all are gone."""

    detail: str


News: TypeAlias = Started | Ended | Printed | Lost


class Processes(Protocol):
    """The processes of one batch."""

    @property
    def sockets(self) -> list[Any]:
        """What to wait for besides the workers' own sockets; none where `news` has to be asked for again and again."""

    def set_up(self, message: Mapping[str, Any]) -> None:
        """What every worker is to know; before the first `start_worker`."""

    def start_worker(self, number: int, hello: Mapping[str, Any]) -> None:
        """Begin to start one; `hello` is what it is told besides the setup."""

    def kill(self, number: int) -> None: ...

    def news(self) -> list[News]:
        """What has happened since the last time; returns at once."""

    def stop(self) -> None:
        """Begin to end every process; returns at once."""

    def close(self) -> None:
        """End every process. Harmless where it was done."""


def start(method: Method | None = None) -> Processes:
    """Begin to start the first process."""
    if method is None:
        # On macOS system libraries may refuse to work in a fork, so there it has to be asked for.
        given = os.environ.get("PF_BATCH_METHOD") or ("spawn" if sys.platform == "darwin" else "fork")
        method = "spawn" if given == "spawn" or not hasattr(os, "fork") else "fork"
    if method == "fork":
        return ForkedProcesses()
    from pfstudio.sandbox.batch_spawned import SpawnedProcesses

    return SpawnedProcesses()


def python_command(module: str, *arguments: str) -> list[str]:
    """An interpreter like this one, with the same search path, that runs `main` of a module and nothing of ours."""
    code = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main()"
    return [sys.executable, "-c", code, *arguments]


class ForkedProcesses:
    """Workers forked from one zygote, which goes with the socket we hold: also when this process is killed."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._words, words_theirs = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell.
                python_command("pfstudio.sandbox.batch_zygote", str(theirs.fileno())),
                stdin=subprocess.DEVNULL,
                stdout=words_theirs,
                stderr=words_theirs,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(words_theirs)
        os.set_blocking(self._words, False)
        self._reader = protocol.FrameReader()
        self._news: list[News] = []
        self._last_words = ""
        self._open = True
        self._hears = True

    @property
    def sockets(self) -> list[Any]:
        return [self._control, self._words] if self._hears else [self._control]

    def set_up(self, message: Mapping[str, Any]) -> None:
        self._tell({"do": "setup", **message})

    def start_worker(self, number: int, hello: Mapping[str, Any]) -> None:
        ours, theirs = socket.socketpair()
        try:
            self._tell({"do": "start", "id": number, "hello": hello}, [theirs.fileno()])
        finally:
            theirs.close()
        self._news.append(Started(number, ours))

    def kill(self, number: int) -> None:
        self._tell({"do": "kill", "id": number})

    def news(self) -> list[News]:
        self._hear_words()
        self._hear_zygote()
        news, self._news = self._news, []
        return news

    def stop(self) -> None:
        self._control.close()  # The zygote ends its workers, then itself.

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        self.stop()
        try:
            self._process.wait(timeout=_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._words)

    def _tell(self, message: Mapping[str, Any], descriptors: list[int] | None = None) -> None:
        # A zygote that is gone is told of by `news`, with its last words.
        with contextlib.suppress(OSError):
            protocol.send(self._control, message, descriptors or [])

    def _hear_zygote(self) -> None:
        while True:
            try:
                data = self._control.recv(1 << 16, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._hear_words()
                self._news.append(Lost(self._last_words.strip()))
                return
            for message in self._reader.feed(data):
                self._news.append(Ended(message["id"], message["exit"], message["signal"]))

    def _hear_words(self) -> None:
        while self._hears:
            try:
                data = os.read(self._words, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                self._hears = False
                return
            text = data.decode("utf-8", errors="replace")
            self._last_words = (self._last_words + text)[-_WORDS_KEPT:]
            self._news.append(Printed(text))
