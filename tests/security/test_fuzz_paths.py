"""Rows 6, 24, 25, 27, 28 and 36 of the table of incidents: thousands of generated paths go to a running studio.

The routes are those of `route_classes`: every one whose address holds a share path, and every body and query that
names one. bob's folder is full of links that lead away; nothing outside the share is ever told or changed, nor anything
of bob2's, whose name begins like his. `make soak` tries 20,000.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import SOAK
from live_studio import Live, live
from security.route_classes import ROUTES

__all__ = ["live"]

PATHS = 20_000 if SOAK else 500
SECRET = "what nobody may see"
LINKS = {
    "out": "{data}/outside",
    "leaf": "{data}/outside/secret.txt",
    "up": "../../../outside/secret.txt",
    "neighbor": "../bob2",
    "near": "../bob2/kept.txt",
    "root": "/",
    "proc": "/proc/self/cwd",
    "magic": "/proc/self/fd/0",
    "loop": "loop",
    "git": ".git",
    "key": "../../../secret.key",
    "inside": "promptflow/flow",
    "chain": "out/secret.txt",
}
_NAMES = [
    *(
        "..",
        ".",
        "",
        "Users",
        "users",
        "bob",
        "bob2",
        "BOB",
        "promptflow",
        "flow",
        "flow.dag.yaml",
        "kept.txt",
        "new.txt",
    ),
    *(
        *LINKS,
        "secret.txt",
        "secret.key",
        "pfstudio.db",
        ".git",
        ".GIT",
        "git~1",
        "config",
        ".trash",
        ".incoming",
        "fifo",
    ),
    *("device", "\0", "a\0b", "\n", "\x1b[2J", "C:", "c:x", "a\\b", "..\\..", "\uff0e\uff0e", "\u202e", "é", "e\u0301"),
    *(
        "x" * 255,
        "x" * 256,
        "é" * 128,
        "~",
        "~root",
        "$HOME",
        "%2e%2e",
        "%00",
        "CON",
        "a:stream",
        ".pfstudio-tmp-0",
        " ",
    ),
]
_STARTS = ["Users/bob/", "Users/bob/promptflow/flow/", "Users/bob2/", "Users/", "", "/", "//", "Users/bob", "../", "\\"]
_texts = st.builds(
    lambda start, names, tail: start + "/".join(names) + tail,
    st.sampled_from(_STARTS),
    st.lists(st.one_of(st.sampled_from(_NAMES), st.text(max_size=4)), max_size=5),
    st.sampled_from(["", "", "", "/", "/..", "%00", "?x", "#y", ";z"]),
)


def _escaped(text: str, way: str) -> str:
    raw = text.encode("utf-8", "surrogatepass")
    if way == "all":
        return "".join(f"%{byte:02X}" for byte in raw)
    if way == "twice":
        return quote(quote(raw))
    if way == "dots":
        return quote(raw).replace(".", "%2e").replace("%2F", "/")
    if way == "overlong":
        return quote(raw).replace("..", "%c0%ae%c0%ae").replace("/", "%c0%af", 1)
    if way == "plain":  # As a client would send it that escapes only what no request line can hold.
        return "".join(chr(byte) if 33 <= byte < 127 else f"%{byte:02X}" for byte in raw)
    return quote(raw)


_ways = st.sampled_from(["once", "once", "once", "all", "twice", "dots", "overlong", "plain"])
_BODIES: list[tuple[str, str, list[str]]] = [
    ("POST", "/api/uploads", ["path"]),
    ("POST", "/api/files-batch", ["to"]),
    ("POST", "/api/files-batch", ["paths"]),
    ("POST", "/api/flows", ["copy_of"]),
    ("POST", "/api/flows", ["name"]),
    ("PATCH", "/api/files/Users/bob/promptflow/flow/new.txt", ["path"]),
    ("POST", "/api/files/Users/bob/promptflow/copy", ["from"]),
    ("GET", "/api/search/names?q=e&root=", ["query"]),
    ("GET", "/api/search/content?q=nobody&ignored=true&root=", ["query"]),
    ("POST", "/api/import", ["filename"]),
]
_ADDRESSED = sorted(key for key, route in ROUTES.items() if "{path:path}" in key[1])


class _AnyPath(http.client.HTTPConnection):
    """Sends request lines that `http.client` would refuse to send."""

    def _validate_path(self, url: str) -> None:
        """Whatever there is goes out."""


@dataclass
class Prober:
    """bob with a folder full of traps, and one connection."""

    live: Live
    headers: dict[str, str]
    connection: http.client.HTTPConnection
    untouched: dict[Path, bytes | str]
    answers: Counter[int] = field(default_factory=Counter)

    @property
    def data(self) -> Path:
        return self.live.people.share.parent

    def plant(self) -> None:
        """Lay out what bob has, anew."""
        bob = self.live.people.share / "Users/bob"
        shutil.rmtree(bob, ignore_errors=True)
        (bob / ".git").mkdir(parents=True)
        (bob / ".git/config").write_text("[core]")
        flow = self.live.people.make_flow("bob")
        (flow / "new.txt").write_text("mine")
        for name, target in LINKS.items():
            (bob / name).symlink_to(target.format(data=self.data))
            (flow / name).symlink_to(target.format(data=self.data))
        os.mkfifo(bob / "fifo")
        os.mknod(bob / "device", 0o600 | 0o020000, os.makedev(5, 0))

    def ask(self, method: str, address: str, arguments: dict[str, Any]) -> tuple[int, bytes]:
        headers = {**self.headers, **arguments.get("headers", {})}
        body: bytes | None = arguments.get("content")
        if arguments.get("json") is not None:
            body, headers["Content-Type"] = json.dumps(arguments["json"]).encode(), "application/json"
        self.connection.request(method, address, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.answers[answer.status] += 1
        self._check(method, address, answer, text)
        return answer.status, text

    def _check(self, method: str, address: str, answer: http.client.HTTPResponse, text: bytes) -> None:
        what = f"{method} {address}: {answer.status} {text[:300]!r}"
        assert answer.status < 500, what
        assert SECRET.encode() not in text, what
        assert b"root:x:0" not in text, what
        if answer.status >= 400 and method != "HEAD" and text:
            if answer.headers["Content-Type"] == "application/problem+json":
                detail = json.loads(text)["detail"]
                assert detail.replace("\n", "").isprintable(), what
                assert len(detail) > 5, what
            else:  # What is no HTTP at all is answered before the application sees it.
                assert answer.status == 400, what

    def is_untouched(self) -> bool:
        """Whether all that is not bob's is as it was."""
        return _state(self.data) == self.untouched

    def has_no_leftovers(self) -> bool:
        """Whether nothing half-written is anywhere."""
        waiting = self.live.people.share / ".incoming"
        names = {name for _, _, files in os.walk(self.live.people.share) for name in files}
        mine = {name for name in names if name.startswith(".pfstudio-tmp-") and len(name) > 20}
        return not mine and not (waiting.exists() and any(waiting.iterdir()))


