"""The page about space, quotas over HTTP, and the trash emptied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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


def test_caches_are_deleted_and_nothing_else_is(people: People, tmp_path: Path) -> None:
    folder, outside = people.make_flow("bob"), tmp_path / "outside" / "__pycache__"
    outside.mkdir(parents=True)
    (outside / "kept.pyc").write_bytes(bytes(10))
    for path in ("__pycache__/a.pyc", "sub/__pycache__/b.pyc", ".mypy_cache/3.11/x.json", ".venv/__pycache__/c.pyc"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(bytes(100))
    (folder / "__pycache__" / "mine.txt").write_text("mine")
    (folder / "compiled.pyc").write_text("mine")
    (folder / "to outside").symlink_to(outside)
    (folder / "linked").mkdir()
    (folder / "linked" / "__pycache__").symlink_to(outside)
    (folder / "linked" / ".ruff_cache").symlink_to(outside)
    bob = people.browser("bob")

    (before,) = bob.get("/api/space").json()["users"]
    deleted = bob.delete("/api/space/caches").json()

    assert before["caches"] == deleted == {"bytes": 300, "files": 3}
    assert bob.get("/api/space").json()["users"][0]["caches"] == {"bytes": 0, "files": 0}
    left = {str(item.relative_to(folder)) for item in folder.rglob("*") if item.is_file()}
    assert left == {"flow.dag.yaml", "__pycache__/mine.txt", "compiled.pyc", ".venv/__pycache__/c.pyc"}
    assert (outside / "kept.pyc").exists()
    assert bob.delete("/api/space/caches", params={"owner": "bob2"}).status_code == 403
    assert bob.delete("/api/space/caches", params={"owner": "../bob2"}).status_code == 403
    root = people.browser("root")
    assert root.delete("/api/space/caches", params={"owner": "bob"}).json()["files"] == 0
    for owner in ("../..", "bob/../../..", "bob/promptflow", "none", "/"):
        assert root.delete("/api/space/caches", params={"owner": owner}).status_code == 404


def test_what_lies_beside_the_share_counts_for_its_owner_where_that_is_known(people: People) -> None:
    data = people.studio.settings.data
    bob, root = people.browser("bob"), people.browser("root")
    began = bob.post("/api/uploads", json={"size": 500}).json()["id"]
    bob.patch(f"/api/uploads/{began}", content=bytes(300), headers={"Upload-Offset": "0"})
    for kind, name, about in (("runs", "a", '{"owner": "bob"}'), ("runs", "b", "broken"), ("environments", "c", "[]")):
        (data / kind / name).mkdir(parents=True)
        (data / kind / name / "about.json").write_text(about)
        (data / kind / name / "big").write_bytes(bytes(1000))

    everyone = root.get("/api/space").json()

    (user,) = [user for user in everyone["users"] if user["username"] == "bob"]
    assert user["kinds"]["runs"] == {"bytes": 1016, "files": 2}
    assert user["kinds"]["uploads"]["bytes"] >= 300
    assert user["kinds"]["environments"] == {"bytes": 0, "files": 0}
    assert everyone["kinds"]["runs"] == {"bytes": 2022, "files": 4}
    assert everyone["kinds"]["environments"]["bytes"] == 1002
    (mine,) = bob.get("/api/space").json()["users"]
    assert mine["kinds"] == user["kinds"]


def test_a_quota_of_a_flow_is_one_sentence_with_413(make_people: Callable[..., People]) -> None:
    people = make_people(quota_flow=1)
    people.make_flow("bob")
    bob = people.browser("bob")

    answer = bob.put(f"/api/content/{HERE}/big.bin", content=bytes(1_100_000))

    assert (answer.status_code, answer.json()["code"]) == (413, "flow_quota_exceeded")
    assert f"'{HERE}' uses 0 of 1 MB that one flow may have" in answer.json()["detail"]
    assert bob.put("/api/content/Users/bob/big.bin", content=bytes(1_100_000)).status_code == 201
    assert bob.get("/api/space").json()["flow_quota"] == 1024 * 1024
