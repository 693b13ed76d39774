"""A local folder and a flow stay in step, and neither overwrites the other unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.errors import NotFoundError
from pfstudio.sdk.folder_sync import (
    Change,
    Remote,
    StudioRefusedError,
    SyncConflictError,
    UnsafePathError,
    _inside,
    hashes,
    plan,
    pull,
    push,
    remembered_flow,
)
from studios import *  # noqa: F403 - fixtures.
from studios import People

FLOW = "Users/bob/promptflow/flow"
USUAL = {"delete": False, "force": False, "dry_run": False}


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

    pull(remote, here, **USUAL)
    (here / "data" / "new.txt").write_bytes(b"\r\n")
    (here / "flow.dag.yaml").write_text("nodes: []\n")
    dry = push(remote, here, **{**USUAL, "dry_run": True})
    assert not (there / "data" / "new.txt").exists()
    done = push(remote, here, **USUAL)

    assert (here / "data" / "ünï 🙂.bin").read_bytes() == bytes(range(256))
    assert not (here / ".promptflow" / "x").exists()
    assert dry == done == [Change("data/new.txt", "add"), Change("flow.dag.yaml", "update")]
    assert hashes(here) == hashes(there)
    assert remembered_flow(here) == (str(remote.client.base_url), FLOW)
    assert push(remote, here, **USUAL) == pull(remote, here, **USUAL) == []


def test_a_conflict_writes_nothing_until_it_is_forced(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / "b.txt").write_text("b")
    pull(remote, here, **USUAL)
    for folder, text in ((there, "theirs"), (here, "mine")):
        (folder / "flow.dag.yaml").write_text(text)
    (here / "b.txt").write_text("changed")

    for way in (push, pull):
        with pytest.raises(SyncConflictError, match=r"flow\.dag\.yaml"):
            way(remote, here, **USUAL)
    assert ((there / "b.txt").read_text(), (there / "flow.dag.yaml").read_text()) == ("b", "theirs")
    push(remote, here, **{**USUAL, "force": True})
    assert ((there / "b.txt").read_text(), (there / "flow.dag.yaml").read_text()) == ("changed", "mine")


def test_a_newer_file_on_the_other_side_is_kept(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    pull(remote, here, **USUAL)
    (there / "flow.dag.yaml").write_text("newer")

    assert push(remote, here, **USUAL) == [Change("flow.dag.yaml", "keep")]
    assert (there / "flow.dag.yaml").read_text() == "newer"
    assert pull(remote, here, **USUAL) == [Change("flow.dag.yaml", "update")]
    assert (here / "flow.dag.yaml").read_text() == "newer"


def test_deletions_follow_only_when_asked_for(people: People, remote: Remote, tmp_path: Path) -> None:
    there, here = people.share / FLOW, tmp_path / "here"
    (there / "b.txt").write_text("b")
    pull(remote, here, **USUAL)
    (here / "b.txt").unlink()

    push(remote, here, **USUAL)
    assert (there / "b.txt").exists()
    push(remote, here, **{**USUAL, "delete": True})
    assert not (there / "b.txt").exists()
    assert [item["name"] for item in remote.client.get("/api/trash").json()["entries"]] == ["b.txt"]


def test_what_the_studio_refuses_is_told_in_its_words(people: People, tmp_path: Path) -> None:
    people.make_flow("bob2")
    (tmp_path / "a.txt").write_text("a")
    remote = Remote(people.script("bob"), "Users/bob2/promptflow/flow")  # type: ignore[arg-type]

    with pytest.raises(StudioRefusedError, match="403"):
        push(remote, tmp_path, **USUAL)
    with pytest.raises(NotFoundError):
        pull(Remote(remote.client, "Users/bob2/promptflow/none"), tmp_path, **USUAL)


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a//b", "a/../b", "out/x", "C:/x", "a\\b", ".git/hooks/x", ""])
def test_no_name_from_a_studio_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "out").symlink_to(tmp_path)

    with pytest.raises(UnsafePathError):
        _inside(tmp_path / "folder", path)
