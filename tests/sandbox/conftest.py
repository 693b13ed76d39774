from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pfstudio.sandbox import executor as sandbox
from pfstudio.sandbox import isolation
from pfstudio.sandbox.limits import Limits

MEBIBYTE = 2**20


class Bench:
    """A share with one user's flows beside secrets of the studio, and an executor over it."""

    def __init__(self, root: Path, *, isolated: bool) -> None:
        self.root = root
        self.share = root / "data" / "share"
        self.share.mkdir(parents=True)
        (root / "data" / "secret.key").write_text("the studio's key")
        (root / "data" / "pfstudio.db").write_text("the studio's database")
        limits = Limits(memory=400 * MEBIBYTE, processes=100, scratch=64 * MEBIBYTE)
        self.executor = sandbox.LocalExecutor(
            share_root=self.share, hidden=[root / "data"], limits=limits, isolated=isolated
        )

    def flow(self, body: str, *, owner: str = "ada", name: str = "flow", given: str = "") -> Path:
        """A flow of one python node with this body; it may use the input `given`."""
        folder = self.share / "Users" / owner / "promptflow" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "flow.dag.yaml").write_text(
            f"inputs:\n  given: {{type: string, default: '{given}'}}\n"
            "outputs:\n  out: {type: string, reference: '${node.output}'}\n"
            "nodes:\n- name: node\n  type: python\n  source: {type: code, path: node.py}\n"
            "  inputs: {given: '${inputs.given}'}\n"
        )
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        (folder / "node.py").write_text(f"from promptflow.core import tool\n@tool\ndef node(given: str):\n{lines}")
        return folder

    def start(self, folder: Path, **more: Any) -> sandbox.RunningTest:
        request: dict[str, Any] = {"owner": "ada", "runner": "ada", "writable": True, "timeout": 60.0, **more}
        return self.executor.start(sandbox.TestRequest(flow_folder=folder, **request))

    def run(self, body: str, **more: Any) -> dict[str, Any]:
        """The result of testing a flow with this body."""
        return self.start(self.flow(body), **more).result(timeout=60)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Inside bubblewrap."""
    assert isolation.probe().active, isolation.probe().reason
    yield from _bench(tmp_path, isolated=True)


@pytest.fixture(params=[True, False], ids=["bubblewrap", "processes"])
def any_bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Once inside bubblewrap and once without it."""
    yield from _bench(tmp_path, isolated=request.param)


def _bench(root: Path, *, isolated: bool) -> Iterator[Bench]:
    made = Bench(root, isolated=isolated)
    try:
        yield made
    finally:
        made.executor.close()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    import time

    def wait(condition: Callable[[], bool], seconds: float = 5.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.02)

    return wait
