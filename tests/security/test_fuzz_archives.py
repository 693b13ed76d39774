"""Row 41 of the table of incidents: thousands of generated and damaged zips go to the import of a running studio.

Whatever they are, nothing leaves the flow they become, the answer is no 500 and says why in one sentence, and what is
refused leaves nothing. `make soak` tries 20,000 of each kind.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import stat
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from conftest import SOAK
from live_studio import Live, live
from pfstudio.share.paths import Limits, is_git_name
from security.zips import Item, hostile_zips, mutate, pack

__all__ = ["live"]

ARCHIVES = 20_000 if SOAK else 300
LIMITS = Limits(import_bytes=60_000, entries=100, ratio_from=20_000, ratio=20)  # So that small zips reach them.
_BOUNDARY = b"pfstudiofuzz0123456789pfstudiofuzz"
_HEAD = b'--%s\r\nContent-Disposition: form-data; name="files"; filename="some.zip"\r\n\r\n' % _BOUNDARY
_TAIL = b"\r\n--%s--\r\n" % _BOUNDARY


@dataclass
class Importer:
    """Sends zips as bob over one connection, and looks after each whether all is as it must be."""

    live: Live
    connection: http.client.HTTPConnection
    headers: dict[str, str]
    secret: Path
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def flows(self) -> Path:
        return self.live.people.share / "Users/bob/promptflow"

    def bring_in(self, archive: bytes) -> Path | None:
        """The folder that it became, if it was taken."""
        self.connection.request("POST", "/api/import", _HEAD + archive + _TAIL, self.headers)
        answer = self.connection.getresponse()
        body: dict[str, str] = json.loads(answer.read())
        self.answers[body.get("code", "taken")] += 1
        if answer.status == 201:
            return self.flows / body["path"].split("/", 3)[3].split("/")[0]
        assert answer.status in (400, 404, 413), body
        assert body["detail"].isprintable(), body
        assert 20 < len(body["detail"]) < 500, body
        assert body["detail"].endswith("."), body
        return None

    def check(self, folder: Path | None, items: list[Item] | None = None) -> None:
        """Everything that came in is where it may be; everything else is as it was."""
        share = self.live.people.share
        assert sorted(item.name for item in self.flows.iterdir()) == ([folder.name] if folder else [])
        assert not list((share / ".incoming").iterdir())
        assert sorted(item.name for item in (share / "Users/bob").iterdir()) == ["promptflow"]
        assert sorted(item.name for item in (share / "Users/bob2").iterdir()) == ["promptflow", "secret.txt"]
        assert self.secret.read_text() == "bob2's"
        assert sorted(item.name for item in share.iterdir()) == [".incoming", "Users"]
        if folder is not None:
            self._check_inside(folder)
            if items is not None:
                _check_contents(folder, items)
            _remove(folder)

    def _check_inside(self, folder: Path) -> None:
        seen = set()
        for place, folders, names in os.walk(folder):
            for name in [*folders, *names]:
                path, info = Path(place, name), Path(place, name).lstat()
                assert not is_git_name(name)
                assert not name.startswith(".pfstudio-tmp-")
                key = str(path).casefold()
                assert key not in seen
                seen.add(key)
                if stat.S_ISLNK(info.st_mode):
                    assert path.resolve().is_relative_to(folder.resolve()), path
                    continue
                assert stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)
                assert not info.st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX)
                assert info.st_nlink == 1 or stat.S_ISDIR(info.st_mode)


def _check_contents(folder: Path, items: list[Item]) -> None:
    """No file is half of what its entry holds."""
    whole = {item.data for item in items}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert path.read_bytes() in whole, path


def _remove(folder: Path) -> None:
    for place, folders, names in os.walk(folder, topdown=False):
        for name in names:
            Path(place, name).unlink()
        for name in folders:
            path = Path(place, name)
            path.unlink() if path.is_symlink() else path.rmdir()
    folder.rmdir()


@pytest.fixture
def importer(live: Live) -> Iterator[Importer]:
    share = live.people.share
    secret = share / "Users/bob2/secret.txt"
    secret.write_text("bob2's")
    (share / ".incoming").mkdir(exist_ok=True)
    live.people.studio.share.limits = LIMITS
    connection = live.connect()
    headers = {
        "Authorization": f"Bearer {live.token('bob')}",
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY.decode()}",
    }
    yield Importer(live, connection, headers, secret)
    connection.close()


@pytest.mark.timeout(3600)
def test_no_generated_zip_gets_out_of_its_flow_or_breaks_the_studio(
    importer: Importer, tell: Callable[[str], None]
) -> None:
    slowest = 0.0

    @settings(max_examples=ARCHIVES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(hostile_zips())
    def try_one(made: tuple[bytes, list[Item]]) -> None:
        nonlocal slowest
        archive, items = made
        began = time.monotonic()
        folder = importer.bring_in(archive)
        slowest = max(slowest, time.monotonic() - began)
        importer.check(folder, items)

    try_one()

    tell(_figures("generated", importer.answers, slowest))
    assert slowest < 20
    assert importer.answers["taken"] > ARCHIVES // 100
    assert importer.answers["archive_refused"] > ARCHIVES // 10
    assert importer.answers["archive_too_large"] > 0


def _sound_zips() -> list[bytes]:
    """What the mutations begin with: one zip of each kind that is taken."""
    flow = Item(b"flow/flow.dag.yaml", b"nodes: []\n")
    linked = Item(b"flow/link", b"a.txt", mode=stat.S_IFLNK | 0o777)
    text = Item(b"flow/a.txt", b"hello " * 50)
    streamed = io.BytesIO()
    with zipfile.ZipFile(streamed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("flow/flow.dag.yaml", "flow/sub/b.bin"):
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(b"nodes: []\n")
    return [
        pack([flow, text, linked]),
        pack([flow, Item(b"flow/sub/", mode=stat.S_IFDIR | 0o755), Item(b"flow/sub/b", b"b", method=0)]),
        pack([flow, Item(b"flow/c", b"c" * 3000, zip64=True), Item(b"flow/d", b"d", flags=0x808)]),
        streamed.getvalue(),
    ]


@pytest.mark.timeout(3600)
def test_no_damage_to_a_zip_gets_out_of_its_flow_or_breaks_the_studio(
    importer: Importer, tell: Callable[[str], None]
) -> None:
    sound = _sound_zips()
    for archive in sound:
        folder = importer.bring_in(archive)
        assert folder is not None
        importer.check(folder)
    slowest = 0.0
    for number in range(ARCHIVES):
        began = time.monotonic()
        try:
            importer.check(importer.bring_in(mutate(sound, number)))
        except AssertionError as error:
            raise AssertionError(f"damage number {number}: {error}") from error
        slowest = max(slowest, time.monotonic() - began)

    tell(_figures("damaged", importer.answers, slowest))
    assert slowest < 20
    assert importer.answers["taken"] > ARCHIVES // 100
    assert importer.answers["archive_refused"] > ARCHIVES // 10


def _figures(kind: str, answers: Counter[str], slowest: float) -> str:
    counts = ", ".join(f"{count:,} {code}" for code, count in answers.most_common())
    return f"{sum(answers.values()):,} {kind} zips: {counts}; slowest {slowest:.2f} s"
