"""Forks workers for whoever holds the other end of a socket, tells when they end, and ends them with that socket."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from pfstudio.sandbox import orphans, protocol


class Forks:
    """Processes by pid, with the numbers the batch knows them by. Has one thread, so that forking is sound.

    Requests are `{"do": "start", "id", "hello"}` with the worker's channel, and `{"do": "kill", "id"}`.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._workers: dict[int, int] = {}
        self._wake_read, self._wake_write = socket.socketpair()
        for end in (self._wake_read, self._wake_write):
            end.setblocking(False)
        orphans.get_ready()

    def serve(self) -> None:
        """Until the batch is over."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        self._reap()  # One forked before this may have ended unseen.
        while True:
            readable, _, _ = select.select([self._wake_read, *self.sockets()], [], [], self.patience())
            if not readable:
                self.idle()
            if self._wake_read in readable:
                self._drain_wakeups()
                self._reap()
            if not all(self.hear(source) for source in readable if source is not self._wake_read):
                break
        for pid in self._workers:
            kill_group(pid)
        for pid in self._workers:
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)  # When this process ends, nothing of the batch is left.

    def sockets(self) -> list[socket.socket]:
        """What to listen to."""
        return [self._control]

    def patience(self) -> float | None:
        """How long to wait for something to happen before `idle` is called."""
        return None

    def idle(self) -> None:
        """Nothing happens at the moment."""

    def hear(self, source: socket.socket) -> bool:
        """Take in what has come from a socket; False ends it all."""
        try:
            received = protocol.receive(source)
        except OSError:  # The other side went away without having heard all that it was told.
            received = None
        if received is None:
            return False
        message, descriptors = received
        self.asked(message, descriptors)
        return True

    def asked(self, message: Mapping[str, Any], descriptors: list[int]) -> None:
        """Do what the batch wants."""
        if message["do"] == "start":
            self.fork(message, descriptors[0])
        elif message["do"] == "kill":
            for pid, number in list(self._workers.items()):
                if number == message["id"]:
                    kill_group(pid)

    def fork(self, message: Mapping[str, Any], channel: int) -> None:
        """Make a worker that talks over the channel."""
        try:
            pid = os.fork()
        except OSError as error:  # The machine has no room for another process.
            os.close(channel)
            print(f"No process can be forked: {error}", file=sys.stderr, flush=True)  # noqa: T201 - to the batch.
            self.tell_end(message["id"], os.EX_OSERR, 0)
            return
        if pid == 0:
            self.become(lambda: self.work(socket.socket(fileno=channel), message))
        self._workers[pid] = message["id"]
        os.close(channel)

    def work(self, channel: socket.socket, message: Mapping[str, Any]) -> int:
        """What a worker does; the answer is its exit code."""
        raise AssertionError(channel, message)

    def become(self, work: Callable[[], int]) -> NoReturn:
        """Whatever happens, the child must not go on as a second one of its parent."""
        code = 70
        try:
            self.leave()
            apart()
            code = work()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            from traceback import print_exc

            print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def leave(self) -> None:
        """Let go, in a child, of what belongs to the parent."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (*self.sockets(), self._wake_read, self._wake_write):
            end.close()

    def ended(self, pid: int, status: int) -> None:
        """A child is gone."""
        number = self._workers.pop(pid, None)
        if number is None:
            return
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)  # What it left behind goes with it.
        code = os.waitstatus_to_exitcode(status)
        self.tell_end(number, max(code, 0), max(-code, 0))

    def tell_end(self, number: int, exit_code: int, signal_number: int) -> None:
        with contextlib.suppress(OSError):
            protocol.send(self._control, {"event": "ended", "id": number, "exit": exit_code, "signal": signal_number})

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.ended(pid, status)

    def _drain_wakeups(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_read.recv(4096):
                pass


def apart() -> None:
    """Make this fork a worker: with a process group of its own, and never longer alive than the one it comes from."""
    os.setsid()
    orphans.die_with_parent()


def kill_group(pid: int) -> None:
    """End a process and what it has started."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)
