"""The page about space, quotas over HTTP, and the trash emptied."""

from __future__ import annotations

from collections.abc import Callable

from studios import People

HERE = "Users/bob/promptflow/flow"


def test_an_admin_sees_everyones_use_and_others_their_own(people: People) -> None:
    folder = people.make_flow("bob")
    (folder / "big.bin").write_bytes(bytes(5000))
    (people.share / "Users/bob2").mkdir(exist_ok=True)
    bob, root = people.browser("bob"), people.browser("root")
    (folder / "gone").write_bytes(bytes(700))
    bob.delete(f"/api/files/{HERE}/gone")

    everyone, mine = root.get("/api/space").json(), bob.get("/api/space").json()

    (user,) = [user for user in everyone["users"] if user["username"] == "bob"]
    size = 5000 + (folder / "flow.dag.yaml").stat().st_size
    assert user["flows"] == [{"bytes": size, "files": 2, "path": HERE}]
    assert (user["files"]["bytes"], user["trash"]) == (size, {"bytes": 700, "files": 1})
    assert set(everyone["kinds"]) == {"files", "trash", "history", "runs", "environments", "uploads"}
    assert [item["username"] for item in mine["users"]] == ["bob"]
    assert set(mine["kinds"]) == {"files", "trash"}
    assert mine["storage"]["read_only"] is False
    assert root.get("/api/status").json()["storage"]["free"] > 0


def test_a_quota_is_one_sentence_with_413(make_people: Callable[..., People]) -> None:
    people = make_people(quota_user=1)
    people.make_flow("bob")
    bob = people.browser("bob")

    answer = bob.put(f"/api/content/{HERE}/big.bin", content=bytes(1_100_000))

    assert (answer.status_code, answer.json()["code"]) == (413, "quota_exceeded")
    assert "of 1 MB" in answer.json()["detail"]
    assert bob.post("/api/uploads", json={"path": f"{HERE}/x", "size": 1_100_000}).json()["code"] == "quota_exceeded"
    assert bob.put(f"/api/content/{HERE}/big.bin", content=bytes(500_000)).status_code == 201
    assert bob.get("/api/space").json()["quota"] == 1024 * 1024


def test_a_disk_that_is_nearly_full_answers_507_and_status_says_so(make_people: Callable[..., People]) -> None:
    people = make_people(quota_reserve=10**9)  # More than any disk has.
    folder = people.make_flow("bob")
    (folder / "gone").write_text("x")
    bob = people.browser("bob")

    for answer in (
        bob.put(f"/api/content/{HERE}/a", content=b"x"),
        bob.post(f"/api/files/{HERE}/b", json={"kind": "folder"}),
        bob.post("/api/uploads", json={"size": 1}),
        bob.post("/api/flows", json={"name": "x", "type": "standard"}),
        bob.post("/api/import", files=[("files", ("f/flow.dag.yaml", b"nodes: []"))]),
    ):
        assert (answer.status_code, answer.json()["code"]) == (507, "studio_read_only")
    status = bob.get("/api/status").json()["storage"]
    assert status["read_only"]
    assert "read-only" in status["note"]
    assert bob.get(f"/api/content/{HERE}/gone").status_code == 200
    assert bob.delete(f"/api/files/{HERE}/gone").status_code == 204
    assert bob.delete("/api/trash").json() == {"removed": 1}


def test_the_trash_is_emptied_of_ones_own_only(people: People) -> None:
    for owner in ("bob", "bob2"):
        folder = people.make_flow(owner)
        (folder / "gone").write_text("x")
        people.browser(owner).delete(f"/api/files/Users/{owner}/promptflow/flow/gone")
    bob, root = people.browser("bob"), people.browser("root")

    assert bob.delete("/api/trash", params={"owner": "bob2"}).status_code == 403
    assert people.browser("vic").delete("/api/trash").status_code == 403
    assert root.delete("/api/trash").json() == {"removed": 0}
    assert bob.delete("/api/trash").json() == {"removed": 1}
    assert root.delete("/api/trash", params={"owner": "bob2"}).json() == {"removed": 1}
    assert root.get("/api/trash").json() == {"entries": []}
