"""What a test is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEFAULT_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class WorkerEnvironment:
    """The packages that a flow runs with instead of the studio's. `visible` are folders that its path leads to."""

    venv: Path
    visible: tuple[Path, ...] = ()

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    def variables(self, path: str) -> dict[str, str]:
        """What programs find it by, also those that the flow starts; `path` is what stands there without it."""
        return {"VIRTUAL_ENV": str(self.venv), "PATH": f"{self.venv / 'bin'}:{path}"}


@dataclass(frozen=True, slots=True)
class TestRequest:
    """One test of a flow, or of one of its nodes; `init` is for flex flows and prompties.

    `flow_folder` has no links below the share any more. `writable` lets the flow change its own folder and nothing
    else. `connections` are flat fields with secrets, by name: those the flow names and no others; they reach the worker
    over its socket, never by its environment or command line. `servers` are hosts with their ports that a limited
    network lets it reach besides what it lets everybody. `timeout` is in seconds of wall time. A test begins with
    its `notes` as warnings.
    """

    owner: str
    runner: str
    flow_folder: Path
    flow_file: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    node: str | None = None
    variant: str | None = None
    init: Mapping[str, Any] = field(default_factory=dict)
    connections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    servers: frozenset[tuple[str, int]] = frozenset()
    timeout: float | None = DEFAULT_TIMEOUT
    writable: bool = False
    environment: WorkerEnvironment | None = None
    notes: tuple[str, ...] = ()

    def to_message(self) -> dict[str, Any]:
        """The part a worker needs."""
        return {
            "flow": str(self.flow_folder / self.flow_file if self.flow_file else self.flow_folder),
            "folder": str(self.flow_folder),
            "inputs": dict(self.inputs),
            "node": self.node,
            "variant": self.variant,
            "init": dict(self.init),
            "connections": {name: dict(fields) for name, fields in self.connections.items()},
            "environment_variables": dict(self.environment_variables),
        }
