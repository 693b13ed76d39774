"""The history of a studio that is killed, and of one whose disk is full: in processes of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from httpx2 import Client, HTTPError, post

from pfstudio.share.paths import TEMPORARY_PREFIX, SharePath
from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_units import Unit
from pfstudio.share.snapshots_upkeep import check
from server.process import Serving, is_running, serving, wait_until

ADMIN = {"PFSTUDIO_ADMIN_USERNAME": "ada", "PFSTUDIO_ADMIN_PASSWORD": "correct horse battery"}
FLOW = "Users/ada/promptflow/flow"
UNIT = Unit(SharePath.parse(FLOW))


def _client(studio: Serving) -> Client:
    credentials = {"username": "ada", "password": ADMIN["PFSTUDIO_ADMIN_PASSWORD"]}
    token = post(f"{studio.address}/api/auth/token", json=credentials, timeout=30).json()["token"]
    return Client(base_url=studio.address, timeout=30, headers={"Authorization": f"Bearer {token}"})


def _kept(data: Path) -> dict[str, bytes]:
    """Every file of the newest version."""
    store = SnapshotStore(data / "snapshots.git")
    try:
        newest = store.newest(UNIT.ref)
        if newest is None:
            return {}
        tree = store.objects.tree(newest.tree)
        return {name: store.objects.blob(entry.oid) for name, entry in tree.items() if not entry.is_folder}
    finally:
        store.close()


def _on_disk(data: Path) -> dict[str, bytes]:
    """Every file, but for one that was half-written when the studio was killed, which no path leads to."""
    files = [item for item in (data / "share" / FLOW).iterdir() if item.is_file()]
    return {item.name: item.read_bytes() for item in files if not item.name.startswith(TEMPORARY_PREFIX)}


def _are_gone(processes: list[int]) -> bool:
    return not any(is_running(process) for process in processes)


def _save_until_it_is_gone(client: Client, round_: int) -> None:
    with contextlib.suppress(HTTPError):
        for number in range(10_000):
            client.put(f"/api/content/{FLOW}/{number % 5}.txt", content=f"{round_} {number}".encode())


@pytest.mark.timeout(3000)
def test_after_a_kill_the_history_has_what_is_on_disk_and_all_it_had(tmp_path: Path, rounds: int) -> None:
    data = tmp_path / "data"
    before = 0
    for round_ in range(max(2, rounds // 2)):
        with serving(data, **ADMIN) as studio, _client(studio) as client:
            if not round_:
                assert client.post("/api/flows", json={"name": "flow", "type": "standard"}).status_code == 201
            wait_until(lambda: _kept(data) == _on_disk(data), 30)
            saver = threading.Thread(target=_save_until_it_is_gone, args=(client, round_))
            saver.start()
            time.sleep(0.5 + (round_ * 0.37) % 1.0)
            children = studio.web_processes()
            studio.process.send_signal(signal.SIGKILL)
            studio.process.wait()
            saver.join(30)
            wait_until(partial(_are_gone, children), 20)
        (data / "share" / FLOW / "outside.txt").write_text(f"while nobody was there {round_}")
        store = SnapshotStore(data / "snapshots.git")
        assert check(store, thoroughly=True) == []
        versions = len(list(store.versions(UNIT.ref)))
        store.close()
        assert versions > before
        before = versions

    with serving(data, **ADMIN) as studio, _client(studio) as client:
        wait_until(lambda: _kept(data) == _on_disk(data), 30)
        told = client.get(f"/api/history/{FLOW}").json()["entries"]
        assert told[0]["kind"] == "outside change"
        assert f"{FLOW}/outside.txt" in told[0]["paths"]


_SMALL = """
import os, subprocess, sys, time
from pathlib import Path
root, database = Path(sys.argv[1]), sys.argv[2]
(root / "store").mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(root / "store")], check=True)
sys.path.insert(0, sys.argv[3])
from pfstudio.db.session import Database
from history.conftest import FLOW, open_kept
os.chdir(root)
opened = Database(database)
kept = open_kept(root, opened, beside=root / "store")
kept.folder().mkdir(parents=True)
kept.save(FLOW / "a.txt", "before")
kept.done()
filler = root / "store" / "filler"
with open(filler, "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(4096))
    except OSError:
        pass
for number in range(3):
    kept.save(FLOW / "a.txt", f"while full {number} " + os.urandom(20_000).hex())
kept.done()
state = kept.recorder.state
assert state.state == "failing" and state.waiting == 3 and "the disk is full" in state.note, state
assert (kept.folder() / "a.txt").read_text().startswith("while full 2")
filler.unlink()
for _ in range(300):
    if kept.recorder.state.state == "ok":
        break
    time.sleep(0.1)
assert kept.recorder.state.waiting == 0, kept.recorder.state
texts = [text.split(b" ")[:3] for text in kept.contents(FLOW / "a.txt")]
assert texts == [[b"while", b"full", b"2"], [b"while", b"full", b"1"], [b"while", b"full", b"0"], [b"before"]], texts
kept.recorder.close()
opened.close()
print("caught up")
"""


@pytest.mark.timeout(120)
def test_on_a_full_disk_saves_go_on_and_the_history_catches_up(tmp_path: Path, migrated_sqlite: Path) -> None:
    (tmp_path / "pfstudio.db").write_bytes(migrated_sqlite.read_bytes())
    tests = str(Path(__file__).parents[1])
    inner = [sys.executable, "-c", _SMALL, str(tmp_path), f"sqlite:///{tmp_path / 'pfstudio.db'}", tests]
    namespaces = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]

    done = subprocess.run([*namespaces, *inner], capture_output=True, text=True, timeout=100, check=False)

    assert done.stdout.endswith("caught up\n"), done.stderr