def _state(data: Path) -> dict[Path, bytes | str]:
    """Everything outside bob's folder and what the studio keeps for itself."""
    found: dict[Path, bytes | str] = {}
    for top in (data / "outside", data / "share/Users/bob2", data / "share/Users/root", data / "share/Users/vic"):
        for path in [top, *top.rglob("*")]:
            found[path] = path.read_bytes() if path.is_file() else "folder"
    found[data / "secret.key"] = (data / "secret.key").read_bytes()
    found[data / "share"] = ",".join(sorted(item.name for item in (data / "share").iterdir() if item.name[0] != "."))
    found[data / "share/Users"] = ",".join(sorted(item.name for item in (data / "share/Users").iterdir()))
    return found


@pytest.fixture
def prober(live: Live) -> Iterator[Prober]:
    data = live.people.share.parent
    (data / "outside").mkdir()
    (data / "outside/secret.txt").write_text(SECRET)
    (data / "secret.key").write_text(SECRET)
    (data / "share/Users/bob2/kept.txt").write_text("bob2's own")
    live.people.make_flow("bob2", "theirs")
    connection = _AnyPath("127.0.0.1", live.port, timeout=60)
    made = Prober(live, {"Authorization": f"Bearer {live.token('bob')}"}, connection, _state(data))
    made.plant()
    yield made
    connection.close()


