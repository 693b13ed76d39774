"""Entries of the share over HTTP: list, make, move, delete, bring back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import pytest

from studios import People


def test_an_author_makes_moves_and_deletes_below_their_own_folder(people: People) -> None:
    bob = people.browser("bob")

    made = bob.post("/api/files/Users/bob/promptflow/flow/data", json={"kind": "folder"})
    moved = bob.patch("/api/files/Users/bob/promptflow/flow/data", json={"path": "Users/bob/promptflow/flow/more"})
    listed = bob.get("/api/files/Users/bob/promptflow/flow").json()
    deleted = bob.delete("/api/files/Users/bob/promptflow/flow/more")

    assert (made.status_code, made.json()["kind"]) == (201, "folder")
    assert (moved.status_code, moved.json()["path"]) == (200, "Users/bob/promptflow/flow/more")
    assert [(entry["name"], entry["writable"]) for entry in listed["entries"]] == [("more", True)]
    assert deleted.status_code == 204
    restored = bob.post(f"/api/trash/{deleted.headers['trash-entry']}/restore")
    assert (restored.status_code, restored.json()["path"]) == (200, "Users/bob/promptflow/flow/more")


def test_everyone_reads_the_whole_share_and_writes_only_their_own(people: People) -> None:
    folder = people.make_flow("bob")
    for name in ("bob2", "vic"):
        client = people.browser(name)
        entry = client.get("/api/files/Users/bob/promptflow/flow").json()
        assert [(item["name"], item["writable"]) for item in entry["entries"]] == [("flow.dag.yaml", False)]
        assert client.get("/api/content/Users/bob/promptflow/flow/flow.dag.yaml").status_code == 200
        for answer in (
            client.post("/api/files/Users/bob/new", json={"kind": "folder"}),
            client.patch("/api/files/Users/bob/promptflow", json={"path": "Users/bob2/stolen"}),
            client.patch("/api/files/Users/bob2", json={"path": "Users/bob/promptflow/x"}),
            client.delete("/api/files/Users/bob/promptflow/flow"),
            client.put("/api/content/Users/bob/promptflow/flow/flow.dag.yaml", content=b"x"),
        ):
            assert answer.status_code == 403, answer.text
    assert (folder / "flow.dag.yaml").read_text() == "inputs: {}\noutputs: {}\nnodes: []\n"
    assert people.browser("root").delete("/api/files/Users/bob/promptflow/flow").status_code == 204


def test_the_trash_is_ones_own_and_an_admins(people: People) -> None:
    people.make_flow("bob")
    bob, bob2, root = (people.browser(name) for name in ("bob", "bob2", "root"))
    trash_id = bob.delete("/api/files/Users/bob/promptflow/flow").headers["trash-entry"]

    assert [item["id"] for item in bob.get("/api/trash").json()["entries"]] == [trash_id]
    assert bob2.get("/api/trash").json() == {"entries": []}
    assert [item["deleted_by"] for item in root.get("/api/trash").json()["entries"]] == ["bob"]
    assert bob2.post(f"/api/trash/{trash_id}/restore").status_code == 404
    assert bob2.delete(f"/api/trash/{trash_id}").status_code == 404
    assert bob.delete(f"/api/trash/{trash_id}").status_code == 204
    assert bob.post(f"/api/trash/{trash_id}/restore").status_code == 404


@pytest.mark.parametrize("path", ["", "Users", "Users/bob"])
def test_the_folders_above_the_flows_are_listed_and_never_changed(people: People, path: str) -> None:
    root = people.browser("root")

    assert root.get(f"/api/files/{path}").json()["kind"] == "folder"
    assert root.delete(f"/api/files/{path}").status_code in (403, 405)
    assert root.patch(f"/api/files/{path}", json={"path": "Users/bob/x"}).status_code in (403, 405)


def test_a_body_may_not_say_more_than_it_should(people: People) -> None:
    bob = people.browser("bob")

    for body in ({"kind": "folder", "owner": "root"}, {"kind": "link"}, {}, [], "folder"):
        assert bob.post("/api/files/Users/bob/x", json=body).status_code == 400
    assert bob.patch("/api/files/Users/bob/x", json={"path": "Users/bob/y", "overwrite": True}).status_code == 400


HOSTILE = [
    "%2e%2e/secret.key",
    "Users/%2e%2e/%2e%2e/secret.key",
    "Users/bob/%2e%2e/%2e%2e/%2e%2e/secret.key",
    "Users/bob/..%2f..%2f..%2fsecret.key",
    "Users%2f..%2f..%2fsecret.key",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "Users/bob/%00",
    "Users/bob/a%00b",
    "Users/bob/..%5c..%5csecret.key",
    "Users/bob/%2e%2e/bob2",
    "Users//secret.key",
    "C:/x",
    "Users/bob/away/secret.key",
    ".trash",
    ".incoming",
    "Users/bob/" + "x" * 300,
]
ROUTES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "list": ("GET", "/api/files/{}", {}),
    "delete": ("DELETE", "/api/files/{}", {}),
    "make a folder": ("POST", "/api/files/{}", {"json": {"kind": "folder"}}),
    "move": ("PATCH", "/api/files/{}", {"json": {"path": "Users/bob/stolen"}}),
    "read": ("GET", "/api/content/{}", {}),
    "write": ("PUT", "/api/content/{}", {"content": b"evil"}),
    "read a flow": ("GET", "/api/flows/{}", {}),
    "export": ("GET", "/api/export/{}", {}),
    "test": ("POST", "/api/test/{}", {"json": {"inputs": {}}}),
    "stop": ("DELETE", "/api/test/{}", {}),
}


@pytest.mark.parametrize("route", ROUTES)
def test_no_route_leads_out_of_the_share(people: People, route: str) -> None:
    secret = people.share.parent / "secret.key"
    secret.write_text("what nobody may see")
    (people.share / "Users" / "bob").mkdir(exist_ok=True)
    (people.share / "Users" / "bob" / "away").symlink_to(people.share.parent)
    bob = people.browser("bob")
    method, address, options = ROUTES[route]

    for path in HOSTILE:
        answer = bob.request(method, address.format(path), **options)
        assert answer.status_code in (400, 403, 404), (path, answer.status_code)
        assert "what nobody may see" not in answer.text
        assert str(people.share) not in answer.text
    assert secret.read_text() == "what nobody may see"


def test_no_body_names_a_place_outside_the_share(people: People) -> None:
    people.make_flow("bob")
    (people.share / "Users" / "bob" / "away").symlink_to(people.share.parent)
    bob = people.browser("bob")

    for path in map(unquote, HOSTILE):
        for method, address, body in (
            ("PATCH", "/api/files/Users/bob/promptflow/flow", {"path": path}),
            ("POST", "/api/flows", {"name": "copy", "copy_of": path}),
            ("PUT", "/api/events/none", {"watch": [path]}),
        ):
            assert bob.request(method, address, json=body).status_code in (400, 403, 404), (address, path)
    assert bob.get("/api/files/Users/bob/promptflow").json()["entries"][0]["name"] == "flow"


def test_ten_thousand_files_are_listed_with_names_of_all_kinds(people: People) -> None:
    folder = people.make_flow("bob", "mäny files 🙂")
    for number in range(10_000):
        (folder / f"file {number} ü.txt").touch()
    bob = people.browser("bob")
    address = f"/api/files/{quote('Users/bob/promptflow/mäny files 🙂')}"

    assert len(bob.get(address).json()["entries"]) == 10_001
