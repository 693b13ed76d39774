"""A local folder and a flow stay in step, and neither overwrites the other unasked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pfstudio.errors import NotFoundError
from pfstudio.sdk.folder_scan import scan
from pfstudio.sdk.folder_sync import (
    Change,
    ChangedMeanwhileError,
    InTheWayError,
    Options,
    Remote,
    StudioRefusedError,
    SyncConflictError,
    UnsafePathError,
    _inside,
    plan,
    pull,
    push,
    remembered_flow,
)
from studios import *  # noqa: F403 - fixtures.
from studios import People

FLOW = "Users/bob/promptflow/flow"
USUAL = Options()


@pytest.fixture
def remote(people: People) -> Remote:
    people.make_flow("bob")
    return Remote(people.script("bob"), FLOW)  # type: ignore[arg-type]


def test_what_changed_on_one_side_goes_over_and_what_changed_on_both_is_a_conflict() -> None:
    base = {"same": "1", "mine": "1", "theirs": "1", "both": "1", "gone": "1", "gone and changed": "1"}
    source = {"same": "1", "mine": "2", "theirs": "1", "both": "2", "new": "1"}
    target = {"same": "1", "mine": "1", "theirs": "2", "both": "3", "gone": "1", "gone and changed": "2", "extra": "1"}

    assert {change.path: change.action for change in plan(source, target, base)} == {
        "mine": "update",
        "theirs": "keep",
        "both": "conflict",
        "new": "add",
        "gone": "delete",
        "gone and changed": "conflict",
        "extra": "keep",
    }


def test_a_pulled_flow_is_changed_and_pushed_back(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / "data").mkdir()
    (there / "data" / "ünï 🙂.bin").write_bytes(bytes(range(256)))
    (there / ".promptflow").mkdir()
    (there / ".promptflow" / "x").write_text("x")

    pull(remote, here, USUAL)
    (here / "data" / "new.txt").write_bytes(b"\r\n")
    (here / "flow.dag.yaml").write_text("nodes: []\n")
    dry = push(remote, here, Options(dry_run=True))
    assert not (there / "data" / "new.txt").exists()
    done = push(remote, here, USUAL)

    assert (here / "data" / "ünï 🙂.bin").read_bytes() == bytes(range(256))
    assert not (here / ".promptflow" / "x").exists()
    assert dry == done == [Change("data/new.txt", "add"), Change("flow.dag.yaml", "update")]
    assert scan(here).files == scan(there).files
    assert remembered_flow(here) == (str(remote.client.base_url), FLOW)
    assert push(remote, here, USUAL) == pull(remote, here, USUAL) == []


def test_a_conflict_writes_nothing_until_it_is_forced(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / "b.txt").write_text("b")
    pull(remote, here, USUAL)
    for folder, text in ((there, "theirs"), (here, "mine")):
        (folder / "flow.dag.yaml").write_text(text)
    (here / "b.txt").write_text("changed")

    for way in (push, pull):
        with pytest.raises(SyncConflictError, match=r"flow\.dag\.yaml"):
            way(remote, here, USUAL)
    assert ((there / "b.txt").read_text(), (there / "flow.dag.yaml").read_text()) == ("b", "theirs")
    push(remote, here, Options(force=True))
    assert ((there / "b.txt").read_text(), (there / "flow.dag.yaml").read_text()) == ("changed", "mine")


def test_a_newer_file_on_the_other_side_is_kept(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    pull(remote, here, USUAL)
    (there / "flow.dag.yaml").write_text("newer")

    assert push(remote, here, USUAL) == [Change("flow.dag.yaml", "keep", "only changed where it would go to")]
    assert (there / "flow.dag.yaml").read_text() == "newer"
    assert pull(remote, here, USUAL) == [Change("flow.dag.yaml", "update")]
    assert (here / "flow.dag.yaml").read_text() == "newer"


def test_deletions_follow_only_when_asked_for(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / "b.txt").write_text("b")
    pull(remote, here, USUAL)
    (here / "b.txt").unlink()

    push(remote, here, USUAL)
    assert (there / "b.txt").exists()
    push(remote, here, Options(delete=True))
    assert not (there / "b.txt").exists()
    assert [item["name"] for item in remote.client.get("/api/trash").json()["entries"]] == ["b.txt"]


def test_what_the_studio_refuses_is_told_in_its_words(people: People, tmp_path: Path) -> None:
    people.make_flow("bob2")
    (tmp_path / "a.txt").write_text("a")
    remote = Remote(people.script("bob"), "Users/bob2/promptflow/flow")  # type: ignore[arg-type]

    with pytest.raises(StudioRefusedError, match="403"):
        push(remote, tmp_path, USUAL)
    with pytest.raises(NotFoundError):
        pull(Remote(remote.client, "Users/bob2/promptflow/none"), tmp_path, USUAL)


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/x",
        "a//b",
        "a/../b",
        "C:/x",
        "a\\b",
        ".git/hooks/x",
        "a/.GIT/x",
        ".promptflow/x",
        "a/__pycache__/x",
        "",
    ],
)
def test_no_name_from_a_studio_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(UnsafePathError):
        _inside(tmp_path / "folder", path)


def test_what_stands_in_the_way_here_is_never_overwritten_or_followed(
    people: People, remote: Remote, tmp_path: Path
) -> None:
    there, here, outside = people.share / FLOW, tmp_path / "here", tmp_path / "outside"
    for folder in (here, outside, here / "folder.txt"):
        folder.mkdir()
    (outside / "mine").write_text("mine")
    (here / "out").symlink_to(outside)
    (here / "link.txt").symlink_to(outside / "mine")
    (here / "file").write_text("a file")
    for path in ("out/x", "link.txt", "folder.txt", "file/below"):
        (there / path).parent.mkdir(exist_ok=True)
        (there / path).write_text("theirs")

    with pytest.raises(InTheWayError) as raised:
        pull(remote, here, Options(force=True))

    for path in ("out/x", "link.txt", "folder.txt", "file/below"):
        assert path in str(raised.value)
    assert (outside / "mine").read_text() == "mine"
    assert sorted(item.name for item in outside.iterdir()) == ["mine"]
    assert not (here / "flow.dag.yaml").exists()


def test_permissions_to_execute_go_over_and_come_back(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / "run.sh").write_text("x")
    (there / "run.sh").chmod(0o755)
    (there / "private").write_text("x")
    (there / "private").chmod(0o640)

    pull(remote, here, USUAL)
    assert (here / "run.sh").stat().st_mode & 0o100
    (here / "run.sh").chmod(0o600)
    (here / "private").chmod(0o700)
    (here / "new.sh").write_text("x")
    (here / "new.sh").chmod(0o755)

    assert [str(change) for change in push(remote, here, USUAL)] == ["new.sh", "private", "run.sh"]
    modes = {name: (there / name).stat().st_mode & 0o777 for name in ("run.sh", "private", "new.sh")}
    assert modes == {"run.sh": 0o644, "private": 0o750, "new.sh": 0o755}
    assert push(remote, here, USUAL) == pull(remote, here, USUAL) == []


def test_ignored_files_stay_on_their_side_unless_they_are_wanted(
    people: People, remote: Remote, tmp_path: Path
) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / ".gitignore").write_text("*.log\n/secret/\n!keep.log\n")
    (there / "theirs.log").write_text("x")
    pull(remote, here, USUAL)
    assert not (here / "theirs.log").exists()
    (here / "secret").mkdir()
    for path in ("mine.log", "keep.log", "secret/key", ".env"):
        (here / path).write_text("x")
    (here / "sub").mkdir()
    (here / "sub" / ".gitignore").write_text("here.txt\n")
    (here / "sub" / "here.txt").write_text("x")
    (here / ".gitignore").write_text("*.log\n/secret/\n!keep.log\n.env\nflow.dag.yaml\n")

    done = push(remote, here, Options(delete=True))

    assert [change.path for change in done] == [".gitignore", "keep.log", "sub/.gitignore"]
    assert (there / "flow.dag.yaml").exists()  # Newly ignored is not deleted.
    assert (there / "theirs.log").exists()
    everything = push(remote, here, Options(ignored=True, dry_run=True))
    assert {"mine.log", "secret/key", ".env", "sub/here.txt"} <= {change.path for change in everything}


def test_links_and_names_that_are_no_text_are_left_out_and_told(people: People, remote: Remote, tmp_path: Path) -> None:
    here = tmp_path / "here"
    pull(remote, here, USUAL)
    (here / "link").symlink_to("flow.dag.yaml")
    os.mkfifo(here / "fifo")
    Path(os.fsdecode(os.fsencode(here) + b"/caf\xe9")).write_text("x")

    done = push(remote, here, USUAL)

    assert [(change.path, change.action) for change in done] == [
        ("caf\ufffd", "skip"),
        ("fifo", "skip"),
        ("link", "skip"),
    ]
    assert sorted(item.name for item in (people.share / FLOW).iterdir()) == ["flow.dag.yaml"]


@pytest.mark.parametrize("way", [pull, push])
def test_ended_in_the_middle_it_goes_on_where_it_was(
    people: People, remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Any
) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    pull(remote, here, USUAL)
    source, target = (there, here) if way is pull else (here, there)
    for number in range(6):
        (source / f"{number}.txt").write_text(str(number))
    name, real, count = ("read" if way is pull else "write"), getattr(Remote, "read" if way is pull else "write"), 0

    def break_off(self: Remote, path: str, place: Path, *more: Any) -> str:
        nonlocal count
        count += 1
        if count == 4:
            place.with_name(".pfstudio-tmp-killed").write_text("half") if way is pull else None
            raise KeyboardInterrupt
        return str(real(self, path, place, *more))

    monkeypatch.setattr(Remote, name, break_off)
    with pytest.raises(KeyboardInterrupt):
        way(remote, here, USUAL)
    monkeypatch.setattr(Remote, name, real)
    (target / "1.txt").write_text("changed on the other side meanwhile")

    again = way(remote, here, USUAL)

    assert [(change.path, change.action) for change in again] == [
        ("1.txt", "keep"),
        ("3.txt", "add"),
        ("4.txt", "add"),
        ("5.txt", "add"),
    ]
    assert (target / "5.txt").read_text() == "5"
    left = here / ".pfstudio-tmp-killed"
    if way is pull:
        os.utime(left, (0, 0))
        pull(remote, here, USUAL)
        assert not left.exists()


def test_what_changes_while_it_is_brought_over_is_not_lost(
    people: People, remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / "a.txt").write_text("1")
    pull(remote, here, USUAL)
    (there / "a.txt").write_text("2")
    real = Remote.read

    def edit_here(self: Remote, path: str, target: Path) -> str:
        (here / "a.txt").write_text("typed just now")
        return real(self, path, target)

    monkeypatch.setattr(Remote, "read", edit_here)
    with pytest.raises(ChangedMeanwhileError):
        pull(remote, here, USUAL)
    assert (here / "a.txt").read_text() == "typed just now"
    monkeypatch.undo()
    write = Remote.write

    def edit_there(self: Remote, path: str, source: Path, etag: str | None, state: str) -> str:
        (there / "a.txt").write_text("saved just now")
        return write(self, path, source, etag, state)

    monkeypatch.setattr(Remote, "write", edit_there)
    with pytest.raises(StudioRefusedError, match="412"):
        push(remote, here, Options(force=True))
    assert (there / "a.txt").read_text() == "saved just now"


def test_a_file_that_was_changed_there_is_not_deleted(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / "a.txt").write_text("1")
    pull(remote, here, USUAL)
    (here / "a.txt").unlink()
    (there / "a.txt").write_text("2")

    with pytest.raises(SyncConflictError, match="deleted on one side, changed on the other"):
        push(remote, here, Options(delete=True))
    assert (there / "a.txt").read_text() == "2"
