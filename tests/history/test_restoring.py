"""Restoring: what was, nothing that makes somebody another user, and nothing half-done that is not told."""

from __future__ import annotations

import shutil

import pytest

from history.conftest import FLOW, Kept
from pfstudio.history import restoring
from pfstudio.history.errors import NotInVersionError
from pfstudio.share.errors import DiskFullError
from pfstudio.share.snapshots_errors import SnapshotsFullError


def test_a_restore_of_one_file_leaves_its_neighbors(kept: Kept) -> None:
    kept.save(FLOW / "a.txt", "a1")
    kept.save(FLOW / "b.txt", "b1")
    kept.done()
    first = kept.ids()[0]
    kept.save(FLOW / "a.txt", "a2")
    kept.save(FLOW / "b.txt", "b2")
    kept.done()

    done = kept.restore(FLOW / "a.txt", first)

    assert done.changed == [str(FLOW / "a.txt")]
    assert (kept.folder() / "a.txt").read_text() == "a1"
    assert (kept.folder() / "b.txt").read_text() == "b2"
    assert kept.timeline()[0] == "restore bob: a.txt"


def test_a_program_that_ran_as_its_owner_comes_back_without_that_right(kept: Kept) -> None:
    program = kept.folder() / "bin" / "program"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o6755)
    kept.recorder.look(FLOW, seconds=30)
    version = kept.ids()[0]
    shutil.rmtree(program.parent)

    kept.restore(FLOW, version)

    assert program.stat().st_mode & 0o7777 == 0o755


def test_a_restore_that_finds_the_disk_full_leaves_nothing_half_written_and_tells_what_it_did(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save(FLOW / "a.txt", "a1")
    kept.save(FLOW / "b/c.txt", "c1")
    kept.done()
    version = kept.ids()[0]
    kept.save(FLOW / "a.txt", "a2")
    kept.done()
    shutil.rmtree(kept.folder() / "b")
    real = restoring.write_entry

    def full(store, entry, parent, name, **options) -> None:  # type: ignore[no-untyped-def]
        real(store, entry, parent, name, **options)
        if entry.is_folder:
            raise SnapshotsFullError

    monkeypatch.setattr(restoring, "write_entry", full)

    with pytest.raises(DiskFullError):
        kept.restore(FLOW, version)

    assert [item.name for item in kept.folder().iterdir()] == ["a.txt"]
    assert (kept.folder() / "a.txt").read_text() == "a1"
    assert kept.timeline()[0] == "restore bob: a.txt"


def test_what_was_neither_there_then_nor_is_now_cannot_be_restored(kept: Kept) -> None:
    kept.save(FLOW / "a.txt", "a1")
    kept.done()

    with pytest.raises(NotInVersionError):
        kept.restore(FLOW / "never.txt", kept.ids()[0])
