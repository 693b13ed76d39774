"""The snapshot store: byte-exact, incremental, sound after kills."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given

from pfstudio.kit.ids import new_id
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_compare import changed_paths, diff_trees
from pfstudio.share.snapshots_errors import SnapshotMovedError
from pfstudio.share.snapshots_materialise import materialise
from pfstudio.share.snapshots_upkeep import check, pack, size
from pfstudio.share.snapshots_walk import Reader
from pfstudio.share.snapshots_writing import About, writing
from snapshot_folders import FLOW, POINTER, START, TREES, UNIT, build, snapshot, told


@pytest.fixture
def store(share: Share) -> SnapshotStore:
    made = SnapshotStore(share.root.parent / "snapshots.git", large_from=100_000)
    yield made
    made.close()


@pytest.fixture
def flow(share: Share) -> Path:
    folder = share.users.joinpath("bob", *FLOW.parts)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """One share and store for all generated folders."""
    root = tmp_path_factory.mktemp("workshop")
    made = Share(root / "share")
    made.ensure_owner("bob")
    opened = SnapshotStore(root / "snapshots.git", large_from=150)
    yield made, opened, root
    opened.close()


@given(tree=TREES)
def test_a_materialised_snapshot_is_the_folder_byte_for_byte(workshop, tree) -> None:  # type: ignore[no-untyped-def]
    share, store, root = workshop
    folder = share.users.joinpath("bob", *FLOW.parts)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    build(folder, tree)
    target = root / new_id()

    version = snapshot(store, share, always=True)
    assert version is not None
    materialise(store, version, target)

    assert told(target) == told(folder)
    shutil.rmtree(target)


def test_what_git_add_would_spoil_is_kept(
    store: SnapshotStore, share: Share, flow: Path, tmp_path: Path, rounds: int
) -> None:
    (flow / ".gitignore").write_text("*.log\nignored/\n")
    (flow / ".gitattributes").write_text("* text=auto eol=lf\n*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (flow / "run.log").write_text("ignored")
    (flow / "windows.txt").write_bytes(b"a\r\nb\r\n")
    (flow / "model.bin").write_bytes(POINTER)
    (flow / "empty" / "inner").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", flow / "nested"], check=True)
    (flow / "nested" / "inside.py").write_text("1")
    (flow / "out").symlink_to("/etc/passwd")
    (flow / os.fsdecode(b"\xff\xfe")).write_text("no UTF-8")
    os.mkfifo(flow / "pipe")
    with (flow / "large.bin").open("wb") as file:
        file.write(b"start")
        file.truncate(2_200_000_000 if rounds > 3 else 300_000_000)
    (flow / "large.bin").chmod(0o640)

    version = snapshot(store, share)
    assert version is not None
    materialise(store, version, tmp_path / "copy")

    assert subprocess.run(["cmp", flow / "large.bin", tmp_path / "copy" / "large.bin"], check=False).returncode == 0
    assert (tmp_path / "copy" / "large.bin").stat().st_blocks < 10_000, "A file of holes takes no room."
    for folder in (flow, tmp_path / "copy"):
        assert (folder / "large.bin").stat().st_mode & 0o777 == 0o640
        (folder / "large.bin").unlink()
    (flow / "pipe").unlink()
    assert told(tmp_path / "copy") == told(flow)
    assert version.left_out == 1
    assert check(store, thoroughly=True) == []


def test_unchanged_files_are_not_read_again(
    store: SnapshotStore, share: Share, flow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        (flow / f"{number}.txt").write_text(str(number))
    time.sleep(0.15)
    snapshot(store, share)
    time.sleep(0.15)
    (flow / "7.txt").write_text("changed")
    (flow / "8.txt").chmod(0o600)
    read: list[str] = []
    original = Reader._open_file
    monkeypatch.setattr(
        Reader, "_open_file", lambda self, fd, name, names: (read.append(name), original(self, fd, name, names))[1]
    )
    fresh = SnapshotStore(store.folder)

    version = snapshot(fresh, share, minute=5)

    assert sorted(read) == ["7.txt", "8.txt"]
    assert version is not None and version.paths == ("7.txt", "8.txt")
    fresh.close()


def test_a_change_within_the_same_tick_and_of_the_same_size_is_seen(
    store: SnapshotStore, share: Share, flow: Path
) -> None:
    for round_ in range(20):
        (flow / "a.txt").write_text(f"{round_:04}")
        snapshot(store, share, minute=round_ * 2)
        (flow / "a.txt").write_text(f"{round_ + 5000:04}")

        version = snapshot(store, share, minute=round_ * 2 + 1)

        assert version is not None, round_


def test_ref_moves_only_from_what_it_was(store: SnapshotStore, share: Share, flow: Path) -> None:
    first = snapshot(store, share)
    (flow / "a.txt").write_text("a")
    second = snapshot(store, share, minute=2)
    assert first is not None and second is not None

    with pytest.raises(SnapshotMovedError):
        store.move(UNIT.ref, old=first.commit, new=first.commit)
    with pytest.raises(SnapshotMovedError):
        store.move(UNIT.ref, old=None, new=first.commit)

    assert store.newest(UNIT.ref) == second
    assert [version.commit for version in store.versions(UNIT.ref)] == [second.commit, first.commit]


def test_one_authors_saves_within_a_minute_are_one_entry_and_each_is_kept(
    store: SnapshotStore, share: Share, flow: Path
) -> None:
    versions = []
    for number, (minute, author) in enumerate([(0, "bob"), (0.5, "bob"), (0.9, "eve"), (0.95, "bob"), (3, "bob")]):
        (flow / f"{number}.txt").write_text(str(number))
        versions.append(snapshot(store, share, minute=minute, author=author))

    entries = [version.entry for version in versions if version]
    assert [entries.index(entry) for entry in entries] == [0, 0, 2, 3, 4]
    assert versions[1] is not None and versions[1].paths == ("0.txt", "1.txt")
    assert len(list(store.versions(UNIT.ref))) == 5


def test_only_what_was_touched_is_taken_in(store: SnapshotStore, share: Share, flow: Path) -> None:
    (flow / "a").mkdir()
    (flow / "a" / "one.txt").write_text("1")
    snapshot(store, share)
    (flow / "a" / "one.txt").write_text("2")
    (flow / "b" / "c").mkdir(parents=True)
    (flow / "b" / "c" / "new.txt").write_text("new")
    (flow / "b").chmod(0o700)

    with writing(store, share, UNIT) as unit:
        unit.touch(("b", "c", "new.txt"))
        touched = unit.add(About("save", "eve", START))
        unit.touch(("gone", "x"))
        assert unit.add(About("save", "eve", START)) is None
        unit.touch(("a",))
        rest = unit.add(About("save", "bob", START))

    assert touched is not None and touched.paths == ("b/c/new.txt",)
    entry = store.objects.find(touched.tree, ("b",))
    assert entry is not None and entry.mode & 0o777 == 0o700
    assert rest is not None and rest.paths == ("a/one.txt",)


def test_an_open_file_is_taken_in_whatever_stands_at_its_path_now(
    store: SnapshotStore, share: Share, flow: Path
) -> None:
    (flow / "a.txt").write_text("first")
    snapshot(store, share)
    with (flow / "a.txt").open("rb") as opened:
        (flow / "b.txt").write_text("second")
        (flow / "b.txt").replace(flow / "a.txt")
        with writing(store, share, UNIT) as unit:
            unit.scan(without=lambda: {("a.txt",)})
            assert unit.add(About("outside change", None, START)) is None
            unit.touch(("a.txt",))
            later = unit.add(About("save", "eve", START))
            unit.put(("a.txt",), opened.fileno())
            earlier = unit.add(About("save", "bob", START))

    assert later is not None and earlier is not None
    contents = [store.objects.blob(store.objects.find(v.tree, ("a.txt",)).oid) for v in (later, earlier)]  # type: ignore[union-attr]
    assert contents == [b"second", b"first"]


def test_a_save_that_lost_is_kept_beside_the_state(store: SnapshotStore, share: Share, flow: Path) -> None:
    (flow / "a.txt").write_text("winner")
    snapshot(store, share)
    with writing(store, share, UNIT) as unit:
        lost = unit.add_lost(About("lost save", "eve", START), ("a.txt",), b"loser")
        unit.scan()
        assert unit.add(About("outside change", None, START)) is None

    assert lost is not None
    assert store.objects.blob(store.objects.find(lost.tree, ("a.txt",)).oid) == b"loser"  # type: ignore[union-attr]
    assert store.objects.blob(store.objects.find(lost.state, ("a.txt",)).oid) == b"winner"  # type: ignore[union-attr]


def test_differences_are_told_with_renames_modes_and_bytes(store: SnapshotStore, share: Share, flow: Path) -> None:
    lines = [f"line {number}" for number in range(40)]
    (flow / "old name.txt").write_text("\n".join(lines))
    (flow / "edited.py").write_text("a\nb\ndiff --git a/x b/x\n")
    (flow / "bytes.bin").write_bytes(b"\0\1\2")
    (flow / "mode.sh").write_text("echo")
    (flow / "kind").write_text("file")
    (flow / "-gone").write_text("gone")
    (flow / "large.txt").write_text("x" * 200_000)
    before = snapshot(store, share)
    (flow / "old name.txt").rename(flow / "new\nname.txt")
    (flow / "edited.py").write_text("a\nB\ndiff --git a/x b/x\n")
    (flow / "bytes.bin").write_bytes(b"\0\1\3")
    (flow / "mode.sh").chmod(0o755)
    (flow / "kind").unlink()
    (flow / "kind").symlink_to("edited.py")
    (flow / "-gone").unlink()
    (flow / "large.txt").write_text("y" * 200_000)
    after = snapshot(store, share, minute=2)
    assert before is not None and after is not None

    found, is_all = diff_trees(store, before.tree, after.tree)

    by_path = {diff.path: diff for diff in found}
    assert is_all
    assert (by_path["new\nname.txt"].status, by_path["new\nname.txt"].old_path) == ("renamed", "old name.txt")
    assert by_path["edited.py"].text == "@@ -1,3 +1,3 @@\n a\n-b\n+B\n diff --git a/x b/x\n"
    assert by_path["bytes.bin"].is_binary and by_path["bytes.bin"].text is None
    assert by_path["mode.sh"].status == "mode"
    assert (
        by_path["-gone"].status == "deleted"
        and by_path["-gone"].text == "@@ -1 +0,0 @@\n-gone\n\\ No newline at end of file\n"
    )
    assert by_path["large.txt"].is_binary
    assert by_path["kind"].status == "changed"
    only, _ = diff_trees(store, before.tree, after.tree, ("edited.py",))
    assert [diff.path for diff in only] == ["edited.py"]


def test_too_many_changed_paths_are_told_as_folders(store: SnapshotStore, share: Share, flow: Path) -> None:
    (flow / "many").mkdir()
    for number in range(2100):
        (flow / "many" / f"{number}.txt").write_text("")
    (flow / "one.txt").write_text("")

    version = snapshot(store, share)

    assert version is not None and version.paths == ("many/", "one.txt")
    assert changed_paths(store.objects.tree, version.tree, version.tree) == ()


def test_saves_of_a_large_text_take_little_more_than_what_changed(
    store: SnapshotStore, share: Share, flow: Path
) -> None:
    big = SnapshotStore(store.folder)
    random_ = random.Random(4)
    lines = ["".join(random_.choices("abcdefghij klmnop", k=79)) for _ in range(12_500)]
    for number in range(200):
        lines[random_.randrange(len(lines))] = f"changed {number}"
        (flow / "data.txt").write_text("\n".join(lines))
        snapshot(big, share, minute=number * 2)

    pack(big)

    assert size(big).bytes_used < 10_000_000
    assert size(big).loose == 0
    assert len(list(big.versions(UNIT.ref))) == 200
    assert check(big) == []
    big.close()


_WRITER = """
import sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from snapshot_folders import snapshot
from pfstudio.share.paths import Share
from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_upkeep import pack
root = Path({root!r})
share, store = Share(root / "share"), SnapshotStore(root / "snapshots.git", large_from=100_000)
flow = share.users / "bob" / "promptflow" / "flow"
print("ready", flush=True)
number = 0
while True:
    number += 1
    (flow / "counter.txt").write_text(str(number) * 100)
    for extra in range(0 if number % 3 else 250):
        (flow / f"{{extra}}.txt").write_text(f"{{number}} {{extra}}")
    (flow / "large.bin").write_bytes(str(number).encode() * 30_000)
    snapshot(store, share, minute=number * 2)
    if number % 4 == 0:
        pack(store)
