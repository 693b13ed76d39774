"""The process a batch's workers are forked from. It has one thread, the engine loaded, and runs nothing of the user's.

It is started before the lines are known. While it waits it loads what models and prompts need; once it has heard which
flow it is, it forks a worker for each request that comes over the inherited socket. When that socket ends, it ends its
workers and itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import mmap
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pfstudio.models import pauses
from pfstudio.sandbox import batch_worker, protocol
from pfstudio.sandbox.batch_preload import preload
from pfstudio.sandbox.batch_rehearsal import read_certificates, rehearse, rehearse_models
from pfstudio.sandbox.batch_worker import show_prints_at_once
from pfstudio.sandbox.orphans import die_with_parent

_FOR_SOME = ("asyncio", "pfstudio.engine.event_loop", "traceback")


class BatchZygote:
    """Forks, watches and ends the workers of one batch."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._workers: dict[int, int] = {}
        pauses.share(mmap.mmap(-1, pauses.SIZE))  # Forks share it: a server's 429 slows all of them.
        self._setup: dict[str, Any] = {}
        self._to_load: list[Callable[[], None]] = [rehearse_models, read_certificates]
        self._to_load += (partial(_load, name) for name in _FOR_SOME)
        self._wake_read, self._wake_write = socket.socketpair()
        for end in (self._wake_read, self._wake_write):
            end.setblocking(False)

    def serve(self) -> None:
        """Until the batch is over."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        while True:
            readable, _, _ = select.select([self._control, self._wake_read], [], [], 0 if self._to_load else None)
            if not readable:
                self._to_load.pop(0)()
                gc.freeze()
            if self._wake_read in readable:
                self._drain_wakeups()
                self._reap()
            if self._control in readable and not self._handle_request():
                break
        for pid in self._workers:
            _kill_group(pid)
        for pid in self._workers:
            with contextlib.suppress(OSError):
                os.waitpid(pid, 0)  # When this process ends, nothing of the batch is left.

    def _handle_request(self) -> bool:
        received = protocol.receive(self._control)
        if received is None:
            return False
        message, descriptors = received
        if message["do"] == "setup":
            self._prepare(message)
        elif message["do"] == "start":
            self._start(message, descriptors[0])
        elif message["do"] == "kill":
            for pid, number in list(self._workers.items()):
                if number == message["id"]:
                    _kill_group(pid)
        return True

    def _prepare(self, message: dict[str, Any]) -> None:
        """Load what each worker would load for itself otherwise."""
        sys.path[:] = message["path"]
        self._setup = message
        if not message["uses_models"]:
            self._to_load.clear()
        elif rehearse_models in self._to_load:
            self._to_load.remove(rehearse_models)
            rehearse_models()
        preload(Path(message["flow"]).parent)
        gc.freeze()  # Keeps the collector of each child from touching, and so copying, what they share.

    def _start(self, message: dict[str, Any], channel: int) -> None:
        try:
            pid = os.fork()
        except OSError as error:  # The machine has no room for another process.
            os.close(channel)
            print(f"No process can be forked: {error}", file=sys.stderr, flush=True)  # noqa: T201 - to the batch.
            self._tell_end(message["id"], os.EX_OSERR, 0)
            return
        if pid == 0:
            self._become_worker(message, channel)
        self._workers[pid] = message["id"]
        os.close(channel)

    def _become_worker(self, message: dict[str, Any], channel: int) -> None:
        """Never returns: whatever happens, the child must not go on as a second zygote."""
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (self._control, self._wake_read, self._wake_write):
                end.close()
            os.setsid()
            die_with_parent()
            code = batch_worker.work(socket.socket(fileno=channel), self._setup, message["hello"])
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

    def _reap(self) -> None:
        """Tell of each worker that ended, and end what it left behind."""
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
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(status)
            self._tell_end(number, max(code, 0), max(-code, 0))

    def _tell_end(self, number: int, exit_code: int, signal_number: int) -> None:
        with contextlib.suppress(OSError):
            protocol.send(self._control, {"event": "ended", "id": number, "exit": exit_code, "signal": signal_number})

    def _drain_wakeups(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_read.recv(4096):
                pass


def _load(name: str) -> None:
    # One that is missing or broken is missed by the worker that needs it, which can say so.
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)


def main() -> None:
    """Entry of the process; its only argument is the number of the inherited socket."""
    gc.disable()  # What is loaded here stays; workers collect again once they have loaded the flow.
    control = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(control.fileno(), False)
    show_prints_at_once()
    rehearse("plain.yaml")
    BatchZygote(control).serve()
