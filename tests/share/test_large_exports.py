"""A large folder leaves a real studio as a zip: fast, in little memory, and the same every time."""

from __future__ import annotations

import hashlib
import http.client
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import SOAK
from large_folders import fill_folder
from server.process import serving

SIZES = (1_000_000_000, 5_000_000_000) if SOAK else (60_000_000,)
_MEMORY = 60_000_000
_PIECE = 1 << 20
_FLOW = "Users/ada/large"
_ADMIN = {"PFSTUDIO_ADMIN_USERNAME": "ada", "PFSTUDIO_ADMIN_PASSWORD": "large folders of ada"}
# Only the zip: the memory of a process that makes one, and how long its processor works.
_EXPORT = """\
import resource, sys
from pathlib import Path
from pfstudio.share.archive import zip_folder
from pfstudio.share.paths import Share, SharePath
with open(sys.argv[3], "wb", buffering=0) as target:
    for piece in zip_folder(Share(Path(sys.argv[1])), SharePath.parse(sys.argv[2])):
        target.write(piece)
spent = resource.getrusage(resource.RUSAGE_SELF)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(peak.split()[1]) * 1024, spent.ru_utime + spent.ru_stime)  # Its own peak; `ru_maxrss` has our parent's too.
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for gigabytes, which pytest would keep."""
    folder = tempfile.mkdtemp(prefix="pfstudio-large-")
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("size", SIZES)
def test_a_large_folder_is_zipped_as_fast_as_by_others_and_in_little_memory(
    place: Path, size: int, tell: Callable[[str], None]
) -> None:
    folder = place / "share" / _FLOW
    size = fill_folder(folder, size)

    theirs = _seconds_of_another_tool(folder, place / "theirs.zip")
    (place / "theirs.zip").unlink(missing_ok=True)
    command = [sys.executable, "-c", _EXPORT, str(place / "share"), _FLOW, str(place / "ours.zip")]
    memory, ours = map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())

    packed = (place / "ours.zip").stat().st_size
    tell(
        f"export of {size / 1e9:.2f} GB: {ours:.1f} s of a processor, {theirs:.1f} s by "
        f"{'Info-ZIP' if shutil.which('zip') else 'zlib'}: {theirs / ours:.1f} times its speed; "
        f"{memory / 1e6:.0f} MB of memory; a zip of {packed / 1e9:.2f} GB"
    )
    assert theirs / ours >= 0.8
    assert memory <= _MEMORY
    with zipfile.ZipFile(place / "ours.zip") as archive:
        assert sum(entry.file_size for entry in archive.infolist()) == size
        assert SOAK or archive.testzip() is None


def _seconds_of_another_tool(folder: Path, target: Path) -> float:
    """How long a processor works to zip the folder with Info-ZIP; where it is not installed, to deflate its files as
    Info-ZIP does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    if zip_ := shutil.which("zip"):
        subprocess.run([zip_, "-q", "-r", str(target), folder.name], cwd=folder.parent, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    began = time.process_time()
    for file in folder.rglob("*"):
        if file.is_file():
            packer = zlib.compressobj(6, zlib.DEFLATED, -15)
            with file.open("rb") as source:
                while piece := source.read(_PIECE):
                    packer.compress(piece)
            packer.flush()
    return time.process_time() - began


@pytest.mark.timeout(3600)
def test_a_studio_sends_a_large_folder_twice_the_same_and_grows_little(
    place: Path, tell: Callable[[str], None]
) -> None:
    data = place / "data"
    size = fill_folder(data / "share" / _FLOW, SIZES[-1])
    with serving(data, **_ADMIN) as studio:
        token = _token(studio.port)
        _download(studio.port, token, "Users/ada/promptflow")  # What is loaded once is not the export's.
        with _Watched(studio.web_processes()) as watched:
            began = time.monotonic()
            first = _download(studio.port, token, _FLOW)
            seconds = time.monotonic() - began
            second = _download(studio.port, token, _FLOW)

    tell(
        f"a studio sent {size / 1e9:.2f} GB as {first[1] / 1e9:.2f} GB in {seconds:.1f} s and grew by "
        f"{watched.grown / 1e6:.0f} MB"
    )
    assert first == second
    assert watched.grown <= _MEMORY


class _Watched:
    """By how much the processes grow at most while the block runs."""

    def __init__(self, processes: list[int]) -> None:
        self._processes = processes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.grown = 0

    def __enter__(self) -> _Watched:
        self._before = self._memory()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            self.grown = max(self.grown, self._memory() - self._before)

    def _memory(self) -> int:
        pages = [int(Path(f"/proc/{process}/statm").read_text().split()[1]) for process in self._processes]
        return sum(pages) * resource.getpagesize()


def _token(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = {"username": _ADMIN["PFSTUDIO_ADMIN_USERNAME"], "password": _ADMIN["PFSTUDIO_ADMIN_PASSWORD"]}
    connection.request("POST", "/api/auth/token", json.dumps(body), {"Content-Type": "application/json"})
    token: str = json.loads(connection.getresponse().read())["token"]
    connection.close()
    return token


def _download(port: int, token: str, path: str) -> tuple[str, int]:
    """The hash and the size of a folder's zip."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", f"/api/export/{path}", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    assert answer.status == 200
    digest, size = hashlib.sha256(), 0
    while piece := answer.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    connection.close()
    return digest.hexdigest(), size
