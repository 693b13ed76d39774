"""What changes on disk is told within a second, whoever changes it."""

from __future__ import annotations

import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pfstudio.share import content
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.watch import FolderChanges, Watcher

FLOW = SharePath.parse("Users/bob/promptflow/flow")


class Listening:
    """Collects what a watcher tells about a folder."""

    def __init__(self, watcher: Watcher, folder: SharePath) -> None:
        self.news: queue.Queue[FolderChanges] = queue.Queue()
        self.subscription = watcher.watch(folder, self.news.put)

    def until(self, is_enough: Callable[[dict[str, str], bool], bool], seconds: float = 5.0) -> dict[str, str]:
        """The last kind of each changed path, as soon as that is enough; fails after `seconds`."""
        seen: dict[str, str] = {}
        rescan = False
        ends = time.monotonic() + seconds
        while not is_enough(seen, rescan):
            left = ends - time.monotonic()
            assert left > 0, (seen, rescan)
            try:
                told = self.news.get(timeout=left)
            except queue.Empty:
                continue
            rescan = rescan or told.rescan
            seen.update({change.path.removeprefix(f"{told.folder}/"): change.kind for change in told.changes})
        return seen

    def quiet(self, seconds: float = 1.2) -> bool:
        time.sleep(seconds)
        return self.news.empty()


@pytest.fixture
def flow(bob: Path) -> Path:
    folder = bob / "promptflow" / "flow"
    (folder / "inner").mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text("nodes: []\n")
    (folder / "inner" / "deep.txt").write_text("deep")
    return folder


@pytest.fixture(params=["events", "polling"])
def watcher(share: Share, request: pytest.FixtureRequest) -> Iterator[Watcher]:
    made = Watcher(share, polling=request.param == "polling", poll_seconds=0.2)
    yield made
    made.close()


def test_what_editors_terminals_and_the_studio_itself_write_is_told_within_a_second(
    share: Share, flow: Path, watcher: Watcher
) -> None:
    listening = Listening(watcher, FLOW)

    for act, path, kind in (
        (lambda: (flow / "new.py").write_text("x"), "new.py", "created"),
        (lambda: (flow / "new.py").write_text("xy"), "new.py", "changed"),
        (lambda: _written(flow / "other").replace(flow / "flow.dag.yaml"), "flow.dag.yaml", "changed"),
        (lambda: content.write_bytes(share, FLOW / "inner/deep.txt", b"new"), "inner/deep.txt", "changed"),
        (lambda: subprocess.run(["sed", "-i", "s/x/y/", str(flow / "new.py")], check=True), "new.py", "changed"),
        ((flow / "new.py").unlink, "new.py", "deleted"),
        (lambda: (flow / "added" / "below").mkdir(parents=True), "added/below", "created"),
        (lambda: (flow / "added" / "below" / "a.txt").write_text("a"), "added/below/a.txt", "created"),
        (lambda: (flow / "added").rename(flow / "moved"), "moved/below/a.txt", "created"),
        (lambda: (flow / "moved" / "below" / "a.txt").write_text("ab"), "moved/below/a.txt", "changed"),
        (lambda: shutil.rmtree(flow / "moved"), "moved", "deleted"),
    ):
        act()  # type: ignore[no-untyped-call]
        began = time.monotonic()
        seen = listening.until(lambda seen, _, path=path: path in seen)  # type: ignore[misc]
        assert time.monotonic() - began < 1.0
        assert seen[path] == kind


def _written(path: Path) -> Path:
    path.write_text("replaced")
    return path


def test_a_burst_is_told_once_and_files_that_come_and_go_not_at_all(flow: Path, watcher: Watcher) -> None:
    listening = Listening(watcher, FLOW)

    for number in range(50):
        (flow / "log.txt").write_text("x" * number)
        (flow / f"{number}.tmp").write_text("x")
        (flow / f"{number}.tmp").unlink()

    listening.until(lambda seen, _: "log.txt" in seen)
    assert listening.news.qsize() <= 3


