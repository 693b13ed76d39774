"""The process a batch's workers come from. It has one thread, the engine loaded, and runs nothing of the user's.

It is started before the lines are known. While it waits it loads what models and prompts need; once it has heard which
flow it is, it forks a process that loads the flow. That one forks the workers, at a small part of what loading costs;
where forks of a loaded flow would not be sound, each worker is forked from here and loads the flow itself. When the
inherited socket ends, all of them end.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import mmap
import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pfstudio.models import pauses
from pfstudio.sandbox import batch_stem, batch_worker, protocol
from pfstudio.sandbox.batch_forks import Forks
from pfstudio.sandbox.batch_preload import preload
from pfstudio.sandbox.batch_rehearsal import read_certificates, rehearse, rehearse_models
from pfstudio.sandbox.batch_worker import show_prints_at_once

_FOR_SOME = ("asyncio", "pfstudio.engine.event_loop", "traceback")


class BatchZygote(Forks):
    """Forks the process that loads the flow, passes requests on to it, or forks every worker itself."""

    def __init__(self, control: socket.socket) -> None:
        super().__init__(control)
        pauses.share(mmap.mmap(-1, pauses.SIZE))  # Forks share it: a server's 429 slows all of them.
        self._setup: dict[str, Any] = {}
        self._to_load: list[Callable[[], None]] = [rehearse_models, read_certificates]
        self._to_load += (partial(_load, name) for name in _FOR_SOME)
        self._may_share = True
        self._stem: _StemLine | None = None

    def serve(self) -> None:
        super().serve()
        if self._stem is not None:
            self._stem.end()

    def sockets(self) -> list[socket.socket]:
        return [self._control, *([self._stem.socket] if self._stem is not None else [])]

    def patience(self) -> float | None:
        return 0 if self._to_load else None

    def idle(self) -> None:
        self._to_load.pop(0)()
        gc.freeze()

    def hear(self, source: socket.socket) -> bool:
        if source is self._control:
            return super().hear(source)
        if self._stem is not None and source is self._stem.socket:
            self._hear_stem(self._stem)
        return True

    def _hear_stem(self, stem: _StemLine) -> None:
        received = None
        with contextlib.suppress(OSError):
            received = protocol.receive(stem.socket)
        event: Mapping[str, Any] = received[0] if received is not None else {"event": "alone"}
        if event["event"] == "ended":
            stem.numbers.discard(event["id"])
            self.tell_end(event["id"], event["exit"], event["signal"])
        elif event["event"] == "shared" and stem.pid in self._workers:
            stem.numbers.add(self._workers.pop(stem.pid))
            stem.is_ready = True
            self._start_waiting(stem)
        elif not stem.is_ready:
            self._may_share, self._stem = False, None
            stem.socket.close()
            self._start_waiting(stem)

    def asked(self, message: Mapping[str, Any], descriptors: list[int]) -> None:
        if message["do"] == "setup":
            self._prepare(dict(message))
        elif message["do"] == "start":
            self._start(message, descriptors[0])
        elif self._stem is not None and message["id"] in self._stem.numbers:
            self._stem.pass_on(message, [])
        else:
            super().asked(message, descriptors)

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

    def _start(self, message: Mapping[str, Any], channel: int) -> None:
        if self._stem is None and not self._may_share:
            self.fork(message, channel)
        elif self._stem is None:
            self._start_stem(message, channel)
        elif self._stem.is_ready:
            self._stem.numbers.add(message["id"])
            self._stem.pass_on(message, [channel])
            os.close(channel)
        else:
            self._stem.waiting.append((message, channel))

    def _start_stem(self, message: Mapping[str, Any], channel: int) -> None:
        """Fork the process that loads the flow; requests that come meanwhile wait for it."""
        ours, theirs = socket.socketpair()
        self._stem = _StemLine(ours, theirs)
        self.fork(message, channel)
        theirs.close()
        self._stem.theirs = None
        self._stem.pid = next((pid for pid, number in self._workers.items() if number == message["id"]), 0)

    def _start_waiting(self, stem: _StemLine) -> None:
        while stem.waiting:
            self._start(*stem.waiting.popleft())

    def leave(self) -> None:
        super().leave()
        if self._stem is not None:
            for _, channel in self._stem.waiting:
                os.close(channel)

    def work(self, channel: socket.socket, message: Mapping[str, Any]) -> int:
        share: Callable[[batch_worker.LoadedFlow], None] | None = None
        if self._stem is not None and self._stem.theirs is not None:
            before = batch_stem.process_state()
            control = self._stem.theirs

            def share(flow: batch_worker.LoadedFlow) -> None:
                batch_stem.share(control, flow, message["id"], before)

        return batch_worker.work(channel, self._setup, message["hello"], share)

    def ended(self, pid: int, status: int) -> None:
        stem = self._stem
        if stem is not None and stem.is_ready and stem.pid == pid:
            # Only the kernel can have ended it. Its workers end with it; those that are still wanted start anew.
            self._stem, self._may_share = None, False
            stem.socket.close()
            code = os.waitstatus_to_exitcode(status)
            for number in stem.numbers:
                self.tell_end(number, max(code, 0), max(-code, 0))
            return
        super().ended(pid, status)


class _StemLine:
    """What the zygote knows of the process that has loaded the flow."""

    def __init__(self, ours: socket.socket, theirs: socket.socket) -> None:
        self.socket = ours
        self.theirs: socket.socket | None = theirs  # The other end, until the process has it.
        self.pid = 0
        self.is_ready = False
        self.numbers: set[int] = set()
        self.waiting: deque[tuple[Mapping[str, Any], int]] = deque()

    def pass_on(self, message: Mapping[str, Any], descriptors: list[int]) -> None:
        with contextlib.suppress(OSError):  # Its end is told by the kernel.
            protocol.send(self.socket, message, descriptors)

    def end(self) -> None:
        """End it and its workers, and wait until they have."""
        self.socket.close()
        if self.is_ready:
            with contextlib.suppress(OSError):
                os.waitpid(self.pid, 0)


def _load(name: str) -> None:
    # One that is missing or broken is missed by the worker that needs it, which can say so.
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def main() -> None:
    """Entry of the process; its only argument is the number of the inherited socket."""
    gc.disable()  # What is loaded here stays; workers collect again once they have loaded the flow.
    control = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(control.fileno(), False)
    show_prints_at_once()
    rehearse("plain.yaml")
    BatchZygote(control).serve()
