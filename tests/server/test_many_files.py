"""Copies, and one action on many entries."""

from __future__ import annotations

from studios import People

HERE = "Users/bob/promptflow/flow"


def test_a_flow_of_somebody_else_becomes_mine_in_one_action(people: People) -> None:
    people.make_flow("bob")
    bob2 = people.browser("bob2")

    made = bob2.post("/api/files/Users/bob2/promptflow/mine", json={"kind": "copy", "from": HERE})
    again = bob2.post("/api/files/Users/bob2/promptflow/mine", json={"kind": "copy", "from": HERE})
    other = bob2.post("/api/files/Users/bob2/promptflow/mine", json={"kind": "copy", "from": HERE, "find_name": True})

    assert (made.status_code, made.json()["path"]) == (201, "Users/bob2/promptflow/mine")
    assert (again.status_code, again.json()["code"]) == (409, "entry_exists")
    assert other.json()["name"] == "mine-2"
    assert (people.share / "Users/bob2/promptflow/mine/flow.dag.yaml").exists()
    assert bob2.post(f"/api/files/{HERE}/x", json={"kind": "copy", "from": f"{HERE}/flow.dag.yaml"}).status_code == 403


def test_many_entries_are_changed_and_each_one_is_answered(people: People) -> None:
    folder = people.make_flow("bob")
    for name in ("a", "b", "c"):
        (folder / name).write_text(name)
    (folder / "into").mkdir()
    (folder / "into" / "b").write_text("other")
    bob = people.browser("bob")
    paths = [f"{HERE}/{name}" for name in ("a", "b", "none")]

    moved = bob.post("/api/files-batch", json={"action": "move", "paths": paths, "to": f"{HERE}/into"}).json()
    copied = bob.post(
        "/api/files-batch",
        json={"action": "copy", "paths": [f"{HERE}/b"], "to": f"{HERE}/into", "find_name": True},
    ).json()
    deleted = bob.post("/api/files-batch", json={"action": "delete", "paths": [f"{HERE}/c", "Users/bob2"]}).json()

    assert [item["entry"] and item["entry"]["path"] for item in moved["results"]] == [f"{HERE}/into/a", None, None]
    assert [item["problem"] and item["problem"]["status"] for item in moved["results"]] == [None, 409, 404]
    assert copied["results"][0]["entry"]["name"] == "b-2"
    assert [item["problem"] and item["problem"]["status"] for item in deleted["results"]] == [None, 403]
    assert bob.post(f"/api/trash/{deleted['results'][0]['trash']}/restore").json()["path"] == f"{HERE}/c"
    assert (folder / "into" / "b").read_text() == "other"


def test_what_is_somebody_elses_stays_where_it_is(people: People) -> None:
    people.make_flow("bob")
    bob2, vic = people.browser("bob2"), people.browser("vic")

    for body in (
        {"action": "move", "paths": [HERE], "to": "Users/bob2"},
        {"action": "delete", "paths": [HERE]},
        {"action": "copy", "paths": [HERE], "to": "Users/bob"},
    ):
        assert bob2.post("/api/files-batch", json=body).json()["results"][0]["problem"]["status"] == 403
        assert vic.post("/api/files-batch", json=body).status_code == 403
    assert bob2.post("/api/files-batch", json={"action": "move", "paths": [HERE]}).json()["code"] == "missing_target"
    assert (people.share / HERE / "flow.dag.yaml").exists()
