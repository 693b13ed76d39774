"""Programs in sandboxes of their own: a terminal, a git command, an environment's build.

One thread of the studio starts, watches and ends them. It must be one thread that stays: the kernel ends a sandbox with
the thread that started it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.sandbox import isolation, limits, network
from pfstudio.sandbox.errors import SandboxUnavailableError
from pfstudio.sandbox.watching import Watch
from pfstudio.sandbox.zygotes import kill_tree

_log = logging.getLogger(__name__)
_TICK = 0.1


class SandboxedProcess:
    """A started program. `process` is the sandbox around it: its pipes, its exit code and its end are the program's.

    `reason` says why the studio ended it, where it did: a limit that it met.
    """

    def __init__(self, process: subprocess.Popen[bytes], watch: Watch, *, isolated: bool) -> None:
        self.process = process
        self.reason: PromptflowException | None = None
        self.watch = watch
        self._isolated = isolated
        self._network: network.LimitedNetwork | None = None
        self._ending = threading.Lock()
        self._ended = False

    def end(self) -> None:
        """End it and all that it started, now, and give back what it held; harmless once it has ended."""
        with self._ending:
            if self._ended:
                return
            self._ended = True
            self._kill()
            if self._network is not None:
                self._network.close()
            self.watch.close()

    def _kill(self) -> None:
        root = self.process.pid
        if self.process.poll() is None:
            if not self._isolated:
                kill_tree(root)
            for pid in [*limits.children_of(root), root]:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=2)
        elif not self._isolated:
            with contextlib.suppress(OSError):
                os.killpg(root, signal.SIGKILL)

    def limit_network(self, inside: int, rules: network.Rules) -> None:
        self._network = network.LimitedNetwork(inside, rules)


def start(
    spec: isolation.SandboxSpec,
    use: limits.Limits,
    command: Sequence[str],
    *,
    subject: str = "The program",
    rules: network.Rules | None = None,
    **popen: Any,
) -> SandboxedProcess:
    """Start `command` in a sandbox and watch it until it ends. `popen` are further arguments of `subprocess.Popen`.

    Without isolation (which allows one account only) it starts as a process of this user, in `spec.working_folder`.
    `subject` begins the sentence of `reason`: "The terminal". Call `end` when its output is read; it is also ended when
    it meets a limit.

    Raises:
        SandboxUnavailableError: it could not be started; the sentence says why.
    """
    order = _Order(spec, use, command, subject, rules or network.Rules(), popen)
    started: Future[SandboxedProcess] = Future()
    _keeper().order(partial(_start_into, started, order))
    found = started.result(timeout=60)
    _keeper().watch(found)
    return found


@dataclass(frozen=True, slots=True)
class _Order:
    spec: isolation.SandboxSpec
    use: limits.Limits
    command: Sequence[str]
    subject: str
    rules: network.Rules
    popen: dict[str, Any]


def _start_into(started: Future[SandboxedProcess], order: _Order) -> None:
    try:
        begin = _start_isolated if isolation.probe().active else _start_plain
        started.set_result(begin(order))
    except OSError as error:
        started.set_exception(SandboxUnavailableError(str(error)))
    except BaseException as error:  # It belongs to whoever waits.
        started.set_exception(error)


def _start_plain(order: _Order) -> SandboxedProcess:
    spec = order.spec
    options: dict[str, Any] = {"start_new_session": True, "cwd": spec.working_folder, **order.popen}
    environment = {**isolation.worker_environment(isolated=False), **spec.variables}
    if spec.home is not None:
        environment["HOME"] = str(spec.home)
    options["pass_fds"] = [*order.popen.get("pass_fds", ()), *spec.descriptors]
    command = isolation.launched(spec, order.use, order.command)
    process = subprocess.Popen(command, env=environment, **options)  # noqa: S603 - the caller's command, no shell.
    return _watched(process, order, isolated=False)


def _watched(process: subprocess.Popen[bytes], order: _Order, *, isolated: bool) -> SandboxedProcess:
    watch = Watch(process.pid, order.spec, order.use, isolated=isolated, subject=order.subject)
    return SandboxedProcess(process, watch, isolated=isolated)


def _start_isolated(order: _Order) -> SandboxedProcess:
    """The program itself is held back until its groups and its network are there."""
    line, descriptors = isolation.sandbox_command(order.spec, order.use, order.command)
    info, info_theirs = os.pipe()
    held, release = os.pipe()
    descriptors += [info_theirs, held]
    line[1:1] = ["--info-fd", str(info_theirs), "--block-fd", str(held)]
    options: dict[str, Any] = {"start_new_session": True, **order.popen}
    options["pass_fds"] = [*order.popen.get("pass_fds", ()), *order.spec.descriptors, *descriptors]
    try:
        process = subprocess.Popen(line, env={}, cwd="/", **options)  # noqa: S603 - our own arguments, no shell.
    except OSError:
        os.close(release)
        os.close(info)
        raise
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    found = _watched(process, order, isolated=True)
    try:
        inside = network.read_process_inside(info)
        found.watch.contain([inside])
        if order.spec.network == "limited":
            found.limit_network(inside, order.rules)
        os.write(release, b"!")
    except (OSError, SandboxUnavailableError):
        found.end()
        raise
    finally:
        os.close(info)
        os.close(release)
    return found


@functools.cache
def _keeper() -> _ProcessKeeper:
    return _ProcessKeeper()


class _ProcessKeeper:
    """The thread, and what it watches."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[partial[None]] = queue.SimpleQueue()
        self._running: list[SandboxedProcess] = []
        threading.Thread(target=self._run, name="sandboxed-processes", daemon=True).start()

    def order(self, action: partial[None]) -> None:
        self._orders.put(action)

    def watch(self, started: SandboxedProcess) -> None:
        self._orders.put(partial(self._running.append, started))

    def _run(self) -> None:
        limits.prefer_this_thread()
        while True:
            with contextlib.suppress(queue.Empty):
                self._orders.get(timeout=_TICK if self._running else None)()
            for running in list(self._running):
                try:
                    self._look_at(running)
                except Exception:  # The thread must live: its end would end every sandbox.
                    _log.exception("watching a sandbox met an error")

    def _look_at(self, running: SandboxedProcess) -> None:
        if running.process.poll() is not None:
            running.end()
            self._running.remove(running)
            return
        too_much = running.watch.exceeded()
        if too_much is not None:
            running.reason = too_much
            running.end()
