"""The recorder: everything that happens becomes a version, in order, whoever did it and whatever fails meanwhile."""

from __future__ import annotations

import random
import threading

import pytest
from sqlalchemy import delete

from history.conftest import FLOW, Kept
from pfstudio.db.models.history import HistoryVersionRow
from pfstudio.history import recorder as recording
from pfstudio.history.jobs import FIRST_SEEN, Action, Job
from pfstudio.history.service import place_of
from pfstudio.history.sorting import sort_job
from pfstudio.kit.clock import utc_now
from pfstudio.share import trash
from pfstudio.share.files import move
from pfstudio.share.paths import SharePath
from pfstudio.share.snapshots_errors import SnapshotsFullError
from pfstudio.share.snapshots_upkeep import check
from pfstudio.share.snapshots_writing import About


def test_every_save_is_a_version_however_quickly_the_next_one_follows(kept: Kept) -> None:
    texts = [f"version {number}" for number in range(30)]
    for text in texts:
        kept.save(FLOW / "a.txt", text)
    kept.done()

    assert kept.contents(FLOW / "a.txt") == [text.encode() for text in reversed(texts)]
    assert kept.timeline(every=False) == ["save bob: a.txt"]


def test_a_folder_that_was_there_before_begins_with_how_it_was(kept: Kept) -> None:
    (kept.folder() / "a.txt").write_text("before")
    (kept.folder() / "b.txt").write_text("beside")
    kept.save(FLOW / "a.txt", "after")
    kept.done()

    assert kept.timeline() == ["save bob: a.txt", "outside change None: a.txt b.txt"]
    assert kept.contents(FLOW / "a.txt") == [b"after", b"before"]
    place = place_of(kept.share, FLOW)
    assert [version.message for version in kept.store.versions(place.unit.ref)] == ["", FIRST_SEEN]


def test_many_files_at_once_are_few_versions(kept: Kept) -> None:
    for number in range(300):
        kept.save(FLOW / f"{number}.txt", str(number))
    kept.done()

    place = place_of(kept.share, FLOW)
    newest = kept.store.newest(place.unit.ref)
    assert newest is not None
    assert [entry.split(":")[0] for entry in kept.timeline(every=False)] == ["save bob"]
    assert set(newest.paths) == {f"{number}.txt" for number in range(300)}
    assert len(kept.timeline()) < 150


