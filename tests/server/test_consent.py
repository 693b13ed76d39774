"""Lending one's own connections to somebody else's flow: by name, for the flow as one saw it, admins no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from live_studio import Live, live
from server.test_others_flows import FLOW, NAMES_A_CONNECTION, WITH_CONNECTION, add_connection, make_flow

__all__ = ["live"]

pytestmark = pytest.mark.timeout(120)


def run(live: Live, who: str) -> tuple[int, dict[str, Any]]:
    status, answer, _ = live.call(who, "POST", f"/api/test/{FLOW}", {"inputs": {}})
    return status, json.loads(answer)


def agree(live: Live, who: str, consent: dict[str, Any]) -> int:
    body = {"snapshot": consent["snapshot"], "connections": consent["connections"]}
    return live.call(who, "POST", f"/api/consent/{FLOW}", body)[0]


def lent(live: Live) -> Path:
    """A flow of bob's that bob2 has lent their connection to."""
    folder = make_flow(live, WITH_CONNECTION, NAMES_A_CONNECTION)
    add_connection(live, "bob2")
    assert agree(live, "bob2", run(live, "bob2")[1]["consent"]) == 204
    return folder


@pytest.mark.parametrize("runner", ["bob2", "root"])
def test_ones_own_connection_is_offered_by_name_and_used_once_one_agrees(live: Live, runner: str) -> None:
    make_flow(live, WITH_CONNECTION, NAMES_A_CONNECTION)
    add_connection(live, "bob")
    add_connection(live, runner)

    status, problem = run(live, runner)
    assert (status, problem["code"]) == (403, "consent_required")
    assert (problem["consent"]["connections"], problem["consent"]["owner"]) == (["mine"], "bob")
    assert agree(live, runner, problem["consent"]) == 204

    result = run(live, runner)[1]
    assert result["output"]["result"] == {"key": f"{runner}'s key"[::-1]}, result
    assert run(live, runner)[1]["status"] == "Completed"  # It is remembered.
    told = json.loads(live.call("root", "GET", "/api/audit?act=secret")[1])["entries"]
    assert [(entry["act"], entry["actor"]) for entry in told] == [("secret.used", runner), ("secret.lent", runner)]


@pytest.mark.parametrize("change", ["probe.py", "new.py", "mode", "link"])
def test_a_changed_flow_asks_again(live: Live, change: str) -> None:
    folder = lent(live)
    if change == "mode":
        (folder / "probe.py").chmod(0o755)
    elif change == "link":
        (folder / "other.py").symlink_to("probe.py")
    else:
        with (folder / change).open("a") as file:
            file.write("# changed")

    assert run(live, "bob2")[1]["code"] == "consent_required"


def test_what_one_agreed_to_is_what_runs_whatever_the_owner_does_meanwhile(live: Live) -> None:
    slow = NAMES_A_CONNECTION.replace(
        "    return",
        "    import pathlib\n    here = pathlib.Path(__file__).parent\n    text = (here / 'probe.py').read_text()\n"
        "    if 'Users/bob' in str(here): return {'key': 'the live folder'}\n    return",
    )
    make_flow(live, WITH_CONNECTION, slow)
    add_connection(live, "bob2")
    assert agree(live, "bob2", run(live, "bob2")[1]["consent"]) == 204

    assert run(live, "bob2")[1]["output"]["result"] == {"key": "bob2's key"[::-1]}


def test_consent_of_one_person_is_no_others(live: Live) -> None:
    lent(live)
    add_connection(live, "root")

    assert run(live, "root")[1]["code"] == "consent_required"


def test_a_flow_that_takes_files_from_elsewhere_is_not_offered(live: Live) -> None:
    elsewhere = live.people.make_flow("bob", "elsewhere")
    (elsewhere / "more.py").write_text("x = 1\n")
    make_flow(live, WITH_CONNECTION + "additional_includes: [../elsewhere/more.py]\n", NAMES_A_CONNECTION)
    add_connection(live, "bob2")

    assert run(live, "bob2")[1]["code"] == "connection_not_shared"


def test_copies_are_no_places_of_the_share(live: Live) -> None:
    lent(live)
    assert run(live, "bob2")[1]["status"] == "Completed"

    listed = json.loads(live.call("bob2", "GET", "/api/files/")[1])
    assert [entry["name"] for entry in listed["entries"]] == ["Users"]
    flows = json.loads(live.call("bob2", "GET", "/api/flows")[1])["flows"]
    assert [flow["path"] for flow in flows] == [FLOW]
