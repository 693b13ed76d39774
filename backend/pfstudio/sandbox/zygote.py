"""The process workers are forked from: `python -I -m pfstudio.sandbox.zygote FD [alone]`.

It has one thread, has the engine loaded, and forks a worker for each request that comes over the inherited socket. The
request's own socket and output pipe come with it and belong to the worker alone; the zygote sees no inputs and no
secrets. It goes away with the studio: when the socket ends, it ends its workers and itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
from typing import Any

from pfstudio.sandbox import limits, protocol, worker
from pfstudio.sandbox.orphans import adopt_orphans, close_to_siblings, die_with_parent
from pfstudio.sandbox.testing import LOADED_WHEN_IDLE

_LEFTOVER_SECONDS = 0.8


class Zygote:
    """Forks, watches and ends workers. `alone` says that every process we can signal is ours (own pid namespace)."""

    def __init__(self, control: socket.socket, *, alone: bool) -> None:
        self._control = control
        self._alone = alone
        self._workers: dict[int, int] = {}
        self._to_load = list(reversed(LOADED_WHEN_IDLE))
        self._wake_read, self._wake_write = socket.socketpair()
        for end in (self._wake_read, self._wake_write):
            end.setblocking(False)

    def serve(self) -> None:
        """Until the studio is gone."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        protocol.send(self._control, {"event": "ready"})
        while True:
            readable, _, _ = select.select([self._control, self._wake_read], [], [], 0 if self._to_load else None)
            if not readable:
                self._load_one()
            if self._wake_read in readable:
                self._drain_wakeups()
                self._reap()
            if self._control in readable and not self._handle_request():
                break
        for pid in list(self._workers):
            _kill_group(pid)
        self._kill_leftovers()

    def _load_one(self) -> None:
        importlib.import_module(self._to_load.pop())
        if not self._to_load:
            _keep_shared()

    def _handle_request(self) -> bool:
        received = protocol.receive(self._control)
        if received is None:
            return False
        message, descriptors = received
        if message["do"] == "start":
            self._start(message, descriptors)
        elif message["do"] == "kill":
            self._kill(message["id"])
        return True

    def _start(self, message: dict[str, Any], descriptors: list[int]) -> None:
        channel, raw_output = descriptors
        pid = os.fork()
        if pid == 0:
            self._become_worker(message, channel, raw_output)
        self._workers[pid] = message["id"]
        os.close(channel)
        os.close(raw_output)

    def _become_worker(self, message: dict[str, Any], channel: int, raw_output: int) -> None:
        """Never returns: whatever happens, the child must not go on as a second zygote."""
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for end in (self._control, self._wake_read, self._wake_write):
                end.close()
            os.setsid()
            die_with_parent()
            adopt_orphans()
            close_to_siblings(False)
            os.dup2(raw_output, 1)
            os.dup2(raw_output, 2)
            os.close(raw_output)
            limits.step_back()
            limits.limit_this_process(**message["limits"])
            code = worker.work(socket.socket(fileno=channel))
        finally:
            os._exit(code)

    def _reap(self) -> None:
        """Tell of each worker that ended, once nothing it started is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number = self._workers.pop(pid, None)
            if number is None:
                continue
            self._kill_leftovers()
            code = os.waitstatus_to_exitcode(status)
            report = {"event": "ended", "id": number, "exit": max(code, 0), "signal": max(-code, 0)}
            with contextlib.suppress(OSError):
                protocol.send(self._control, report)

    def _kill(self, number: int) -> None:
        for pid, started_for in self._workers.items():
            if started_for == number:
                _kill_group(pid)

    def _kill_leftovers(self) -> None:
        """End what dead workers left behind; orphans become our children, however often they forked."""
        if self._alone and not self._workers:
            with contextlib.suppress(OSError):
                os.kill(-1, signal.SIGKILL)
            return
        end = time.monotonic() + _LEFTOVER_SECONDS
        while time.monotonic() < end:
            leftovers = [pid for pid in limits.children_of(os.getpid()) if pid not in self._workers]
            if not leftovers:
                return
            for pid in leftovers:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(OSError):
                    os.waitpid(pid, 0)

    def _drain_wakeups(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_read.recv(4096):
                pass


def _kill_group(pid: int) -> None:
    for kill, target in ((os.killpg, pid), (os.kill, pid)):
        with contextlib.suppress(OSError):
            kill(target, signal.SIGKILL)


def _keep_shared() -> None:
    """Keep the garbage collector of each child from touching, and so copying, what it shares with this process."""
    gc.collect()
    gc.freeze()


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    # Folders were handed to bubblewrap as open descriptors; one left open would be a way out of the sandbox.
    os.closerange(3, control.fileno())
    os.closerange(control.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    os.set_inheritable(control.fileno(), False)
    die_with_parent()
    adopt_orphans()
    close_to_siblings(True)
    _keep_shared()
    Zygote(control, alone="alone" in sys.argv[2:]).serve()


if __name__ == "__main__":
    main()
