"""Flows to run: the samples of `tests/flows`, and folders written on the spot."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flow_folders import SAMPLES, KnownConnections, Recorder
from pfstudio.connections.types import Connection
from pfstudio.engine.executor import FlowExecutor
from pfstudio.tools.registry import package_tools
from tool_package import install_sample_package

LoadFlow = Callable[..., FlowExecutor]
WriteFlow = Callable[..., Path]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def load_flow() -> Iterator[LoadFlow]:
    """Loads a sample by its name, or any folder; closes it after the test."""
    opened: list[FlowExecutor] = []

    def load(flow: str | Path, *known: Connection, **options: Any) -> FlowExecutor:
        folder = SAMPLES / flow if isinstance(flow, str) else flow
        opened.append(FlowExecutor.load(folder, connections=KnownConnections(*known), **options))
        return opened[-1]

    yield load
    for executor in opened:
        executor.close()


@pytest.fixture
def write_flow(tmp_path: Path) -> WriteFlow:
    """Writes a flow folder: its YAML, and files by their path."""

    def write(yaml: str, files: Mapping[str, str] | None = None, *, name: str = "a_flow") -> Path:
        folder = tmp_path / name
        for path, content in {"flow.dag.yaml": yaml, **(files or {})}.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def sample_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed package that offers tools the way promptflow's tool packages do."""
    install_sample_package(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    package_tools.cache_clear()
    yield
    package_tools.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "sample_package"]:
        del sys.modules[name]
