"""Folders: list, make, move, delete and bring back."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from pfstudio.kit.clock import utc_now
from pfstudio.share import content, files, trash
from pfstudio.share.errors import (
    EntryExistsError,
    InvalidNameError,
    PathNotFoundError,
    ReservedPathError,
    TrashEntryNotFoundError,
)
from pfstudio.share.paths import Share, SharePath


def at(text: str) -> SharePath:
    return SharePath.parse(f"Users/bob/{text}")


def test_a_folder_of_ten_thousand_files_is_listed(share: Share, bob: Path) -> None:
    (bob / "many").mkdir()
    for number in range(10_000):
        (bob / "many" / f"file-{number:05}.txt").touch()

    assert len(files.list_folder(share, at("many"))) == 10_000  # Its speed is measured by `make bench`.


def test_folders_come_first_then_names_without_regard_to_case(share: Share, bob: Path) -> None:
    for name in ("b.txt", "A.txt", "c.txt", ".pfstudio-tmp-1"):
        (bob / name).touch()
    (bob / "z").mkdir()
    (bob / "link").symlink_to("z")

    listed = files.list_folder(share, SharePath.parse("Users/bob"))

    assert [(entry.name, entry.kind) for entry in listed] == [
        ("link", "link"), ("z", "folder"), ("A.txt", "file"), ("b.txt", "file"), ("c.txt", "file"),
    ]  # fmt: skip


def test_what_a_killed_save_left_behind_goes_away_in_time(share: Share, bob: Path) -> None:
    left, fresh, similar = (bob / f".pfstudio-tmp-{name}" for name in ("0" * 16, "1" * 16, "notes"))
    for path in (left, fresh, similar):
        path.touch()
    for path in (left, similar):
        os.utime(path, (1, 1))

    assert files.list_folder(share, SharePath.parse("Users/bob")) == []
    assert (left.exists(), fresh.exists(), similar.exists()) == (False, True, True)


def test_names_that_are_not_utf8_are_shown_and_never_break_the_list(share: Share, bob: Path) -> None:
    (Path(os.fsdecode(os.fsencode(bob) + b"/caf\xe9"))).touch()
    (bob / "good").touch()

    listed = files.list_folder(share, SharePath.parse("Users/bob"))

    assert [(entry.name, entry.kind) for entry in listed] == [
        ("caf\N{REPLACEMENT CHARACTER}", "other"),
        ("good", "file"),
    ]


def test_the_share_and_its_users_are_folders_that_nobody_changes(share: Share) -> None:
    top = files.list_folder(share, SharePath.parse(""))
    owners = files.list_folder(share, SharePath.parse("Users"))

    assert [entry.path for entry in top] == ["Users"]
    assert [entry.path for entry in owners] == ["Users/bob", "Users/bob2"]
    for path in (SharePath.parse(""), SharePath.parse("Users"), SharePath.parse("Users/bob")):
        with pytest.raises(ReservedPathError):
            files.make_folder(share, path)
        with pytest.raises(ReservedPathError):
            trash.put(share, path, deleted_by="bob")
        with pytest.raises(ReservedPathError):
            files.move(share, path, at("x"))


def test_moving_never_overwrites(share: Share, bob: Path) -> None:
    content.write_bytes(share, at("a.txt"), b"a")
    content.write_bytes(share, at("b.txt"), b"b")
    files.make_folder(share, at("folder"))

    for target in ("b.txt", "folder"):
        with pytest.raises(EntryExistsError):
            files.move(share, at("a.txt"), at(target))
    moved = files.move(share, at("a.txt"), at("folder/c.txt"))

    assert moved.path == "Users/bob/folder/c.txt"
    assert (bob / "folder" / "c.txt").read_text() == "a"
    assert (bob / "b.txt").read_text() == "b"


def test_a_folder_does_not_go_into_itself_and_a_missing_thing_nowhere(share: Share) -> None:
    files.make_folder(share, at("folder/inner"))

    with pytest.raises(InvalidNameError):
        files.move(share, at("folder"), at("folder/inner/folder"))
    with pytest.raises(PathNotFoundError):
        files.move(share, at("none"), at("other"))
    with pytest.raises(PathNotFoundError):
        files.move(share, at("folder"), at("none/folder"))


def test_a_link_is_moved_and_deleted_as_a_link(share: Share, bob: Path) -> None:
    (bob / "real").mkdir()
    (bob / "real" / "kept.txt").write_text("kept")
    (bob / "link").symlink_to("real")

    files.move(share, at("link"), at("renamed"))
    trash.put(share, at("renamed"), deleted_by="bob")

    assert (bob / "real" / "kept.txt").read_text() == "kept"
    assert sorted(item.name for item in bob.iterdir()) == ["real"]


def test_what_was_deleted_comes_back_byte_for_byte(share: Share, bob: Path) -> None:
    content.write_bytes(share, at("flow/a.txt"), b"\0a")
    (bob / "flow" / "link").symlink_to("a.txt")

    trashed = trash.put(share, at("flow"), deleted_by="bob")
    assert not (bob / "flow").exists()
    assert [item.id for item in trash.list_trash(share)] == [trashed.id]
    restored = trash.restore(share, trashed.id)

    assert restored.path == "Users/bob/flow"
    assert (bob / "flow" / "a.txt").read_bytes() == b"\0a"
    assert (bob / "flow" / "link").is_symlink()
    assert trash.list_trash(share) == []


def test_bringing_back_overwrites_nothing_that_has_come_meanwhile(share: Share, bob: Path) -> None:
    content.write_bytes(share, at("a.txt"), b"old")
    trashed = trash.put(share, at("a.txt"), deleted_by="bob")
    content.write_bytes(share, at("a.txt"), b"new")

    restored = trash.restore(share, trashed.id)

    assert restored.path == "Users/bob/a-2.txt"
    assert ((bob / "a.txt").read_text(), (bob / "a-2.txt").read_text()) == ("new", "old")


def test_bringing_back_makes_the_folders_above_again(share: Share, bob: Path) -> None:
    content.write_bytes(share, at("x/y/a.txt"), b"a")
    trashed = trash.put(share, at("x/y/a.txt"), deleted_by="bob")
    trash.put(share, at("x"), deleted_by="bob")

    trash.restore(share, trashed.id)

    assert (bob / "x" / "y" / "a.txt").read_text() == "a"


def test_the_trash_is_emptied_of_what_is_older_than_thirty_days(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    content.write_bytes(share, at("old.txt"), b"old")
    old = trash.put(share, at("old.txt"), deleted_by="bob")
    monkeypatch.setattr(trash, "utc_now", lambda: utc_now() + timedelta(days=31))
    content.write_bytes(share, at("new.txt"), b"new")
    new = trash.put(share, at("new.txt"), deleted_by="bob")

    assert trash.purge(share) == 1
    assert [item.id for item in trash.list_trash(share)] == [new.id]
    with pytest.raises(TrashEntryNotFoundError):
        trash.restore(share, old.id)


@pytest.mark.parametrize("trash_id", ["", "..", "../share", "a/b", "x" * 16, "0" * 15, "0" * 16 + "\n"])
def test_an_id_of_no_entry_is_not_found(share: Share, trash_id: str) -> None:
    with pytest.raises(TrashEntryNotFoundError):
        trash.get(share, trash_id)
