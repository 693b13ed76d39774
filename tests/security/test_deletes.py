"""Row 29 of the table of incidents: whoever deletes takes along only what is theirs, by owner and never by prefix."""

from __future__ import annotations

import pytest

from studios import People

FLOW = "promptflow/flow"


@pytest.fixture
def deleted(people: People) -> dict[str, str]:
    """bob and bob2 each have a flow, something in the trash and an upload under way; the ids of these."""
    ids = {}
    for owner in ("bob", "bob2"):
        folder = people.make_flow(owner)
        for name in ("kept.txt", "gone.txt"):
            (folder / name).write_text(owner)
        client = people.browser(owner)
        gone = client.delete(f"/api/files/Users/{owner}/{FLOW}/gone.txt")
        ids[owner] = gone.headers["Trash-Entry"]
        begun = client.post("/api/uploads", json={"size": 1, "path": f"Users/{owner}/{FLOW}/up.txt"})
        ids[f"{owner}'s upload"] = begun.json()["id"]
    return ids


@pytest.mark.parametrize(("who", "other"), [("bob", "bob2"), ("bob2", "bob")])
def test_emptying_ones_trash_leaves_everyone_elses(
    people: People, deleted: dict[str, str], who: str, other: str
) -> None:
    assert people.browser(who).delete("/api/trash").is_success

    assert people.browser(who).get("/api/trash").json()["entries"] == []
    restored = people.browser(other).post(f"/api/trash/{deleted[other]}/restore")
    assert restored.is_success
    assert (people.share / f"Users/{other}/{FLOW}/gone.txt").read_text() == other


@pytest.mark.parametrize(("who", "other"), [("bob", "bob2"), ("bob2", "bob")])
def test_an_id_of_somebody_else_deletes_nothing(people: People, deleted: dict[str, str], who: str, other: str) -> None:
    client = people.browser(who)
    upload = deleted[f"{other}'s upload"]

    assert client.delete(f"/api/trash/{deleted[other]}").status_code == 404
    assert client.delete(f"/api/uploads/{upload}").status_code == 404
    for prefix in (deleted[other][:4], deleted[other] + "x", "", "*", "%2e%2e", deleted[other].upper()):
        assert client.delete(f"/api/trash/{prefix}").status_code in (200, 204, 404, 405)
    assert people.browser(other).get(f"/api/uploads/{upload}").is_success
    assert people.browser(other).post(f"/api/trash/{deleted[other]}/restore").is_success


@pytest.mark.parametrize(("who", "other"), [("bob", "bob2"), ("bob2", "bob")])
def test_what_goes_along_with_a_deleted_folder_is_ones_own(
    people: People, deleted: dict[str, str], who: str, other: str
) -> None:
    """The history, the running tests and the space that is counted go with the folder, and only with that one."""
    before = people.browser(other).get(f"/api/history/Users/{other}/{FLOW}/kept.txt").json()["entries"]
    assert before

    assert people.browser(who).delete(f"/api/files/Users/{who}/{FLOW}").is_success

    assert (people.share / f"Users/{other}/{FLOW}/kept.txt").read_text() == other
    history = f"/api/history/Users/{other}/{FLOW}/kept.txt"
    assert people.browser(other).get(history).json()["entries"] == before
    answer = people.browser(who).post(f"/api/history-removal/Users/{other}/{FLOW}/kept.txt")
    assert answer.status_code == 403
    assert people.browser(other).get(history).json()["entries"] == before
    assert people.browser(other).get(f"/api/flows/Users/{other}/{FLOW}").is_success


def test_many_deletes_at_once_are_each_asked_for_their_owner(people: People, deleted: dict[str, str]) -> None:
    paths = [f"Users/{owner}/{FLOW}/kept.txt" for owner in ("bob", "bob2", "bob2/..", "bob")]

    answer = people.browser("bob").post("/api/files-batch", json={"action": "delete", "paths": paths})

    results = answer.json()["results"]
    assert [bool(result["problem"]) for result in results] == [False, True, True, True]
    assert (people.share / f"Users/bob2/{FLOW}/kept.txt").read_text() == "bob2"