def test_what_several_people_save_at_once_is_told_of_each(kept: Kept) -> None:
    def save(author: str) -> None:
        for number in range(15):
            kept.save(FLOW / f"{author}.txt", f"{author} {number}", author)

    threads = [threading.Thread(target=save, args=(author,)) for author in ("ada", "bob", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept.done()

    for author in ("ada", "bob", "eve"):
        assert kept.contents(FLOW / f"{author}.txt") == [f"{author} {n}".encode() for n in reversed(range(15))]
        assert {entry.split(":")[0] for entry in kept.timeline(FLOW / f"{author}.txt")} == {f"save {author}"}


def test_whatever_is_done_in_whatever_order_the_newest_version_is_what_is_on_disk(kept: Kept) -> None:
    order = random.Random(7)
    names = ["a.txt", "b/c.txt", "b/d/e.txt", "f"]
    for step in range(60):
        path = FLOW / order.choice(names)
        what = order.randrange(4)
        on_disk = kept.folder().joinpath(*path.parts[2:])
        if what == 0 and on_disk.exists():
            trash.put(kept.share, path, deleted_by="bob")
            kept.recorder.changed([path], author="bob")
        elif what == 1 and on_disk.parent.is_dir():
            on_disk.write_text(f"outside {step}")
        else:
            kept.save(path, f"step {step}", order.choice(["bob", "ada"]))
    kept.recorder.look(FLOW, seconds=30)

    place = place_of(kept.share, FLOW)
    newest = kept.store.newest(place.unit.ref)
    assert newest is not None
    for name in names:
        entry = kept.store.objects.find(newest.tree, tuple(name.split("/")))
        file = kept.folder() / name
        assert (kept.store.objects.blob(entry.oid) if entry else None) == (file.read_bytes() if file.exists() else None)
    assert check(kept.store) == []


def test_a_file_that_moves_between_a_flow_and_elsewhere_is_told_at_both_places(kept: Kept) -> None:
    kept.save(FLOW / "a.txt", "a")
    source, target = FLOW / "a.txt", SharePath.parse("Users/bob/a.txt")
    move(kept.share, source, target)
    kept.recorder.moved(source, target, author="bob")
    kept.done()

    assert kept.contents(source) == [None, b"a"]
    assert kept.contents(target) == [b"a"]


def test_a_file_right_below_promptflow_is_told_when_it_is_deleted(kept: Kept) -> None:
    path = SharePath.parse("Users/bob/promptflow/notes.txt")
    kept.save(path, "notes")
    kept.done()
    trash.put(kept.share, path, deleted_by="bob")
    kept.recorder.changed([path], author="bob")
    kept.done()

    owner = place_of(kept.share, SharePath.parse("Users/bob"))
    newest = kept.store.newest(owner.unit.ref)
    assert newest is not None and kept.store.objects.find(newest.tree, path.parts) is None


def test_a_saved_file_beside_the_flows_that_is_gone_before_it_is_recorded_is_no_folder(kept: Kept) -> None:
    beside, home = SharePath("bob", ("promptflow", "notes.txt")), SharePath("bob", ())
    for becomes_folder in (False, True):
        if becomes_folder:
            kept.folder(beside).mkdir()
        actions: tuple[Action, ...] = ("save", "lost")
        for action in actions:
            job = Job(beside, action, About("save", "bob", utc_now()), content=b"text")
            assert [(unit.path, job.names) for unit, job in sort_job(kept.share, job, lambda _: ())] == [
                (home, ("promptflow", "notes.txt"))
            ]
        kept.recorder.keep_lost(beside, b"lost", author="eve", seconds=0)
    (kept.folder(home) / "itself").symlink_to(".")
    for all_of_it in (home, home / "itself"):
        kept.recorder.keep_lost(all_of_it, b"lost", author="eve", seconds=0)
    kept.done()

    assert [kind.split(":")[0] for kind in kept.timeline(home)][:1] == ["lost save eve"]
    for unit in (home, beside):
        for version in kept.store.versions(place_of(kept.share, unit).unit.ref):
            kept.store.objects.tree(version.tree)


def test_all_flows_of_a_folder_that_is_deleted_are_told(kept: Kept) -> None:
    kept.save(FLOW / "a.txt", "a")
    kept.done()
    above = SharePath.parse("Users/bob/promptflow")
    trash.put(kept.share, above, deleted_by="bob")
    kept.recorder.changed([above], author="bob")
    kept.done()

    assert kept.contents(FLOW / "a.txt") == [None, b"a"]
    kept.restore(FLOW, kept.ids()[1])
    assert (kept.folder() / "a.txt").read_text() == "a"


def test_a_disk_that_was_full_is_caught_up_with(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.save(FLOW / "a.txt", "before")
    kept.done()
    real = recording.writing

    def full(*_: object) -> None:
        raise SnapshotsFullError

    monkeypatch.setattr(recording, "writing", full)
    monkeypatch.setattr(recording, "_FIRST_PAUSE", 0.2)
    for number in range(3):
        kept.save(FLOW / "a.txt", f"while full {number}")
    kept.done()
    state = kept.recorder.state
    monkeypatch.setattr(recording, "writing", real)

    assert (state.state, state.waiting) == ("failing", 3)
    assert state.note is not None and "the disk is full" in state.note
    _wait_until_ok(kept)
    assert kept.contents(FLOW / "a.txt") == [b"while full 2", b"while full 1", b"while full 0", b"before"]


def test_of_too_much_that_waits_the_history_says_that_some_is_missing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save(FLOW / "a.txt", "before")
    kept.done()
    real = recording.writing

    def full(*_: object) -> None:
        raise SnapshotsFullError

    monkeypatch.setattr(recording, "writing", full)
    monkeypatch.setattr(recording, "_FIRST_PAUSE", 0.5)
    monkeypatch.setattr(recording, "_MOST_WAITING", 2)
    for number in range(6):
        kept.save(FLOW / "a.txt", f"while full {number}")
        kept.done()
    monkeypatch.setattr(recording, "writing", real)
    _wait_until_ok(kept)

    place = place_of(kept.share, FLOW)
    told = [(version.kind, version.message) for version in kept.store.versions(place.unit.ref)]
    assert ("outside change", f"4 {recording.MISSED}") in told
    assert kept.contents(FLOW / "a.txt")[:2] == [b"while full 5", b"while full 4"]


def _wait_until_ok(kept: Kept) -> None:
    for _ in range(200):
        if kept.recorder.state.state == "ok" and kept.recorder.state.waiting == 0:
            return
        threading.Event().wait(0.1)
    raise AssertionError(kept.recorder.state)


def test_the_table_is_made_again_from_the_store(kept: Kept) -> None:
    for number in range(3):
        kept.save(FLOW / "a.txt", str(number))
    kept.done()
    before = kept.timeline()
    with kept.database.write() as session:
        session.execute(delete(HistoryVersionRow))

    assert kept.timeline() == before
