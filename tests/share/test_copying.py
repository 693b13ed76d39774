"""Copies within the share: whole, without what leads out, and never over something."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pfstudio.share.copying import copy_entry
from pfstudio.share.errors import ArchiveTooLargeError, EntryExistsError, PathNotFoundError, ReservedPathError
from pfstudio.share.paths import Limits, Share, SharePath

at = SharePath.parse


def test_a_folder_of_somebody_else_is_copied_whole(share: Share, bob: Path) -> None:
    source = share.users / "bob2" / "flow"
    (source / "data" / "empty").mkdir(parents=True)
    (source / "run.sh").write_bytes(b"\r\n\0")
    (source / "run.sh").chmod(0o755)
    (source / "link").symlink_to("run.sh")
    (source / "out").symlink_to(bob.parent.parent)
    (source / ".git").mkdir()

    copied = copy_entry(share, at("Users/bob2/flow"), at("Users/bob/promptflow/flow"))

    target = bob / "promptflow" / "flow"
    assert (copied.path, copied.kind) == ("Users/bob/promptflow/flow", "folder")
    assert sorted(item.name for item in target.iterdir()) == ["data", "link", "run.sh"]
    assert (target / "run.sh").read_bytes() == b"\r\n\0"
    assert os.access(target / "run.sh", os.X_OK)
    assert (target / "data" / "empty").is_dir()
    assert (target / "link").readlink() == Path("run.sh")
    assert not list((share.root / ".incoming").iterdir())


def test_a_copy_overwrites_nothing_and_may_find_another_name(share: Share, bob: Path) -> None:
    (bob / "a.txt").write_text("a")
    (bob / "folder").mkdir()
    for name in ("a.txt", "folder"):
        with pytest.raises(EntryExistsError):
            copy_entry(share, at(f"Users/bob/{name}"), at(f"Users/bob/{name}"))

    names = [
        copy_entry(share, at(f"Users/bob/{name}"), at(f"Users/bob/{name}"), find_name=True).name
        for name in ("a.txt", "a.txt", "folder", "folder")
    ]

    assert names == ["a-2.txt", "a-3.txt", "folder-2", "folder-3"]
    assert (bob / "a-3.txt").read_text() == "a"


def test_a_folder_copied_into_itself_ends(share: Share, bob: Path) -> None:
    (bob / "folder").mkdir()
    (bob / "folder" / "a.txt").write_text("a")

    copy_entry(share, at("Users/bob/folder"), at("Users/bob/folder/inner"))

    assert [str(item.relative_to(bob)) for item in sorted(bob.rglob("a.txt"))] == ["folder/a.txt", "folder/inner/a.txt"]


@pytest.mark.parametrize("target", ["Users/bob/.git/x", "Users/bob/folder/.git", "Users/bob"])
def test_nothing_is_copied_into_a_repository(share: Share, bob: Path, target: str) -> None:
    (bob / "folder").mkdir()

    with pytest.raises(ReservedPathError):
        copy_entry(share, at("Users/bob/folder"), at(target))


def test_a_link_that_leads_out_is_nothing_to_copy(share: Share, bob: Path) -> None:
    (bob / "out").symlink_to("/etc")
    (bob / "passwd").symlink_to("/etc/passwd")

    for name in ("out", "passwd", "none", "out/passwd"):
        with pytest.raises(PathNotFoundError):
            copy_entry(share, at(f"Users/bob/{name}"), at("Users/bob/copy"))
    assert not (bob / "copy").exists()


@pytest.mark.parametrize("limits", [Limits(entries=3), Limits(import_bytes=10)])
def test_a_copy_that_is_too_large_leaves_nothing(tmp_path: Path, limits: Limits) -> None:
    share = Share(tmp_path / "share", limits=limits)
    share.ensure_owner("bob")
    folder = share.users / "bob" / "folder"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}").write_text("four")

    with pytest.raises(ArchiveTooLargeError):
        copy_entry(share, at("Users/bob/folder"), at("Users/bob/copy"))
    assert [item.name for item in (share.users / "bob").iterdir()] == ["folder"]
    assert not list((share.root / ".incoming").iterdir())
