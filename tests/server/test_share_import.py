"""A downloaded Azure file share comes in: by the command, on a share of five users with six folders each."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pfstudio.accounts.service import WAIVER
from pfstudio.server.deps import Studio
from pfstudio.server.share_import import import_share
from pfstudio.server.share_import_report import NoAzureShareError
from server.downloaded_share import ALIASES, FOLDERS, LLM, make_downloaded_share
from server.process import run, serving
from studios import People

MAP = ("--map", "\u65e5\u672c=nihon", "--map", "eve=ada")


@pytest.fixture
def downloaded(tmp_path: Path) -> Path:
    return make_downloaded_share(tmp_path / "downloaded")


def state_of(folder: Path) -> dict[str, str]:
    """Every path below a folder, with what it is."""
    found = {}
    for top, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            item = Path(top, name)
            if item.is_symlink():
                kind = f"to {item.readlink()}"
            else:
                kind = hashlib.sha256(item.read_bytes()).hexdigest() if item.is_file() else "folder"
            found[os.fsencode(item.relative_to(folder)).decode(errors="replace")] = kind
    return found


def test_a_whole_share_comes_in_by_the_command_and_again_changes_nothing(tmp_path: Path, downloaded: Path) -> None:
    data, before = tmp_path / "data", state_of(downloaded)
    with serving(data):
        pass
    command = ("import-share", str(downloaded), *MAP, "--data", str(data), "--isolation-waiver", WAIVER)

    dry = run(*command, "--dry-run")
    assert not (data / "share/Users/carol").exists()
    done = run(*command)
    after = state_of(data / "share/Users")
    again = run(*command)

    assert (dry.returncode, done.returncode, again.returncode) == (0, 0, 0), done.stderr
    planned, report, repeated = (json.loads(ended.stdout) for ended in (dry, done, again))
    users = {user["alias"]: (user["username"], user["status"]) for user in report["users"]}
    assert users == {
        "ada.lovelace": ("ada.lovelace", "made"),
        "Ada.Lovelace": ("ada.lovelace", "made" if users["Ada.Lovelace"][1] == "made" else "existing"),
        "Bob.Smith@example.com": ("bob.smith-example.com", "made"),
        "carol": ("carol", "made"),
        "eve": ("ada", "existing"),
        "\u65e5\u672c": ("nihon", "made"),
        "frank": ("frank", "skipped"),
        "linked": ("linked", "skipped"),
    } | {"ada.lovelace": users["ada.lovelace"]}
    assert Counter(flow["status"] for flow in report["flows"]) == {"imported": 30, "skipped": 4}
    assert Counter(flow["status"] for flow in planned["flows"]) == {"planned": 30, "skipped": 4}
    assert Counter(flow["status"] for flow in repeated["flows"]) == {"unchanged": 30, "skipped": 4}
    assert state_of(data / "share/Users") == after
    assert state_of(downloaded) == before
    assert [item["flows"] for item in planned["connections"]] == [item["flows"] for item in report["connections"]]
    _check_files(data / "share/Users")
    _check_report(report, done.stderr)


def _check_files(users: Path) -> None:
    for name in ("ada.lovelace", "bob.smith-example.com", "carol", "nihon", "ada"):
        home = users / name / "promptflow"
        assert {item.name for item in home.iterdir()} == set(FOLDERS)
        assert (home / FOLDERS[1] / "look.py").exists()
        links = home / "with links"
        assert {item.name for item in links.iterdir()} == {"inner", "inside", "shared.txt", "number.txt"}
        assert (links / "inside").readlink() == Path("inner")
        assert (links / "shared.txt").read_text() == "system:\n{{q}}\n"
        assert not (home / "chat" / ".promptflow").exists()
    assert (users / "carol/promptflow/chat/flow.dag.yaml").read_text() == LLM


def _check_report(report: dict[str, Any], readable: str) -> None:
    connections = {item["name"]: item for item in report["connections"]}
    assert {name: item["types"] for name, item in connections.items()} == {
        "azure_one": ["azure_open_ai"],
        "bing": ["serp"],
        "other_one": ["custom"],
    }
    assert len(connections["azure_one"]["flows"]) == 9  # The flow of the other Ada stands in the place of one.
    assert "Users/nihon/promptflow/chat" in connections["azure_one"]["flows"]
    flows = {flow["path"]: flow for flow in report["flows"] if flow["status"] == "imported"}
    assert flows["Users/carol/promptflow/with links"]["left_out"] == ["fifo", "loop", "out"]
    assert flows["Users/carol/promptflow/prompts"]["flows"] == ["Users/carol/promptflow/prompts/basic.prompty"]
    broken, missing = (flows[f"Users/carol/promptflow/{name}"]["problems"] for name in ("broken", "missing"))
    assert broken[0].startswith("Users/carol/promptflow/broken/flow.dag.yaml:")
    assert "gone.jinja2" in missing[0]
    assert flows["Users/carol/promptflow/chat"]["problems"] == []
    reasons = {flow["source"].rpartition("/")[2]: flow["reason"] for flow in report["flows"] if flow["reason"]}
    assert set(reasons) == {"alone.prompty", "to chat", "caf\ufffd", "chat"}
    for part in (
        "30 came in",
        "4 were left alone",
        "azure_one (azure_open_ai): ",
        "pfstudio user reset carol",
        "frank: The folder is a link",
        "The same user as of",
        "alone.prompty: It is no folder.",
        "gone.jinja2",
    ):
        assert part in readable
    assert "Traceback" not in readable


def test_what_is_there_already_stays_and_what_is_missing_comes(
    make_people: Callable[..., People], downloaded: Path
) -> None:
    people = make_people(isolation_waiver=WAIVER)
    mine = people.make_flow("bob", "chat")

    names = {"carol": "bob", "\u65e5\u672c": "bob2"}
    report = import_share(people.studio, downloaded, names=names, dry_run=False)

    flows = {flow.source: flow for flow in report.flows}
    assert flows["Users/carol/promptflow/chat"].status == "skipped"
    assert "holds something else" in str(flows["Users/carol/promptflow/chat"].reason)
    assert flows["Users/carol/promptflow/missing"].path == "Users/bob/promptflow/missing"
    assert (mine / "flow.dag.yaml").read_text() != LLM
    (people.share / "Users/bob/promptflow/missing/number.txt").unlink()
    again = {
        flow.source: flow.status for flow in import_share(people.studio, downloaded, names=names, dry_run=False).flows
    }
    assert again["Users/carol/promptflow/missing"] == "skipped"
    assert again["Users/carol/promptflow/broken"] == "unchanged"


def test_without_isolation_nobody_is_made_and_flows_can_be_given_to_somebody(
    people: People, downloaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Studio, "isolation_problem", lambda _self: "there is no bubblewrap")

    report = import_share(people.studio, downloaded, names={"carol": "root"}, dry_run=False)

    users = {user.alias: user for user in report.users}
    assert (users["eve"].status, users["carol"].status) == ("skipped", "existing")
    assert "bubblewrap" in str(users["eve"].reason)
    assert "--map 'eve=NAME'" in str(users["eve"].reason)
    assert [flow.status for flow in report.flows if flow.source.startswith("Users/carol/")] == ["imported"] * 6
    assert not (people.share / "Users/eve").exists()


def test_a_name_of_which_nothing_is_left_goes_to_nobody_unasked(
    make_people: Callable[..., People], downloaded: Path
) -> None:
    people = make_people(isolation_waiver=WAIVER)

    report = import_share(people.studio, downloaded, names={}, dry_run=False)

    (user,) = [user for user in report.users if user.alias == ALIASES[3]]
    assert (user.status, "--map" in str(user.reason)) == ("skipped", True)
    assert not any("Users/admin" in flow for item in report.connections for flow in item.flows)
    assert not (people.share / "Users/admin").exists()


def test_a_disk_that_is_full_is_told_folder_by_folder_and_leaves_nothing_half(
    make_people: Callable[..., People], downloaded: Path
) -> None:
    people = make_people(isolation_waiver=WAIVER, quota_reserve=10**9)

    report = import_share(people.studio, downloaded, names={"carol": "bob"}, dry_run=False)

    carols = [flow for flow in report.flows if flow.source.startswith("Users/carol/")]
    assert {flow.status for flow in carols} == {"failed"}
    assert "read-only" in str(carols[0].reason)
    assert not list((people.share / "Users/bob").rglob("*.yaml"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none",), "There is no folder"),
        (("empty",), "There is no folder 'Users'"),
        (("downloaded", "--map", "nobody=ada"), "no user 'nobody'"),
        (("downloaded", "--map", "carol=Not A Name"), "Not A Name"),
        (("downloaded", "--map", "carol"), "--map KEY=VALUE"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, downloaded: Path, make_people: Callable[..., People], arguments: tuple[str, ...], words: str
) -> None:
    people = make_people()
    (tmp_path / "empty").mkdir()
    folder, *more = arguments

    ended = run("import-share", str(tmp_path / folder), *more, "--data", str(people.studio.settings.data))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_the_folder_users_itself_will_do(make_people: Callable[..., People], downloaded: Path) -> None:
    people = make_people(isolation_waiver=WAIVER)

    assert len(import_share(people.studio, downloaded / "Users", names={}, dry_run=True).users) == 8
    with pytest.raises(NoAzureShareError):
        import_share(people.studio, downloaded / "none", names={}, dry_run=True)
