"""The history over HTTP: what is recorded of whom, what can be seen and restored by whom, what is gone for good."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from live_studio import Live, live, until
from pfstudio.history import service
from pfstudio.share.paths import SharePath
from pfstudio.share.snapshots import encode_version
from pfstudio.share.snapshots_objects import ObjectWriter
from pfstudio.share.snapshots_upkeep import pack
from studios import People

__all__ = ["live"]

FLOW = "Users/bob/promptflow/flow"


@pytest.fixture
def bob(people: People) -> TestClient:
    """Bob, with a flow whose history has begun."""
    people.make_flow("bob")
    client = people.browser("bob")
    entries(client, FLOW)
    return client


def entries(client: TestClient, path: str, **asked: Any) -> list[dict[str, Any]]:
    """The timeline of a path, newest first, with all that was done by now."""
    assert client.app.state.studio.recorder.wait(60)  # type: ignore[attr-defined]
    answer = client.get(f"/api/history/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def put(client: TestClient, path: str, text: str, **headers: str) -> str:
    answer = client.put(f"/api/content/{path}", content=text.encode(), headers=headers)
    assert answer.is_success, answer.text
    return answer.headers["ETag"]


def content(client: TestClient, path: str, version: str) -> bytes:
    answer = client.get(f"/api/history-content/{path}", params={"version": version})
    assert answer.status_code == 200, answer.text
    return answer.content


def recorded(people: People) -> None:
    assert people.studio.recorder.wait(20)


def test_a_save_is_told_with_its_author_and_its_bytes(bob: TestClient) -> None:
    put(bob, f"{FLOW}/a.txt", "one")
    newest = entries(bob, f"{FLOW}/a.txt")[0]

    assert (newest["kind"], newest["author"], newest["paths"]) == ("save", "bob", [f"{FLOW}/a.txt"])
    assert content(bob, f"{FLOW}/a.txt", newest["id"]) == b"one"


def test_saves_of_one_author_within_a_minute_are_one_entry_and_each_is_there_when_asked(
    people: People, bob: TestClient
) -> None:
    for text in ("one", "two", "three"):
        put(bob, f"{FLOW}/a.txt", text)
        recorded(people)
    put(people.browser("root"), f"{FLOW}/a.txt", "four")

    told = entries(bob, f"{FLOW}/a.txt")
    each = entries(bob, f"{FLOW}/a.txt", every=True)

    assert [(entry["kind"], entry["author"]) for entry in told] == [("save", "root"), ("save", "bob")]
    assert [content(bob, f"{FLOW}/a.txt", entry["id"]) for entry in each] == [b"four", b"three", b"two", b"one"]
    assert told[1]["first_at"] == each[-1]["at"]


def test_what_was_changed_without_the_studio_has_no_author_and_is_kept_before_the_save_over_it(
    people: People, bob: TestClient
) -> None:
    put(bob, f"{FLOW}/a.txt", "saved")
    recorded(people)
    (people.share / FLOW / "a.txt").write_text("from a shell")
    put(bob, f"{FLOW}/a.txt", "saved over it")

    told = entries(bob, f"{FLOW}/a.txt")

    assert [(entry["kind"], entry["author"]) for entry in told] == [
        ("save", "bob"),
        ("outside change", None),
        ("save", "bob"),
    ]
    assert content(bob, f"{FLOW}/a.txt", told[1]["id"]) == b"from a shell"


def test_a_look_at_the_history_finds_what_a_shell_did(people: People, bob: TestClient) -> None:
    (people.share / FLOW / "a.txt").write_text("from a shell")

    newest = entries(bob, FLOW)[0]

    assert (newest["kind"], newest["author"], newest["paths"]) == ("outside change", None, [f"{FLOW}/a.txt"])


def test_a_change_by_a_shell_is_recorded_while_a_browser_watches(live: Live) -> None:
    people = live.people
    folder = people.make_flow("bob")
    people.studio.recorder.look(SharePath.parse(FLOW))
    stream = live.stream("bob", "GET", "/api/events")
    _, hello = stream.next()
    status, body, _ = live.call("bob", "PUT", f"/api/events/{hello['stream']}", {"watch": [FLOW]})
    assert status < 300, body

    (folder / "a.txt").write_text("from a shell")

    until(lambda: "outside change None a.txt" in _rows(people, FLOW), 20)
    stream.hang_up()


def test_every_way_of_changing_files_is_recorded(people: People, bob: TestClient) -> None:
    def last(path: str = FLOW) -> tuple[str, str | None, list[str]]:
        entry = entries(bob, path, every=True)[0]
        return entry["kind"], entry["author"], [item.removeprefix(f"{path}/") for item in entry["paths"]]

    assert bob.post(f"/api/files/{FLOW}/made", json={"kind": "folder"}).status_code == 201
    assert last() == ("save", "bob", ["made"])
    copied = bob.post(f"/api/files/{FLOW}/copy.yaml", json={"kind": "copy", "from": f"{FLOW}/flow.dag.yaml"})
    assert copied.status_code == 201
    assert last()[2] == ["made", "copy.yaml"]
    assert bob.patch(f"/api/files/{FLOW}/copy.yaml", json={"path": f"{FLOW}/made/moved.yaml"}).status_code == 200
    assert "made/moved.yaml" in last()[2]
    deleted = bob.delete(f"/api/files/{FLOW}/made/moved.yaml")
    newest = entries(bob, FLOW)[0]
    assert bob.get(f"/api/history-version/{FLOW}/made/moved.yaml", params={"version": newest["id"]}).status_code == 404
    assert bob.post(f"/api/trash/{deleted.headers['Trash-Entry']}/restore").status_code == 200
    newest = entries(bob, FLOW)[0]
    assert bob.get(f"/api/history-version/{FLOW}/made/moved.yaml", params={"version": newest["id"]}).status_code == 200

    upload = bob.post("/api/uploads", json={"path": f"{FLOW}/big.bin", "size": 3}).json()["id"]
    bob.patch(f"/api/uploads/{upload}", content=b"abc", headers={"Upload-Offset": "0"})
    assert bob.post(f"/api/uploads/{upload}/finish").is_success
    assert content(bob, f"{FLOW}/big.bin", entries(bob, f"{FLOW}/big.bin")[0]["id"]) == b"abc"

    many = {"action": "copy", "paths": [f"{FLOW}/big.bin", f"{FLOW}/flow.dag.yaml"], "to": f"{FLOW}/made"}
    assert bob.post("/api/files-batch", json=many).is_success
    assert {"made/big.bin", "made/flow.dag.yaml"} <= set(last()[2])


def test_new_and_imported_flows_begin_with_who_made_them(people: People, bob: TestClient) -> None:
    bob.post("/api/flows", json={"name": "new", "type": "standard"})
    bob.post("/api/import", files=[("files", ("imported/flow.dag.yaml", b"nodes: []\n"))])

    new = entries(bob, "Users/bob/promptflow/new")
    imported = entries(bob, "Users/bob/promptflow/imported")

    assert [(entry["kind"], entry["author"]) for entry in new] == [("save", "bob")]
    assert [(entry["kind"], entry["author"]) for entry in imported] == [("import", "bob")]


def test_a_moved_flow_takes_its_history_along(people: People, bob: TestClient) -> None:
    put(bob, f"{FLOW}/a.txt", "before")
    moved = "Users/bob/promptflow/renamed"
    assert bob.patch(f"/api/files/{FLOW}", json={"path": moved}).status_code == 200
    put(bob, f"{moved}/a.txt", "after")

    told = entries(bob, moved)
    of_file = entries(bob, f"{moved}/a.txt")

    assert told[1]["message"] == f"Moved here from '{FLOW}'."
    assert [content(bob, f"{moved}/a.txt", entry["id"]) for entry in of_file] == [b"after", b"before"]
    assert entries(bob, FLOW) == []


def test_a_flow_that_is_moved_onto_the_name_of_a_deleted_one_has_both_histories(
    people: People, bob: TestClient
) -> None:
    put(bob, f"{FLOW}/a.txt", "of the deleted one")
    bob.delete(f"/api/files/{FLOW}")
    recorded(people)  # What is on disk when a deletion's turn comes is what counts.
    other = "Users/bob/promptflow/other"
    people.make_flow("bob", "other")
    put(bob, f"{other}/a.txt", "of the moved one")
    bob.patch(f"/api/files/{other}", json={"path": FLOW})

    texts = [
        content(bob, f"{FLOW}/a.txt", entry["id"])
        for entry in entries(bob, f"{FLOW}/a.txt", every=True)
        if bob.get(f"/api/history-version/{FLOW}/a.txt", params={"version": entry["id"]}).status_code == 200
    ]

    assert texts == [b"of the moved one", b"of the deleted one"]


def test_a_run_is_a_version_of_what_was_run(people: People, bob: TestClient) -> None:
    bob.post(f"/api/test/{FLOW}", json={"inputs": {}})
    bob.post(f"/api/test/{FLOW}", json={"inputs": {}})

    told = entries(bob, FLOW)

    assert [(entry["kind"], entry["author"]) for entry in told] == [("run", "bob"), ("outside change", None)]


def test_a_restore_brings_a_file_back_and_can_be_undone(people: People, bob: TestClient) -> None:
    put(bob, f"{FLOW}/a.txt", "one")
    recorded(people)
    put(bob, f"{FLOW}/a.txt", "two")
    one = entries(bob, f"{FLOW}/a.txt", every=True)[1]["id"]

    done = bob.post(f"/api/history-restore/{FLOW}/a.txt", json={"version": one}).json()
    assert (people.share / FLOW / "a.txt").read_text() == "one"
    assert done["paths"] == [f"{FLOW}/a.txt"]
    newest = entries(bob, f"{FLOW}/a.txt")[0]
    assert (newest["id"], newest["kind"], newest["author"]) == (done["version"], "restore", "bob")

    bob.post(f"/api/history-restore/{FLOW}/a.txt", json={"version": done["undo"]})
    assert (people.share / FLOW / "a.txt").read_text() == "two"


def test_a_restored_flow_is_what_it_was_and_what_came_since_is_in_the_trash(people: People, bob: TestClient) -> None:
    folder = people.share / FLOW
    (folder / "kept.sh").write_text("#!/bin/sh\n")
    (folder / "kept.sh").chmod(0o755)
    (folder / "empty").mkdir()
    before = entries(bob, FLOW)[0]["id"]
    (folder / "kept.sh").unlink()
    (folder / "empty").rmdir()
    put(bob, f"{FLOW}/since/new.txt", "new")

    done = bob.post(f"/api/history-restore/{FLOW}", json={"version": before}).json()

    assert sorted(item.name for item in folder.iterdir()) == ["empty", "flow.dag.yaml", "kept.sh"]
    assert (folder / "kept.sh").stat().st_mode & 0o777 == 0o755
    assert [item["path"] for item in bob.get("/api/trash").json()["entries"]] == [f"{FLOW}/since"]
    bob.post(f"/api/history-restore/{FLOW}", json={"version": done["undo"]})
    assert sorted(item.name for item in folder.iterdir()) == ["flow.dag.yaml", "since"]


def test_a_deleted_flow_comes_back_from_its_history(people: People, bob: TestClient) -> None:
    before = entries(bob, FLOW)[0]["id"]
    bob.delete(f"/api/files/{FLOW}")

    assert bob.post(f"/api/history-restore/{FLOW}", json={"version": before}).is_success

    assert (people.share / FLOW / "flow.dag.yaml").is_file()


def test_a_file_beside_the_flows_has_a_history_and_its_neighbors_are_left_alone(
    people: People, bob: TestClient
) -> None:
    (people.share / "Users/bob/data").mkdir()
    (people.share / "Users/bob/data/neighbor.bin").write_bytes(b"much")
    put(bob, "Users/bob/data/notes.txt", "one")
    recorded(people)
    put(bob, "Users/bob/data/notes.txt", "two")
    one = entries(bob, "Users/bob/data/notes.txt", every=True)[1]
    held = bob.get("/api/history-version/Users/bob/data", params={"version": one["id"]}).json()

    bob.post("/api/history-restore/Users/bob/data/notes.txt", json={"version": one["id"]})

    assert (people.share / "Users/bob/data/notes.txt").read_text() == "one"
    assert [item["name"] for item in held["entries"]] == ["notes.txt"]
    refused = bob.post("/api/history-restore/Users/bob", json={"version": one["id"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "too_wide")


def test_nobody_changes_others_folders_by_way_of_the_history_and_viewers_read_it(
    people: People, bob: TestClient
) -> None:
    put(bob, f"{FLOW}/a.txt", "one")
    recorded(people)
    put(bob, f"{FLOW}/a.txt", "two")
    versions = [entry["id"] for entry in entries(bob, f"{FLOW}/a.txt", every=True)]
    for username in ("bob2", "vic"):
        client = people.browser(username)
        assert content(client, f"{FLOW}/a.txt", versions[1]) == b"one"
        assert client.get(f"/api/history-diff/{FLOW}", params={"to": versions[0]}).status_code == 200
        for call, arguments in (
            (f"/api/history-restore/{FLOW}/a.txt", {"json": {"version": versions[1]}}),
            (f"/api/history-removal/{FLOW}/a.txt", {}),
            (f"/api/history-lost/{FLOW}/a.txt", {"content": b"mine"}),
            ("/api/history-retention", {"json": {}}),
        ):
            assert client.post(call, **arguments).status_code == 403

    # A version of bob's flow says nothing of a path of one's own, nor of a path that leads out of the flow.
    people.make_flow("bob2")
    bob2 = people.browser("bob2")
    entries(bob2, "Users/bob2/promptflow/flow")
    own = {"version": versions[1]}
    assert bob2.post("/api/history-restore/Users/bob2/promptflow/flow", json=own).status_code == 404
    for path in (f"{FLOW}/../../../bob2/promptflow/flow", "Users/bob2/promptflow/flow/a.txt", "Users/bob", FLOW + "2"):
        body = {"version": versions[1], "paths": [path]}
        assert bob.post(f"/api/history-restore/{FLOW}", json=body).status_code in (400, 404)
    assert (people.share / FLOW / "a.txt").read_text() == "two"


def test_a_link_that_leaves_the_folder_is_not_written_through_by_a_restore(people: People, bob: TestClient) -> None:
    put(bob, f"{FLOW}/sub/a.txt", "mine")
    version = entries(bob, FLOW)[0]["id"]
    others = people.make_flow("bob2")
    (others / "a.txt").write_text("theirs")
    (people.share / FLOW / "sub" / "a.txt").unlink()
    (people.share / FLOW / "sub").rmdir()
    (people.share / FLOW / "sub").symlink_to(others)

    bob.post(f"/api/history-restore/{FLOW}", json={"version": version})

    assert (others / "a.txt").read_text() == "theirs"
    assert (people.share / FLOW / "sub" / "a.txt").read_text() == "mine"
    assert not (people.share / FLOW / "sub").is_symlink()


def test_a_stale_restore_changes_nothing(people: People, bob: TestClient) -> None:
    put(bob, f"{FLOW}/a.txt", "one")
    recorded(people)
    stale = put(bob, f"{FLOW}/a.txt", "two")
    version = entries(bob, f"{FLOW}/a.txt", every=True)[1]["id"]
    put(bob, f"{FLOW}/a.txt", "three")

    answer = bob.post(f"/api/history-restore/{FLOW}/a.txt", json={"version": version}, headers={"If-Match": stale})

    assert answer.status_code == 412
    assert (people.share / FLOW / "a.txt").read_text() == "three"


def test_differences_are_a_unified_diff(people: People, bob: TestClient) -> None:
    put(bob, f"{FLOW}/a.txt", "one\ntwo\n")
    recorded(people)
    put(bob, f"{FLOW}/a.txt", "one\n2\n")
    newer, older = [entry["id"] for entry in entries(bob, f"{FLOW}/a.txt", every=True)]

    told = bob.get(f"/api/history-diff/{FLOW}", params={"from": older, "to": newer}).json()
    (people.share / FLOW / "a.txt").write_text("one\nthree\n")
    now = bob.get(f"/api/history-diff/{FLOW}/a.txt", params={"from": newer}).json()

    assert told["is_all"] is True
    assert [(file["path"], file["status"]) for file in told["files"]] == [(f"{FLOW}/a.txt", "changed")]
    assert told["files"][0]["text"] == "@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
    assert now["files"][0]["text"] == "@@ -1,2 +1,2 @@\n one\n-2\n+three\n"


def test_a_text_that_lost_a_race_is_kept_beside_the_file(people: People, bob: TestClient) -> None:
    etag = put(bob, f"{FLOW}/a.txt", "base")
    put(people.browser("root"), f"{FLOW}/a.txt", "theirs")
    lost = bob.put(f"/api/content/{FLOW}/a.txt", content=b"mine", headers={"If-Match": etag})
    assert lost.status_code == 412

    kept = bob.post(f"/api/history-lost/{FLOW}/a.txt", content=b"mine")

    assert kept.json() == {"kept": True}
    newest = entries(bob, f"{FLOW}/a.txt")[0]
    assert (newest["kind"], newest["author"]) == ("lost save", "bob")
    assert content(bob, f"{FLOW}/a.txt", newest["id"]) == b"mine"
    assert (people.share / FLOW / "a.txt").read_text() == "theirs"
    undo = bob.post(f"/api/history-restore/{FLOW}/a.txt", json={"version": newest["id"]}).json()["undo"]
    bob.post(f"/api/history-restore/{FLOW}/a.txt", json={"version": undo})
    assert (people.share / FLOW / "a.txt").read_text() == "theirs"


def test_pages_of_a_timeline_follow_each_other(people: People, bob: TestClient) -> None:
    users = [bob, people.browser("root")]
    for number in range(6):
        put(users[number % 2], f"{FLOW}/a.txt", str(number))
        recorded(people)

    first = bob.get(f"/api/history/{FLOW}/a.txt", params={"limit": 4}).json()
    second = bob.get(f"/api/history/{FLOW}/a.txt", params={"limit": 4, "before": first["next"]}).json()

    texts = [content(bob, f"{FLOW}/a.txt", entry["id"]) for entry in first["entries"] + second["entries"]]
    assert texts == [b"5", b"4", b"3", b"2", b"1", b"0"]
    assert second["next"] is None


def test_retention_tells_beforehand_what_it_lets_go_of(people: People, bob: TestClient) -> None:
    root = people.browser("root")
    for number in range(4):
        put([bob, root][number % 2], f"{FLOW}/a.txt", str(number))
        recorded(people)
    _age(people, days=30)
    entries(bob, FLOW)

    told = root.get("/api/history-retention", params={"days": 10, "keep": 2}).json()
    assert people.browser("bob2").get("/api/history-retention", params={"days": 10, "keep": 2}).json()["entries"] == 0
    went = root.post("/api/history-retention", json={"days": 10, "keep": 2}).json()

    assert told["entries"] == went["entries"] == 3
    assert [item["path"] for item in told["histories"]] == [FLOW]
    assert [content(bob, f"{FLOW}/a.txt", entry["id"]) for entry in entries(bob, f"{FLOW}/a.txt")] == [b"3", b"2"]
    assert root.get("/api/history-retention").json()["days"] == people.studio.settings.history_days


def _age(people: People, *, days: int) -> None:
    """Let every version be older."""
    store = people.studio.retention.store
    for ref, newest in store.refs().items():
        parent = None
        with ObjectWriter(store.git, store.objects) as objects:
            for version in reversed(list(store.versions(ref))):
                older = replace(version, parent=parent, at=version.at - timedelta(days=days))
                parent = objects.add("commit", encode_version(older))
            objects.flush()
        assert parent is not None
        store.move(ref, old=newest, new=parent)


def test_a_key_is_gone_from_the_store_after_its_removal(people: People, bob: TestClient) -> None:
    key = b"sk-" + b"0123456789abcdef" * 200
    put(bob, f"{FLOW}/keys.env", key.decode())
    recorded(people)
    put(people.browser("root"), f"{FLOW}/copy.env", key.decode())
    pack(people.studio.retention.store)
    version = entries(bob, f"{FLOW}/keys.env")[0]["id"]
    call = f"/api/history-removal/{FLOW}/keys.env"

    told = bob.post(call, params={"dry_run": True}).json()
    assert (told["contents"], told["versions"], told["is_done"]) == (1, 2, False)
    assert told["on_disk"] in (f"{FLOW}/keys.env", f"{FLOW}/copy.env")
    assert bob.post(call).json()["code"] == "still_on_disk"
    put(bob, f"{FLOW}/keys.env", "empty")
    bob.delete(f"/api/files/{FLOW}/copy.env")
    assert content(bob, f"{FLOW}/keys.env", version) == key

    done = bob.post(call, params={"version": version}).json()

    assert (done["is_done"], done["still_in"]) == (True, [])
    assert not _objects_with(people, key)
    gone = bob.get(f"/api/history-content/{FLOW}/keys.env", params={"version": version})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_in_version")
    assert len(entries(bob, FLOW, every=True)) == 5
    assert content(bob, f"{FLOW}/keys.env", entries(bob, f"{FLOW}/keys.env")[0]["id"]) == b"empty"


def test_a_key_that_another_flow_keeps_is_told(people: People, bob: TestClient) -> None:
    key = "sk-0123456789abcdef"
    put(bob, f"{FLOW}/keys.env", key)
    recorded(people)
    bob.post("/api/flows", json={"name": "copy", "copy_of": FLOW})
    recorded(people)
    bob.delete(f"/api/files/{FLOW}/keys.env")

    done = bob.post(f"/api/history-removal/{FLOW}/keys.env").json()

    assert done["still_in"] == ["Users/bob/promptflow/copy"]
    bob.delete("/api/files/Users/bob/promptflow/copy/keys.env")
    bob.post("/api/history-removal/Users/bob/promptflow/copy/keys.env")
    assert not _objects_with(people, key.encode())


def test_an_empty_file_takes_no_other_empty_file_along(people: People, bob: TestClient) -> None:
    put(bob, f"{FLOW}/__init__.py", "")
    put(bob, f"{FLOW}/keys.env", "")
    recorded(people)
    put(bob, f"{FLOW}/keys.env", "sk-1")
    recorded(people)
    bob.delete(f"/api/files/{FLOW}/keys.env")

    assert bob.post(f"/api/history-removal/{FLOW}/keys.env").json()["is_done"] is True

    newest = entries(bob, FLOW)[0]["id"]
    assert content(bob, f"{FLOW}/__init__.py", newest) == b""
    assert all(
        bob.get(f"/api/history-version/{FLOW}/keys.env", params={"version": entry["id"]}).status_code == 404
        for entry in entries(bob, FLOW, every=True)
    )


def _objects_with(people: People, needle: bytes) -> list[str]:
    """Every object of the store that holds the bytes, also those that nothing leads to."""
    store = people.studio.settings.snapshots
    git = ["git", "--git-dir", str(store), "cat-file", "--batch-all-objects"]
    listed = subprocess.run([*git, "--batch-check=%(objectname)"], capture_output=True, check=True).stdout.split()
    found = []
    for name in listed:
        shown = subprocess.run(
            ["git", "--git-dir", str(store), "cat-file", "-p", name.decode()], capture_output=True, check=True
        )
        if needle in shown.stdout:
            found.append(name.decode())
    return found


def _rows(people: People, unit: str) -> list[str]:
    place = service.place_of(people.studio.share, SharePath.parse(unit))
    with people.studio.database.read() as session:
        found = service.timeline(session, place, before=None, limit=50, every=True).entries
    return [f"{entry.kind} {entry.author} {' '.join(Path(path).name for path in entry.paths)}" for entry in found]


def test_the_status_says_how_recording_goes(people: People, bob: TestClient) -> None:
    put(bob, f"{FLOW}/a.txt", "a")
    recorded(people)

    assert bob.get("/api/status").json()["history"] == {"state": "ok", "note": None, "waiting": 0}
