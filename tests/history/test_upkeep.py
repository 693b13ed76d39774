"""Upkeep: what happened while nobody watched is found, versions go by the rule, and packing changes nothing."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from history.conftest import FLOW, Kept
from pfstudio.history import upkeep
from pfstudio.history.retention import Rule, doomed_of
from pfstudio.history.service import place_of
from pfstudio.kit.clock import utc_now
from pfstudio.share import snapshots_upkeep
from pfstudio.share.paths import SharePath
from server.process import wait_until

GONE = SharePath("bob", ("promptflow", "gone"))
NEW = SharePath("bob", ("promptflow", "new"))


def test_what_happened_before_the_start_is_recorded_also_of_folders_that_are_gone(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_FIRST_SECONDS", 0.1)
    kept.save(FLOW / "a.txt", "a")
    kept.save(GONE / "a.txt", "a")
    kept.save(SharePath.parse("Users/bob/notes.txt"), "one")
    kept.done()
    (kept.folder() / "a.txt").write_text("changed")
    shutil.rmtree(kept.folder(GONE))
    kept.folder(NEW).mkdir()
    (kept.folder(NEW) / "a.txt").write_text("new")
    (kept.share.users / "bob" / "notes.txt").write_text("two")

    kept.recorder.start()

    outside = "outside change None: a.txt"
    wait_until(lambda: kept.timeline()[0] == outside, 30)
    wait_until(lambda: kept.timeline(GONE)[0] == outside, 30)
    wait_until(lambda: kept.timeline(NEW) == [outside], 30)
    wait_until(lambda: kept.contents(SharePath.parse("Users/bob/notes.txt")) == [b"two", b"one"], 30)


def test_every_change_outside_is_recorded_while_nobody_has_a_page_open(kept: Kept) -> None:
    (kept.folder() / "a.txt").write_text("one")
    kept.recorder.start()
    wait_until(lambda: kept.contents(FLOW / "a.txt")[:1] == [b"one"], 30)

    for text in ("two", "three"):
        (kept.folder() / "a.txt").write_text(text)
        wait_until(lambda text=text: kept.contents(FLOW / "a.txt")[:1] == [text.encode()], 30)

    kept.folder(NEW).mkdir()
    (kept.folder(NEW) / "b.txt").write_text("a folder that came later")
    wait_until(lambda: kept.timeline(NEW) == ["outside change None: b.txt"], 30)
    assert kept.contents(FLOW / "a.txt") == [b"three", b"two", b"one"]


def test_packing_changes_nothing_but_the_room(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots_upkeep, "_PACK_FROM_OBJECTS", 20)
    lines = [f"line {number}" for number in range(500)]
    for number in range(20):
        lines[number * 7] = f"changed {number}"
        kept.save(FLOW / "a.txt", "\n".join(lines))
        kept.done()
    before, timeline = kept.contents(FLOW / "a.txt"), kept.timeline()
    room = snapshots_upkeep.size(kept.store).bytes_used

    assert snapshots_upkeep.pack_if_worth(kept.store) is True

    assert kept.contents(FLOW / "a.txt") == before
    assert kept.timeline() == timeline
    assert snapshots_upkeep.size(kept.store).bytes_used < room / 3
    assert snapshots_upkeep.pack_if_worth(kept.store) is False
    assert snapshots_upkeep.check(kept.store, thoroughly=True) == []


def test_the_newest_entries_deployments_and_what_a_run_holds_stay_however_old(kept: Kept) -> None:
    for author in ("ada", "bob", "eve", "joe", "kim"):
        kept.save(FLOW / "a.txt", author, author)
        kept.done()
    place = place_of(kept.share, FLOW)
    versions = list(kept.store.versions(place.unit.ref))
    kept.store.hold(versions[3], "run-1")
    later = utc_now() + timedelta(days=400)

    doomed = doomed_of(versions, before=later, keep=2, held=set(kept.store.refs("refs/held/").values()))

    assert [version.author for version in versions if version.id in doomed] == ["eve", "ada"]


def test_what_is_let_go_of_frees_its_room_and_the_rest_is_as_it_was(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for author in ("ada", "bob", "eve"):
        kept.save(FLOW / "a.txt", author * 10_000, author)
        kept.done()
    versions = list(kept.store.versions(place_of(kept.share, FLOW).unit.ref))
    kept.store.hold(versions[2], "run-1")
    monkeypatch.setattr("pfstudio.history.retention.utc_now", lambda: utc_now() + timedelta(days=400))
    rule = Rule(days=365, keep=1)

    preview = kept.retention.preview(rule)
    done = kept.retention.apply(rule)

    assert [(unit.unit, unit.versions, unit.staying) for unit in preview.units] == [(str(FLOW), 1, 2)]
    assert [(unit.unit, unit.versions, unit.staying) for unit in done.units] == [(str(FLOW), 1, 2)]
    assert kept.contents(FLOW / "a.txt") == [b"eve" * 10_000, b"ada" * 10_000]
    assert [version.id for version in kept.store.versions(place_of(kept.share, FLOW).unit.ref)] == [
        versions[0].id,
        versions[2].id,
    ]
    assert kept.retention.apply(rule).units == []
