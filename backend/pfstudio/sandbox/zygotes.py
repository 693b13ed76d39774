"""One started zygote as the studio sees it: a process, a control socket, and the conversations with its workers."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.sandbox import isolation, limits, network, protocol
from pfstudio.sandbox.conversation import Conversation
from pfstudio.sandbox.errors import SandboxUnavailableError
from pfstudio.sandbox.request import WorkerEnvironment
from pfstudio.sandbox.running import RunningTest
from pfstudio.sandbox.watching import Watch

_KILL_SECONDS = 1.0
_MOST_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class SandboxKey:
    """What a sandbox may be shared by: the same code of the same owner, with the same rights, for the same runner."""

    owner: str
    runner: str
    flow_folder: Path
    writable: bool
    environment: WorkerEnvironment | None = None
    servers: frozenset[tuple[str, int]] = frozenset()


class ZygoteProcess:
    """Owned by the keeper's thread, which must outlive it: the kernel ends it with the thread that started it.

    Raises:
        SandboxUnavailableError: no process could be started.
    """

    def __init__(
        self,
        spec: isolation.SandboxSpec,
        use: limits.Limits,
        *,
        isolated: bool,
        python: str = sys.executable,
        rules: network.Rules,
    ) -> None:
        self.conversations: dict[int, Conversation] = {}
        self.last_used = time.monotonic()
        self._limits = use
        self._isolated = isolated
        self._info: int | None = None
        self._reader = protocol.FrameReader()
        self.control, theirs = socket.socketpair()
        errors, errors_theirs = os.pipe()
        self.errors = errors
        try:
            self.process = self._spawn(spec, python, theirs, errors_theirs)
        except OSError as error:
            self.control.close()
            os.close(errors)
            raise SandboxUnavailableError(str(error)) from error
        finally:
            theirs.close()
            os.close(errors_theirs)
        self.control.setblocking(False)
        os.set_blocking(errors, False)
        self.watch = Watch(self.process.pid, spec, use, isolated=isolated, subject="The test")
        self._network: network.LimitedNetwork | None = None
        if isolated and spec.network == "limited":
            self._limit_network(rules)

    def _limit_network(self, rules: network.Rules) -> None:
        """While this is done the zygote loads what it needs; no worker begins before."""
        if self._info is None:
            raise AssertionError("A limited network needs to know a process inside.")
        try:
            inside = network.read_process_inside(self._info)
            self.watch.contain([inside])
            self._network = network.LimitedNetwork(inside, rules)
        except (OSError, SandboxUnavailableError) as error:
            words = self.last_words()
            self.destroy()
            raise SandboxUnavailableError(words or str(error)) from error
        finally:
            os.close(self._info)
            self._info = None

    def _spawn(
        self, spec: isolation.SandboxSpec, python: str, theirs: socket.socket, errors: int
    ) -> subprocess.Popen[bytes]:
        control = str(theirs.fileno())
        command = [python, "-I", "-m", "pfstudio.sandbox.zygote", control]
        descriptors: list[int] = []
        if self._isolated:
            command, descriptors = isolation.sandbox_command(spec, self._limits, [*command, "alone"])
            if spec.network == "limited":
                self._info, info = os.pipe()
                descriptors.append(info)
                command[1:1] = ["--info-fd", str(info)]
        try:
            return subprocess.Popen(  # noqa: S603 - our own arguments, no shell.
                command,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env={**isolation.worker_environment(isolated=self._isolated), **spec.variables},
                cwd="/",
                pass_fds=[theirs.fileno(), *descriptors],
                start_new_session=True,
            )
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def start(self, test: RunningTest) -> Conversation:
        """Have a worker forked for this test.

        Raises:
            SandboxUnavailableError: the zygote is gone or does not listen any more.
        """
        ours, theirs = socket.socketpair()
        raw_output, raw_theirs = os.pipe()
        message = {"do": "start", "id": test.id, "limits": self._limits.to_message(isolated=self._isolated)}
        try:
            protocol.send(self.control, message, [theirs.fileno(), raw_theirs])
        except OSError as error:
            ours.close()
            os.close(raw_output)
            raise SandboxUnavailableError(self.last_words() or str(error)) from error
        finally:
            theirs.close()
            os.close(raw_theirs)
        conversation = Conversation(test, ours, raw_output, self._limits)
        self.conversations[test.id] = conversation
        self.last_used = time.monotonic()
        return conversation

    def kill_worker(self, conversation: Conversation) -> None:
        """Ask the zygote to end a worker; `kill_by` says from when on the whole sandbox has to go instead."""
        conversation.kill_by = time.monotonic() + _KILL_SECONDS
        with contextlib.suppress(OSError):
            protocol.send(self.control, {"do": "kill", "id": conversation.test.id})

    def reports(self) -> list[dict[str, Any]] | None:
        """What the zygote has told since the last time; None once it is gone or talks nonsense."""
        try:
            data = self.control.recv(1 << 16)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        try:
            return list(self._reader.feed(data))
        except protocol.ProtocolError:
            return None

    def last_words(self) -> str:
        """What bubblewrap or Python said on standard error before it ended."""
        with contextlib.suppress(OSError):
            text = os.read(self.errors, 1 << 16).decode("utf-8", errors="replace").strip()
            return text.splitlines()[-1] if text else ""
        return ""

    def destroy(self) -> None:
        """End every process of the sandbox, now. Inside bubblewrap the kernel ends all with the child, their pid 1."""
        if not self._isolated:
            kill_tree(self.process.pid)
        for pid in [*limits.children_of(self.process.pid), self.process.pid]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)
        if self._network is not None:
            self._network.close()
        self.watch.close()
        self.control.close()
        os.close(self.errors)


def kill_tree(root: int) -> None:
    """End all below `root` first: while it lives they stay its descendants, and none gets away by forking."""
    end = time.monotonic() + _KILL_SECONDS
    while time.monotonic() < end:
        below = limits.process_tree(root, most=_MOST_AT_ONCE)[1:]
        if not below:
            return
        for pid in below:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)
