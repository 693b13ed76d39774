"""The process that has loaded a batch's flow and forks its workers, so that only the first has to load it.

promptflow 1.18 did so too: module state that a flow's code made while it was loaded is the same in every worker. It is
not done where a fork would not carry over what the code made: threads, open files and sockets, children, timers.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pfstudio.sandbox import protocol
from pfstudio.sandbox.batch_forks import Forks, apart
from pfstudio.sandbox.batch_worker import LoadedFlow

State: TypeAlias = tuple[object, ...]
_SECONDS_TO_LEAVE = 1
_PROCESS = Path("/proc/self")


class Stem(Forks):
    """Forks workers of a loaded flow; `control` leads to the zygote."""

    def __init__(self, control: socket.socket, flow: LoadedFlow) -> None:
        super().__init__(control)
        self._flow = flow

    def adopt(self, pid: int, number: int) -> None:
        """The worker that was forked first."""
        self._workers[pid] = number

    def work(self, channel: socket.socket, message: Mapping[str, Any]) -> int:
        self._flow.connect(channel)
        return self._flow.serve(weigh=message["hello"]["weigh"])


def share(control: socket.socket, flow: LoadedFlow, number: int, before: State | None) -> None:
    """Called in the worker that has loaded the flow: returns in a fork of it, and serves the zygote in this process.

    Returns in this process where the flow cannot be shared.
    """
    with control:
        if before is None or flow.is_object or process_state() != before:
            protocol.send(control, {"event": "alone"})
            return
        gc.freeze()  # Keeps the collector of each child from touching, and so copying, what they share.
        pid = os.fork()
        if pid:
            flow.disconnect()
            stem = Stem(control, flow)
            stem.adopt(pid, number)
            protocol.send(control, {"event": "shared"})
            stem.serve()
            _take_leave()
            os._exit(0)
    apart()
    flow.reconnect()


def _take_leave() -> None:
    """Do what the flow's code wants done at the end, once for all workers, as the original did."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_SECONDS_TO_LEAVE)
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()


def process_state() -> State | None:
    """What this process has that its forks would not have, or would have in common; None where nobody tells."""
    try:
        threads = os.listdir(_PROCESS / "task")  # noqa: PTH208 - names are all that is wanted.
        children = tuple((_PROCESS / "task" / thread / "children").read_text() for thread in threads)
        files = frozenset(_open_files())
    except OSError:
        return None
    return len(threads), children, files, signal.getitimer(signal.ITIMER_REAL)[0] > 0, signal.getsignal(signal.SIGCHLD)


def _open_files() -> list[tuple[str, str]]:
    found = []
    for name in os.listdir(_PROCESS / "fd"):  # noqa: PTH208 - names are all that is wanted.
        with contextlib.suppress(FileNotFoundError):  # The one that lists them is closed again.
            found.append((name, os.readlink(_PROCESS / "fd" / name)))  # noqa: PTH115 - text, not a path.
    return found
