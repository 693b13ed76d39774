"""Where tests run: the `Executor` interface, and the one that uses processes of this machine."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from pfstudio.sandbox import isolation
from pfstudio.sandbox.errors import SandboxUnavailableError
from pfstudio.sandbox.isolation import Network
from pfstudio.sandbox.keeper import Keeper
from pfstudio.sandbox.limits import Limits
from pfstudio.sandbox.network import Rules
from pfstudio.sandbox.request import TestRequest
from pfstudio.sandbox.running import RunningTest
from pfstudio.sandbox.zygotes import SandboxKey

__all__ = ["Executor", "LocalExecutor", "RunningTest", "TestRequest", "TestSessions"]


class Executor(Protocol):
    """Starts tests somewhere."""

    def start(self, request: TestRequest) -> RunningTest:
        """Begin; returns at once. Failures to start are a `finished` event like any other."""

    def close(self) -> None:
        """End everything that runs."""


class LocalExecutor:
    """Workers of this machine, inside bubblewrap where it works.

    `share_root` is readable by every worker; `hidden` folders (the studio's data) by none, even where one lies below
    the other's path or the interpreter's. Of those below `environments` a worker sees its own. A sandbox
    is kept for `idle_seconds` after its last test.
    """

    def __init__(
        self,
        *,
        share_root: Path | None = None,
        hidden: Sequence[Path] = (),
        environments: Path | None = None,
        limits: Limits | None = None,
        isolated: bool | None = None,
        idle_seconds: float = 300.0,
        most_sandboxes: int = 16,
        network: Network = "host",
        rules: Rules | None = None,
    ) -> None:
        self._share_root = share_root.resolve() if share_root is not None else None
        self._hidden = tuple(folder.resolve() for folder in hidden)
        self._environments = environments.resolve() if environments is not None else None
        self._isolated = isolation.probe().active if isolated is None else isolated
        self._network: Network = network
        self._numbers = itertools.count(1)
        self._keeper = Keeper(
            self._specify,
            limits or Limits(),
            isolated=self._isolated,
            idle_seconds=idle_seconds,
            most_sandboxes=most_sandboxes,
            rules=rules or Rules(),
        )

    def start(self, request: TestRequest) -> RunningTest:
        test: RunningTest = RunningTest(next(self._numbers), request, lambda: self._keeper.cancel(test))
        for note in request.notes:
            test.publish({"event": "log", "level": "warning", "message": note, "node": None})
        key = SandboxKey(
            request.owner,
            request.runner,
            request.flow_folder,
            request.writable,
            request.environment,
            request.servers if self._network == "limited" else frozenset(),
        )
        self._keeper.start(key, test)
        return test

    def close(self) -> None:
        self._keeper.close()

    def _specify(self, key: SandboxKey) -> isolation.SandboxSpec:
        if self._share_root is not None and not key.flow_folder.is_relative_to(self._share_root):
            raise SandboxUnavailableError("the flow is not in the share")
        spec = isolation.SandboxSpec(
            key.flow_folder,
            key.writable,
            self._share_root,
            self._hidden,
            network=self._network,
            closes_descriptors=True,
        )
        if key.environment is None:
            return spec
        path = isolation.worker_environment(isolated=self._isolated)["PATH"]
        folders = (key.environment.venv, *key.environment.visible)
        binds = tuple(isolation.Bind(folder, below=self._environments) for folder in folders)
        return replace(spec, binds=binds, variables=key.environment.variables(path))


class TestSessions:
    """The tests of a studio that run now, found again by who runs which flow."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._running: list[RunningTest] = []
        self._lock = threading.Lock()

    def start(self, request: TestRequest) -> RunningTest:
        """Begin a test; returns at once."""
        test = self._executor.start(request)
        with self._lock:
            self._running = [other for other in self._running if not other.is_finished] + [test]
        return test

    def running(self, runner: str, flow_folder: Path, flow_file: str | None = None) -> list[RunningTest]:
        """The tests of this flow that this runner has started and that have not finished.

        Without a file, of all flows of the folder.
        """
        with self._lock:
            candidates = list(self._running)
        return [
            test
            for test in candidates
            if not test.is_finished
            and test.request.runner == runner
            and test.request.flow_folder == flow_folder
            and flow_file in (None, test.request.flow_file)
        ]

    def cancel(self, runner: str, flow_folder: Path, flow_file: str | None = None) -> int:
        """Stop them; returns how many."""
        tests = self.running(runner, flow_folder, flow_file)
        for test in tests:
            test.cancel()
        return len(tests)

    def close(self) -> None:
        """End everything that runs."""
        self._executor.close()
