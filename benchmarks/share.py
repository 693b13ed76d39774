"""Fifty people who browse, edit and save at once: how long they wait, and whether anything of theirs is lost."""

from __future__ import annotations

import asyncio
import json
import random
import time
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.studio import PASSWORD, start, stop, token_of
from benchmarks.table import Row
from pfstudio.accounts.service import WAIVER

PEOPLE = 50
SECONDS = 30.0
_WARM_UP = 5.0
_PAUSE = (0.5, 1.5)
"""Seconds between what one person does and what they do next; each time that is one to four requests."""


def measure(folder: Path) -> list[Row]:
    data = folder / "people"
    process, port, _ = start(data, PFSTUDIO_ISOLATION_WAIVER=WAIVER)
    try:
        tokens = _make_people(port)
        load = asyncio.run(_Load(port, tokens).run())
    finally:
        stop(process)
    lost = load.lost(data)
    if lost or load.failures:
        raise SystemExit(f"Lost: {lost[:5]}. Failed: {load.failures[:5]}.")
    rows = [Row(f"{PEOPLE} people: 95 % of {load.count:,} requests wait at most", "ms", load.percentile(), 150)]
    return rows + [Row(f"  {what}", "ms", load.percentile(what), 150) for what in sorted(load.waits)]


def _make_people(port: int) -> dict[str, str]:
    """The accounts, and a token of each."""
    admin = {"Authorization": f"Bearer {token_of(port)}", "Content-Type": "application/json"}
    names = [f"person-{number:02}" for number in range(PEOPLE)]
    for name in names:
        body = json.dumps({"username": name, "password": PASSWORD, "role": "author"}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/users", body, admin)
        urllib.request.urlopen(request, timeout=30).close()
    return {name: token_of(port, name) for name in names}


@dataclass
class _Load:
    port: int
    tokens: dict[str, str]
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    saved: dict[str, bytes] = field(default_factory=dict)
    """What each file must hold at the end."""
    failures: list[str] = field(default_factory=list)

    async def run(self) -> _Load:
        await asyncio.gather(*(_Person(self, name, token).work() for name, token in self.tokens.items()))
        return self

    @property
    def count(self) -> int:
        return sum(map(len, self.waits.values()))

    def percentile(self, what: str | None = None) -> float:
        waits = sorted(self.waits[what] if what else [wait for found in self.waits.values() for wait in found])
        return waits[int(len(waits) * 0.95)] * 1000 if waits else float("inf")

    def lost(self, data: Path) -> list[str]:
        """Files that do not hold what was saved last."""
        return [path for path, text in self.saved.items() if (data / "share" / path).read_bytes() != text]


class _Person:
    """One person: a flow of their own, an event stream, and a connection for everything else."""

    def __init__(self, load: _Load, name: str, token: str) -> None:
        self._load = load
        self._name = name
        self._head = f"Host: 127.0.0.1:{load.port}\r\nAuthorization: Bearer {token}\r\n"
        self._flow = f"Users/{name}/promptflow/mine"
        self._etags: dict[str, str] = {}
        self._chance = random.Random(name)
        self._counts = False

    async def work(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._load.port)
        await self._ask("create a flow", "POST", "/api/flows", {"name": "mine", "type": "standard"})
        listening = asyncio.create_task(self._listen())
        began = time.monotonic()
        while (now := time.monotonic() - began) < _WARM_UP + SECONDS:
            self._counts = now > _WARM_UP
            await asyncio.sleep(self._chance.uniform(*_PAUSE))
            await self._chance.choice((self._browse, self._look_at_others, self._search, self._edit, self._edit))()
        listening.cancel()
        self._writer.close()

    async def _browse(self) -> None:
        await self._ask("flows", "GET", "/api/flows")
        await self._ask("open a flow", "GET", f"/api/flows/{self._flow}")
        await self._ask("list a folder", "GET", f"/api/files/{self._flow}")

    async def _look_at_others(self) -> None:
        other = self._chance.choice(list(self._load.tokens))
        await self._ask("list a folder", "GET", f"/api/files/Users/{other}/promptflow")
        await self._ask("open a flow", "GET", f"/api/flows/Users/{other}/promptflow/mine")
        await self._ask("read a file", "GET", f"/api/content/Users/{other}/promptflow/mine/flow.dag.yaml")

    async def _search(self) -> None:
        await self._ask("search names", "GET", f"/api/search/names?root=Users/{self._name}&q=flow")

    async def _edit(self) -> None:
        """Read a file, change it, save it over what was read, and look at the flow again, as the page does."""
        path = f"{self._flow}/{self._chance.choice(('flow.dag.yaml', 'notes.md'))}"
        before = self._load.saved.get(path)
        if before is None and path.endswith("yaml"):
            before = await self._ask("read a file", "GET", f"/api/content/{path}")
        text = (before or b"") + f"# {self._name} at {time.time_ns()}\n".encode()
        await self._ask("save a file", "PUT", f"/api/content/{path}", text)
        self._load.saved[path] = text
        await self._ask("open a flow", "GET", f"/api/flows/{self._flow}")

    async def _listen(self) -> None:
        """The event stream that every browser has open, watching the flow."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._load.port)
        try:
            writer.write(f"GET /api/events HTTP/1.1\r\n{self._head}Accept: text/event-stream\r\n\r\n".encode())
            while line := await reader.readline():
                if line.startswith(b"data: ") and b'"stream"' in line:
                    stream = json.loads(line[6:])["stream"]
                    watched = {"watch": [self._flow], "open": [f"{self._flow}/flow.dag.yaml"]}
                    await self._send_aside("PUT", f"/api/events/{stream}", watched)
        finally:
            writer.close()

    async def _send_aside(self, method: str, path: str, body: Any) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._load.port)
        writer.write(self._request(method, path, json.dumps(body).encode(), "application/json"))
        await reader.readline()
        writer.close()

    async def _ask(self, what: str, method: str, path: str, body: Any = None) -> bytes:
        began = time.perf_counter()
        plain = isinstance(body, bytes)
        content = body if plain else b"" if body is None else json.dumps(body).encode()
        self._writer.write(
            self._request(method, path, content, "application/octet-stream" if plain else "application/json")
        )
        status, answer = await self._answer(path)
        if self._counts:
            self._load.waits[what].append(time.perf_counter() - began)
        if status >= 400:
            self._load.failures.append(f"{method} {path}: {status} {answer[:200]!r}")
        return answer

    def _request(self, method: str, path: str, content: bytes, kind: str) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\n{self._head}"
        if method in ("PUT", "POST"):
            head += f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        if method == "PUT" and (etag := self._etags.get(path)):
            head += f"If-Match: {etag}\r\n"
        return f"{head}\r\n".encode() + content

    async def _answer(self, path: str) -> tuple[int, bytes]:
        status = int((await self._reader.readline()).split()[1])
        length, chunked = 0, False
        while (line := await self._reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "transfer-encoding":
                chunked = True
            elif name.lower() == "etag" and path.startswith(f"/api/content/Users/{self._name}/"):
                self._etags[path] = value.strip()
        if not chunked:
            return status, await self._reader.readexactly(length)
        pieces = []
        while size := int(await self._reader.readline(), 16):
            pieces.append(await self._reader.readexactly(size))
            await self._reader.readline()
        await self._reader.readline()
        return status, b"".join(pieces)
