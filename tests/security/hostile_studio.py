"""A studio as it is served, with a hostile author, one whose work is at stake, and what must never come out.

`Hostile.run` tests a flow of mallory's with one hostile body while ada's page loads again and again; whatever the body
does, it must end with nothing of value, everything else as it was, and ada's pages in time.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pfstudio.sandbox import isolation
from server.process import Serving, is_running, serving

__all__ = ["hostile"]

PASSWORD = "correct horse battery"
MALLORY = "Users/mallory/promptflow/attack"
ADA = "Users/ada/promptflow/work"
CANARY = "canary-of-the-server"
SECRET = "sk-ada-secret-0123456789"
OUTSIDE = "what lies outside"
MARKERS = (CANARY, SECRET, OUTSIDE, "root:$", "BEGIN OPENSSH", "SQLite format 3")
PAGE_SECONDS = 1.5
_HEADER = "import ctypes, glob, json, os, signal, socket, subprocess, sys, threading, time\nfrom pathlib import Path\n"
_YAML = """\
inputs:
  given: {type: string, default: ''}
outputs:
  out: {type: object, reference: '${node.output}'}
nodes:
- name: node
  type: python
  source: {type: code, path: node.py}
  inputs: {given: '${inputs.given}'}
"""


@dataclass
class Hostile:
    """The studio and everyone's tokens. `loads` are the seconds that ada's pages took during the last attack."""

    serving: Serving
    data: Path
    tokens: dict[str, str] = field(default_factory=dict)
    loads: list[float] = field(default_factory=list)

    @property
    def share(self) -> Path:
        return self.data / "share"

    def call(self, username: str | None, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.serving.port, timeout=90)
        if body is not None and not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        if username is not None:
            headers["Authorization"] = f"Bearer {self.tokens[username]}"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def run(self, body: str, given: str = "", **more: Any) -> dict[str, Any]:
        """The result of the test of mallory's flow; nothing of value may be in it, nor anything else have changed."""
        before = self.world()
        self.write(body)
        with self.watched():
            status, answer = self.call("mallory", "POST", f"/api/test/{MALLORY}", {"inputs": {"given": given}, **more})
        text = answer.decode(errors="replace")
        assert not [marker for marker in MARKERS if marker in text], text[:2000]
        assert self.world() == before
        assert status == 200, text
        found: dict[str, Any] = json.loads(answer)
        return found

    def write(self, body: str) -> None:
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        code = f"{_HEADER}from promptflow.core import tool\n\n@tool\ndef node(given: str) -> object:\n{lines}"
        (self.share / MALLORY / "node.py").write_text(code)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """ada loads her pages all the while, and each has to come in time."""
        done = threading.Event()
        failed: list[object] = []
        self.loads = []

        def load() -> None:
            while True:
                for path in ("/", "/api/flows", f"/api/flows/{ADA}", f"/api/content/{ADA}/notes.txt"):
                    began = time.monotonic()
                    try:
                        status, _ = self.call("ada", "GET", path)
                    except OSError as error:
                        failed.append((path, error))
                        return
                    self.loads.append(time.monotonic() - began)
                    if status != 200 and (path, status) != ("/", 503):  # Pages that are being built just now.
                        failed.append((path, status))
                if done.wait(0.05):
                    return

        thread = threading.Thread(target=load, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(60)
        assert not failed, failed
        assert percentile(self.loads) < PAGE_SECONDS, sorted(self.loads)[-5:]

    def world(self) -> dict[str, object]:
        """What a hostile flow must not change: ada's files, what is beside the share, and that the studio runs."""
        files = {str(path): path.read_bytes() for path in sorted((self.share / ADA).rglob("*")) if path.is_file()}
        beside = sorted(path.name for path in self.data.parent.iterdir())
        key = (self.data / "secret.key").read_bytes()
        running = is_running(self.serving.process.pid), tuple(self.serving.web_processes())
        users = sorted(path.name for path in (self.share / "Users").iterdir())
        return {**files, "beside": beside, "key": key, "running": running, "users": users}


def percentile(times: list[float]) -> float:
    """The 95th."""
    return sorted(times)[int(len(times) * 0.95)] if times else 0.0


@contextmanager
def serve_hostile(root: Path, **variables: str) -> Iterator[Hostile]:
    assert isolation.probe().active, isolation.probe().reason
    assert isolation.probe().network_limit is None, isolation.probe().network_limit
    (root / "outside.txt").write_text(OUTSIDE)
    admin = {"PFSTUDIO_ADMIN_USERNAME": "root", "PFSTUDIO_ADMIN_PASSWORD": PASSWORD, "PFSTUDIO_TEST_CANARY": CANARY}
    with serving(root / "data", **admin, **variables) as started:
        made = Hostile(started, root / "data")
        made.tokens["root"] = _token(made, "root")
        for name, role in (("mallory", "author"), ("ada", "author"), ("vic", "viewer")):
            user = {"username": name, "password": PASSWORD, "role": role}
            status, answer = made.call("root", "POST", "/api/users", user)
            assert status == 201, answer
            made.tokens[name] = _token(made, name)
        for place in (MALLORY, ADA):
            folder = made.share / place
            folder.mkdir(parents=True)
            (folder / "flow.dag.yaml").write_text(_YAML)
        (made.share / ADA / "notes.txt").write_text("work of ada")
        secret = {"name": "adas", "type": "open_ai", "api_key": SECRET}
        assert made.call("ada", "POST", "/api/connections", secret)[0] == 201
        yield made


def _token(made: Hostile, name: str) -> str:
    status, answer = made.call(None, "POST", "/api/auth/token", {"username": name, "password": PASSWORD})
    assert status == 200, answer
    return str(json.loads(answer)["token"])


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """One studio for all attacks: none may hinder the next."""
    with serve_hostile(tmp_path_factory.mktemp("hostile")) as made:
        yield made
