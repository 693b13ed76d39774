"""Rows 24 and 27 of the table of incidents: what is a folder or file when it is looked at is a link when it is opened.

A thread swaps a real thing for a link that leads away, as leaf and as ancestor, while each operation of the share runs
again and again, in both ways of opening. Whatever wins, nothing of outside is told or touched.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pfstudio.errors import PromptflowException
from pfstudio.flows.manifest import manifest_of
from pfstudio.kit.ids import new_id
from pfstudio.server.errors import status_of
from pfstudio.share import content, files, trash, uploads
from pfstudio.share.archive import zip_folder
from pfstudio.share.content_search import ContentQuery, search
from pfstudio.share.copying import copy_entry
from pfstudio.share.incoming import Incoming
from pfstudio.share.paths import Share, SharePath

SECRET = b"what nobody may see"
BOB = SharePath.parse("Users/bob")


@dataclass
class Race:
    """bob's folder, in which `swapped` is now a real thing and now a link to outside."""

    share: Share
    outside: Path
    swaps: int = 0

    @property
    def bob(self) -> Path:
        return self.share.users / "bob"

    @contextlib.contextmanager
    def swapping(self, name: str, target: Path) -> Iterator[None]:
        """Swap in one step, many thousand times a second, so that there is always one of the two."""
        stop = threading.Event()
        link = self.bob / "link-that-waits"

        def swap() -> None:
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    link.symlink_to(target)
                with contextlib.suppress(OSError):
                    _exchange(link, self.bob / name)
                    self.swaps += 1
                    _exchange(link, self.bob / name)

        thread = threading.Thread(target=swap, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(10)

    def is_outside_untouched(self) -> bool:
        found = {str(path.relative_to(self.outside)): path for path in self.outside.rglob("*")}
        return sorted(found) == ["folder", "folder/a.txt", "secret.txt"] and all(
            path.read_bytes() == SECRET for path in found.values() if path.is_file()
        )


def _exchange(first: Path, second: Path) -> None:
    """Each becomes the other at once, as `renameat2` does it."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, os.fsencode(first), -100, os.fsencode(second), 2) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


@pytest.fixture(params=["openat2", "walk"])
def race(tmp_path: Path, request: pytest.FixtureRequest) -> Race:
    share = Share(tmp_path / "share", use_openat2=request.param == "openat2")
    share.ensure_owner("bob")
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    for name in ("secret.txt", "folder/a.txt"):
        (outside / name).write_bytes(SECRET)
    return Race(share, outside)


def _zipped(share: Share, path: SharePath) -> bytes:
    with zipfile.ZipFile(io.BytesIO(b"".join(zip_folder(share, path)))) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def _searched(share: Share, path: SharePath) -> bytes:
    query = ContentQuery(share=str(share.root), root=str(path), text="nobody", ignored=True)
    return repr(list(search(query, query.compile()))).encode()


def _copied(share: Share, path: SharePath) -> bytes:
    made = copy_entry(share, path, BOB / "copies" / new_id())
    copied = share.users / "bob" / "copies" / made.name
    found = [copied, *copied.rglob("*")]
    told = b"".join(item.read_bytes() for item in found if item.is_file() and not item.is_symlink())
    trash.delete_for_good(share, trash.put(share, BOB / "copies" / made.name, deleted_by="bob").id)
    return told


def _uploaded(share: Share, path: SharePath) -> bytes:
    upload = uploads.begin(share, username="bob", path=path / "a.txt", size=1)
    uploads.write(share, upload, 0, b"x")
    try:
        uploads.finish(share, uploads.get(share, upload.id, username="bob"))
    finally:
        with contextlib.suppress(PromptflowException):
            uploads.cancel(share, uploads.get(share, upload.id, username="bob"))
    return b""


def _placed(share: Share, path: SharePath) -> bytes:
    with Incoming(share) as incoming:
        with incoming.open_file("new/a.txt") as file:
            incoming.write(file, b"x")
        incoming.place(path / new_id())
    return b""


def _trashed(share: Share, path: SharePath) -> bytes:
    trashed = trash.put(share, path / "a.txt", deleted_by="bob")
    found = share.hidden_folder("trash") / trashed.id / "item"
    told = found.read_bytes()
    trash.restore(share, trashed.id)
    return told


def _moved(share: Share, path: SharePath) -> bytes:
    files.move(share, path / "a.txt", BOB / "moved.txt")
    told = (share.users / "bob" / "moved.txt").read_bytes()
    files.move(share, BOB / "moved.txt", path / "a.txt")
    return told


Operation = Callable[[Share, SharePath], object]
BELOW: dict[str, Operation] = {
    "read": lambda share, path: content.read_bytes(share, path / "a.txt"),
    "list": lambda share, path: repr(files.list_folder(share, path)).encode(),
    "stat": lambda share, path: repr(files.stat_entry(share, path / "secret.txt")).encode(),
    "write": lambda share, path: content.write_bytes(share, path / "a.txt", b"x"),
    "write below a new folder": lambda share, path: content.write_bytes(share, path / "deep/er/a.txt", b"x"),
    "make a folder": lambda share, path: files.make_folder(share, path / new_id()),
    "zip": _zipped,
    "search": _searched,
    "hash": lambda share, path: repr(manifest_of(share, path)).encode(),
    "copy": _copied,
    "upload": _uploaded,
    "import": _placed,
    "delete and restore": _trashed,
    "move away and back": _moved,
}
LEAF: dict[str, Operation] = {
    "read": content.read_bytes,
    "write": lambda share, path: content.write_bytes(share, path, b"mine"),
    "stat": lambda share, path: repr(files.stat_entry(share, path)).encode(),
    "zip of its folder": lambda share, path: _zipped(share, path.parent),
    "search of its folder": lambda share, path: _searched(share, path.parent),
    "hash of its folder": lambda share, path: repr(manifest_of(share, path.parent)).encode(),
    "copy": _copied,
    "copy of its folder": lambda share, path: _copied(share, path.parent),
}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", BELOW)
def test_a_folder_that_becomes_a_link_leads_nowhere(race: Race, name: str, rounds: int) -> None:
    (race.bob / "swapped").mkdir()
    (race.bob / "swapped" / "a.txt").write_bytes(b"mine")
    _run(race, BELOW[name], BOB / "swapped", race.outside / "folder", rounds)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", LEAF)
def test_a_file_that_becomes_a_link_leads_nowhere(race: Race, name: str, rounds: int) -> None:
    (race.bob / "folder").mkdir()
    (race.bob / "folder" / "swapped").write_bytes(b"mine")
    (race.bob / "copies").mkdir()
    _run(race, LEAF[name], BOB / "folder/swapped", race.outside / "secret.txt", rounds)


def _run(race: Race, operation: Operation, path: SharePath, target: Path, rounds: int) -> None:
    with race.swapping(path.below, target):
        tries = 0
        while tries < rounds * 20 or race.swaps < 50:
            tries += 1
            try:
                told = operation(race.share, path)
            except PromptflowException as error:
                assert status_of(error) < 500, error
                continue
            assert not isinstance(told, bytes) or SECRET not in told
    assert race.is_outside_untouched()
    assert not list(race.bob.rglob(".pfstudio-tmp-*"))
