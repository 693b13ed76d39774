"""A downloaded Azure file share comes in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pfstudio.accounts.service import WAIVER
from pfstudio.server.deps import Studio
from pfstudio.server.share_import import NoAzureShareError, import_share
from studios import People

FLOW = "nodes:\n- {name: a, type: llm, source: {type: code, path: a.jinja2}, connection: azure_one, api: chat}\n"


@pytest.fixture
def downloaded(tmp_path: Path) -> Path:
    users = tmp_path / "downloaded" / "Users"
    for alias, flow in (("Ada.L", "chat"), ("bob", "old"), ("bob", "new")):
        folder = users / alias / "promptflow" / flow
        folder.mkdir(parents=True)
        (folder / "flow.dag.yaml").write_text(FLOW)
    (users / "bob" / "promptflow" / "new" / "out").symlink_to("/etc/passwd")
    os.mkfifo(users / "bob" / "promptflow" / "new" / "fifo")
    (users / "bob" / "notebook.ipynb").write_text("{}")
    return tmp_path / "downloaded"


def test_users_are_made_and_flows_come_in_with_what_is_to_be_done(
    make_people: Callable[..., People], downloaded: Path
) -> None:
    people = make_people(isolation_waiver=WAIVER)
    mine = people.make_flow("bob", "old")

    dry = import_share(people.studio, downloaded, names={}, dry_run=True)
    assert not (people.share / "Users/ada.l").exists()
    report = import_share(people.studio, downloaded, names={}, dry_run=False)

    assert [(user.alias, user.username, user.status) for user in report.users] == [
        ("Ada.L", "ada.l", "made"),
        ("bob", "bob", "existing"),
    ]
    assert [(flow.path, flow.status) for flow in report.flows] == [
        ("Users/ada.l/promptflow/chat", "imported"),
        ("Users/bob/promptflow/new", "imported"),
        ("Users/bob/promptflow/old", "skipped"),
    ]
    assert [flow.status for flow in dry.flows] == ["planned", "planned", "skipped"]
    assert report.flows[0].connections == ["azure_one"]
    assert "a.jinja2" in report.flows[0].problems[0]
    assert (people.share / "Users/ada.l/promptflow/chat/flow.dag.yaml").read_text() == FLOW
    assert (mine / "flow.dag.yaml").read_text() != FLOW
    assert [item.name for item in (people.share / "Users/bob/promptflow/new").iterdir()] == ["flow.dag.yaml"]


def test_without_isolation_nobody_is_made_and_flows_can_be_given_to_somebody(
    people: People, downloaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Studio, "isolation_problem", lambda _self: "there is no bubblewrap")

    report = import_share(people.studio, downloaded, names={}, dry_run=False)
    mapped = import_share(people.studio, downloaded, names={"Ada.L": "root"}, dry_run=False)

    assert (report.users[0].status, report.flows[0].status) == ("skipped", "skipped")
    assert "bubblewrap" in str(report.users[0].reason)
    assert (mapped.flows[0].path, mapped.flows[0].status) == ("Users/root/promptflow/chat", "imported")


def test_a_folder_that_is_no_share_is_refused(people: People, tmp_path: Path) -> None:
    with pytest.raises(NoAzureShareError):
        import_share(people.studio, tmp_path / "none", names={}, dry_run=True)