"""


def test_the_store_is_sound_whenever_its_writer_is_killed(
    store: SnapshotStore, share: Share, flow: Path, tmp_path: Path, rounds: int
) -> None:
    (flow / "a.txt").write_text("a")
    snapshot(store, share)
    program = _WRITER.format(tests=str(Path(__file__).parents[1]), root=str(share.root.parent))
    for round_ in range(max(rounds, 4)):
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline()
        time.sleep(0.05 + (round_ * 0.37) % 1.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()

        fresh = SnapshotStore(store.folder, large_from=100_000)
        assert check(fresh, thoroughly=True) == []
        version = snapshot(fresh, share, minute=10_000 + round_ * 2, always=True)
        assert version is not None
        materialise(fresh, version, tmp_path / str(round_))
        assert told(tmp_path / str(round_)) == told(flow)
        fresh.close()


def test_many_that_make_the_store_at_once_make_one(tmp_path: Path) -> None:
    stores = [SnapshotStore(tmp_path / "snapshots.git") for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(SnapshotStore.prepare, stores))

    assert [store.refs() for store in stores] == [{}] * 8


def test_two_processes_that_add_at_once_lose_nothing(store: SnapshotStore, share: Share) -> None:
    import threading

    for name in ("one", "two"):
        (share.users / "bob" / "promptflow" / "flow").mkdir(parents=True, exist_ok=True)
        (share.users / "bob" / "promptflow" / "flow" / f"{name}.txt").write_text("0")
    stores = [store, SnapshotStore(store.folder, large_from=100_000)]

    def work(name: str, own: SnapshotStore) -> None:
        for number in range(1, 16):
            (share.users / "bob" / "promptflow" / "flow" / f"{name}.txt").write_text(str(number))
            with writing(own, share, UNIT) as unit:
                unit.touch((f"{name}.txt",))
                unit.add(About("save", name, START), always=True)

    threads = [
        threading.Thread(target=work, args=(name, own)) for name, own in zip(("one", "two"), stores, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    versions = list(store.versions(UNIT.ref))
    assert len(versions) == 30
    assert {version.author for version in versions} == {"one", "two"}
    stores[1].close()


def test_a_link_in_the_way_is_never_followed(store: SnapshotStore, share: Share, flow: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("the key")
    (flow / "a.txt").write_text("a")
    snapshot(store, share)
    (flow / "inner").symlink_to(tmp_path / "secret")

    with writing(store, share, UNIT) as unit:
        unit.touch(("inner", "key"))
        version = unit.add(About("save", "bob", START))

    assert version is not None
    entry = store.objects.find(version.tree, ("inner",))
    assert entry is not None and entry.is_link


def test_whatever_a_user_calls_a_file_the_store_stays_sound(store: SnapshotStore, share: Share, flow: Path) -> None:
    (flow / ".gitmodules").write_text('[submodule "../../x"]\n\tpath = -x\n\turl = --upload-pack=evil\n')
    (flow / ".gitattributes").write_bytes(b"x " * 5_000)
    (flow / ".GIT").mkdir()
    (flow / ".GIT" / "config").write_text("[core]\n\tfsmonitor = evil\n")
    (flow / "git~1").write_text("x")
    (flow / "sub").mkdir()
    (flow / "sub" / ".gitmodules").symlink_to("/etc/passwd")
    snapshot(store, share)
    pack(store)

    assert check(store, thoroughly=True) == []


def test_a_history_has_the_whole_folder_or_what_lies_elsewhere(share: Share, bob: Path) -> None:
    from pfstudio.share.snapshots_units import unit_of

    (bob / "promptflow" / "flow").mkdir(parents=True)
    (bob / "promptflow" / "notes.md").write_text("")
    parsed = {
        text: unit_of(share, SharePath.parse(text))
        for text in [
            "Users/bob/promptflow/flow/a/b.txt",
            "Users/bob/promptflow/flow",
            "Users/bob/promptflow/notes.md",
            "Users/bob/data/x.csv",
        ]
    }

    assert [(str(unit.path), names) for unit, names in parsed.values()] == [
        ("Users/bob/promptflow/flow", ("a", "b.txt")),
        ("Users/bob/promptflow/flow", ()),
        ("Users/bob", ("promptflow", "notes.md")),
        ("Users/bob", ("data", "x.csv")),
    ]