def test_caches_git_and_half_written_files_are_not_told(share: Share, flow: Path, watcher: Watcher) -> None:
    (flow / ".git" / "objects").mkdir(parents=True)
    listening = Listening(watcher, FLOW)

    (flow / ".git" / "index").write_text("x")
    (flow / ".git" / "objects" / "ab").write_text("x")
    (flow / "__pycache__").mkdir()
    (flow / "__pycache__" / "a.pyc").write_text("x")
    (flow / "page" / "node_modules" / "left-pad").mkdir(parents=True)
    listening.until(lambda seen, _: "page" in seen)
    (flow / "page" / "node_modules" / "left-pad" / "index.js").write_text("x")
    for cache in (".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache"):
        (flow / cache).mkdir()
        (flow / cache / "a").write_text("x")
    with content.begin_write(share, FLOW / "given_up.txt") as upload:
        upload.write(b"x" * 100_000)

    assert listening.quiet()


def test_very_many_changes_at_once_are_one_rescan(flow: Path, watcher: Watcher, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(3_000):
        (tmp_path / "many" / f"{number}.txt").touch()
    listening = Listening(watcher, FLOW)

    (tmp_path / "many").rename(flow / "many")

    listening.until(lambda _, rescan: rescan)
    (flow / "many" / "0.txt").write_text("x")
    listening.until(lambda seen, _: "many/0.txt" in seen)


def test_an_overflow_of_events_is_a_rescan_and_watching_goes_on(
    share: Share, flow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = Watcher(share)
    listening = Listening(watcher, FLOW)
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    assert limit <= 100_000
    watch = watcher._watched[FLOW]
    wrote = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(watch, "_pause", lambda _: wrote.wait(60))  # A thread that gets no time for a while.
        (flow / "first.txt").touch()
        time.sleep(0.2)
        with (flow / "even.txt").open("wb", buffering=0) as even, (flow / "odd.txt").open("wb", buffering=0) as odd:
            for _ in range(limit // 2 + 100):  # Turn by turn: the kernel joins equal events that follow each other.
                even.write(b"x")
                odd.write(b"x")
        wrote.set()
        listening.until(lambda _, rescan: rescan, 10)
    time.sleep(0.5)
    (flow / "after.txt").touch()

    listening.until(lambda seen, _: "after.txt" in seen, 10)
    watcher.close()


def test_a_folder_that_is_not_there_yet_is_told_when_it_comes_and_goes(
    share: Share, bob: Path, watcher: Watcher
) -> None:
    listening = Listening(watcher, FLOW)

    (bob / "promptflow" / "flow").mkdir(parents=True)
    listening.until(lambda _, rescan: rescan)
    (bob / "promptflow" / "flow" / "a.txt").touch()
    listening.until(lambda seen, _: "a.txt" in seen)
    (bob / "promptflow").rename(bob / "elsewhere")
    listening.until(lambda _, rescan: rescan)
    (bob / "elsewhere").rename(bob / "promptflow")
    listening.until(lambda _, rescan: rescan)


def test_what_links_lead_to_is_never_looked_at(share: Share, flow: Path, watcher: Watcher, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (flow / "away").symlink_to(outside)
    listening = Listening(watcher, FLOW)

    (outside / "secret.txt").write_text("x")

    assert listening.quiet()
    (flow / "later").symlink_to(outside)
    assert set(listening.until(lambda seen, _: "later" in seen)) == {"later"}
    (outside / "secret2.txt").write_text("x")
    assert listening.quiet()


def test_many_listeners_share_one_watch_and_the_last_ends_it(share: Share, flow: Path, watcher: Watcher) -> None:
    first, second = Listening(watcher, FLOW), Listening(watcher, FLOW)
    watch = watcher._watched[FLOW]
    first.subscription.close()
    (flow / "a.txt").touch()

    second.until(lambda seen, _: "a.txt" in seen)
    assert first.news.empty()
    second.subscription.close()
    second.subscription.close()
    watch.join(5)
    assert not watch.is_alive()
    assert not watcher._watched


def test_watching_and_leaving_keeps_no_files_open(share: Share, flow: Path, watcher: Watcher) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(60):
        listening = Listening(watcher, FLOW)
        watch = watcher._watched[FLOW]
        listening.subscription.close()
        watch.join(5)

    # Another thread of the tests may open one meanwhile; a leak would be sixty.
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 10