def _arguments(key: tuple[str, str]) -> dict[str, Any]:
    route = ROUTES[key]
    return {**route.request, **({"json": route.json} if route.json is not None else {})}


def _with_text(method: str, address: str, kind: str, text: str) -> tuple[str, dict[str, Any]]:
    """The request whose body or query names the path."""
    if kind == "query":
        return address + quote(text.encode("utf-8", "surrogatepass"), safe=""), {}
    if kind == "filename":
        name = text.encode("utf-8", "surrogatepass").translate(None, b'\r\n"')
        part = b'Content-Disposition: form-data; name="files"; filename="%s"\r\n\r\nnodes: []\n\r\n' % name
        form = "multipart/form-data; boundary=fuzz0123456789"
        body = b"--fuzz0123456789\r\n" + part + b"--fuzz0123456789--\r\n"
        return address, {"content": body, "headers": {"Content-Type": form}}
    bodies: dict[str, dict[str, Any]] = {
        "path": {"size": 1, "path": text} if method == "POST" else {"path": text},
        "to": {"action": "copy", "paths": ["Users/bob/promptflow/flow/new.txt"], "to": text},
        "paths": {"action": "move", "paths": [text], "to": "Users/bob/promptflow"},
        "copy_of": {"name": "copied", "type": "standard", "copy_of": text},
        "name": {"name": text, "type": "standard"},
        "from": {"kind": "copy", "from": text},
    }
    return address, {"json": bodies[kind]}


@pytest.mark.timeout(3600)
def test_no_generated_path_gets_out_or_breaks_the_studio(prober: Prober, tell: Callable[[str], None]) -> None:
    targets = range(len(_ADDRESSED) + len(_BODIES))

    @settings(max_examples=PATHS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(targets), _texts, _ways)
    def try_one(target: int, text: str, way: str) -> None:
        if target < len(_ADDRESSED):
            key = _ADDRESSED[target]
            status, answered = prober.ask(
                key[0], key[1].removesuffix("{path:path}") + _escaped(text, way), _arguments(key)
            )
            changed = key[0] not in ("GET", "HEAD")
        else:
            method, address, (kind,) = _BODIES[target - len(_ADDRESSED)]
            address, arguments = _with_text(method, address, kind, text)
            status, answered = prober.ask(method, address, arguments)
            changed = method != "GET"
            if kind == "path" and status == 201 and method == "POST":
                _finish(prober, json.loads(answered)["id"])
        if changed and status < 400:
            assert prober.is_untouched(), (text, way)
            assert prober.has_no_leftovers(), (text, way)
            prober.plant()

    try_one()

    assert prober.is_untouched()
    assert prober.has_no_leftovers()
    counts = ", ".join(f"{count:,} × {status}" for status, count in prober.answers.most_common())
    tell(f"{sum(prober.answers.values()):,} requests with {PATHS:,} generated paths: {counts}")
    assert prober.answers[200] > 0
    assert prober.answers[404] > PATHS // 4


def _finish(prober: Prober, upload: str) -> None:
    """Let an upload that was begun come to its end, or to its refusal."""
    patch = {"content": b"x", "headers": {"Upload-Offset": "0"}}
    prober.ask("PATCH", f"/api/uploads/{upload}", patch)
    status, _ = prober.ask("POST", f"/api/uploads/{upload}/finish", {})
    if status >= 400:
        prober.ask("DELETE", f"/api/uploads/{upload}", {})
