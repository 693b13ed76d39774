"""The parent of the studio's processes: small, holds the listening socket, starts and replaces the web process.

SIGHUP starts a new web process on the same socket and lets the old one finish what it has begun; SIGTERM and Ctrl-C end
everything. It loads neither the web framework nor the database.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pfstudio.errors import UnavailableError

READY_SECONDS = 60
STOP_SECONDS = 10
LONGEST_PAUSE = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


class WebStartError(UnavailableError):
    """The web process could not start; the sentence is its own."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A web process answers. `link` is the secret of the sign-in link it was asked for, where one is needed."""

    link: str | None


class Supervisor:
    """Runs until it is told to end. `prepare` brings the data up to date before the web process is replaced."""

    def __init__(
        self, listening: socket.socket, environment: Mapping[str, str], *, prepare: Callable[[], None]
    ) -> None:
        self._listening = listening
        self._environment = dict(environment)
        self._prepare = prepare
        self._web: _Web | None = None
        self._old: list[_Web] = []
        self._pause = 0.5

    def run(self, on_ready: Callable[[Ready], None]) -> int:
        """Start, call `on_ready` once, and stay until SIGTERM (0) or Ctrl-C (130).

        Raises:
            WebStartError: the first web process could not start.
        """
        with _signals() as signals:
            try:
                self._web, ready = self._start(signals, with_link=True)
                on_ready(ready)
                return self._watch(signals)
            except _Ending as ending:
                return ending.code
            finally:
                self._stop()

    def _watch(self, signals: _Signals) -> int:
        while True:
            for number in signals.wait(None):
                if number == signal.SIGHUP:
                    self._replace(signals)
            self._old = [web for web in self._old if web.process.poll() is None]
            if self._web is not None and self._web.process.poll() is not None:
                self._revive(signals, self._web.process.returncode)

    def _replace(self, signals: _Signals) -> None:
        try:
            self._prepare()
            new, _ = self._start(signals, with_link=False)
        except UnavailableError as error:
            _complain(f"The web process was not replaced: {error}")
            return
        if self._web is not None:
            self._web.process.send_signal(signal.SIGUSR1)
            self._old.append(self._web)
        self._web = new

    def _revive(self, signals: _Signals, code: int) -> None:
        _complain(f"The web process ended unexpectedly ({code}); it is started again.")
        self._web = None
        while self._web is None:
            signals.wait(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            try:
                self._web, _ = self._start(signals, with_link=False)
            except WebStartError as error:
                _complain(str(error))

    def _start(self, signals: _Signals, *, with_link: bool) -> tuple[_Web, Ready]:
        web = _Web(self._listening, self._environment, with_link=with_link)
        try:
            ready = web.wait_until_ready(signals)
        except BaseException:
            web.ask_to_end()
            web.wait_for_end()
            raise
        return web, ready

    def _stop(self) -> None:
        webs = [web for web in (*self._old, self._web) if web is not None]
        for web in webs:
            web.ask_to_end()
        for web in webs:
            web.wait_for_end()


class _Web:
    """One web process, with the pipe on which it reports and the one by which it notices our end."""

    def __init__(self, listening: socket.socket, environment: Mapping[str, str], *, with_link: bool) -> None:
        self._report, report = os.pipe()
        alive, self._alive = os.pipe()
        descriptors = (listening.fileno(), report, alive)
        # -P: what lies in the current folder, perhaps a flow, is not importable.
        command = [sys.executable, "-P", "-m", "pfstudio.server", *map(str, descriptors)]
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own module.
                [*command, "--with-link"] if with_link else command,
                env=environment,
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                process_group=0,  # The terminal's Ctrl-C is for us alone; we end it in order.
            )
        finally:
            os.close(report)
            os.close(alive)

    def wait_until_ready(self, signals: _Signals) -> Ready:
        said = json.loads(signals.read_line(self._report, READY_SECONDS) or b"{}")
        os.close(self._report)
        if not said:
            raise WebStartError("The web process could not start; what it said is above.")
        if not said["ready"]:
            raise WebStartError(str(said["error"]))
        return Ready(said["link"])

    def ask_to_end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def wait_for_end(self) -> None:
        """Wait until it has ended; one that takes too long is killed."""
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class _Ending(Exception):  # noqa: N818 - no error: the way out of any wait.
    def __init__(self, code: int) -> None:
        self.code = code


class _Signals:
    """Signals as something that can be waited for. Being told to end interrupts every wait."""

    def __init__(self, source: int) -> None:
        self._source = source

    def wait(self, seconds: float | None) -> list[int]:
        """The signals that came, at the latest after `seconds`."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._source, selectors.EVENT_READ)
            return self._take() if selector.select(seconds) else []

    def read_line(self, source: int, seconds: float) -> bytes:
        """What a pipe brings until its line or itself ends."""
        line = b""
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._source, selectors.EVENT_READ)
            selector.register(source, selectors.EVENT_READ)
            while not line.endswith(b"\n") and (left := deadline - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    if key.fd == self._source:
                        self._take()
                    elif chunk := os.read(source, 65536):
                        line += chunk
                    else:
                        return line
        return line

    def _take(self) -> list[int]:
        numbers = list(os.read(self._source, 1024))
        if signal.SIGINT in numbers:
            raise _Ending(130)
        if signal.SIGTERM in numbers:
            raise _Ending(0)
        return numbers


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    signal.set_wakeup_fd(sink)
    try:
        yield _Signals(source)
    finally:
        # A second Ctrl-C while everything ends is no reason for a trace.
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else handler)
        signal.set_wakeup_fd(-1)
        os.close(source)
        os.close(sink)


def _complain(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
