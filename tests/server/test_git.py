"""Git over HTTP: who may, what pages are told, what lands in the history and the trash."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pfstudio.git.process import Git
from pfstudio.git.repository import require_repository
from pfstudio.git.serial import alone
from pfstudio.share.paths import SharePath
from repositories import copy_repositories, git
from studios import People

HOME = "Users/bob/promptflow"
PATH = f"{HOME}/repository"
MERGING = f"{HOME}/merging"


@pytest.fixture
def bob(people: People) -> TestClient:
    (people.share / HOME).mkdir(parents=True, exist_ok=True)
    people.stash = copy_repositories(people.share / HOME)
    return people.browser("bob")


@pytest.fixture
def folder(people: People) -> Path:
    return people.share / PATH


def read(client: TestClient, verb: str, path: str = PATH, **params: Any) -> Any:
    answer = client.get(f"/api/git/{verb}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def act(client: TestClient, verb: str, path: str = PATH, status: int = 200, **body: Any) -> Any:
    answer = client.post(f"/api/git/{verb}/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def kinds(client: TestClient, path: str) -> list[tuple[str, str | None, str]]:
    entries = client.get(f"/api/history/{path}").json()["entries"]
    return [(entry["kind"], entry["author"], entry["message"]) for entry in entries]


def test_a_change_is_staged_committed_and_read_back(bob: TestClient, folder: Path) -> None:
    assert bob.put("/api/git-identity", json={"name": "Bob B", "address": "bob@example.com"}).is_success
    (folder / "a.txt").write_text("two\n")

    status = read(bob, "status", f"{PATH}/a.txt")
    assert (status["repository"], status["branch"], status["is_writable"]) == (PATH, "main", True)
    assert {entry["path"]: (entry["index"], entry["worktree"]) for entry in status["entries"]} == {
        f"{PATH}/a.txt": (None, "changed"),
        f"{PATH}/new.txt": (None, "untracked"),
        f"{PATH}/staged.txt": ("added", None),
    }
    changes = read(bob, "diff", staged=False, file=f"{PATH}/a.txt")["files"]
    assert [(file["path"], file["added"], file["removed"]) for file in changes] == [(f"{PATH}/a.txt", 1, 1)]
    act(bob, "stage", file=f"{PATH}/a.txt", hunks=[changes[0]["text"]])
    done = act(bob, "commit", message="Ask for two", sign_off=True)

    assert [entry["path"] for entry in done["status"]["entries"]] == [f"{PATH}/new.txt"]
    newest = read(bob, "log", limit=1)["commits"][0]
    assert (newest["id"], newest["author"], newest["address"]) == (done["commit"], "Bob B", "bob@example.com")
    assert newest["refs"] == [{"name": "main", "kind": "branch", "is_current": True}]
    details = read(bob, "commit", id=done["commit"])
    assert [file["path"] for file in details["files"]] == [f"{PATH}/a.txt", f"{PATH}/staged.txt"]
    assert git(folder, "log", "-1", "--format=%B").endswith("Signed-off-by: Bob B <bob@example.com>\n\n")


def test_a_folder_without_a_repository_says_so_and_becomes_one(people: People, bob: TestClient) -> None:
    people.make_flow("bob")
    path = f"{HOME}/flow"
    none = read(bob, "status", path)
    assert none["repository"] is None
    assert [proposal["pattern"] for proposal in none["ignore_proposals"]] == [".promptflow/", "__pycache__/", ".env"]
    assert bob.get(f"/api/git/log/{path}").json()["code"] == "no_repository"

    status = act(bob, "init", path, status=201, ignore=[".env"])

    assert (status["repository"], status["branch"], status["commit"]) == (path, "main", None)
    assert {entry["path"] for entry in status["entries"]} == {f"{path}/.gitignore", f"{path}/flow.dag.yaml"}
    assert bob.post(f"/api/git/init/{path}", json={}).json()["code"] == "repository_exists"
    assert ("git", "bob", "Made a repository.") in kinds(bob, path)


def test_what_git_changed_is_in_the_history_and_what_was_before_it_as_well(bob: TestClient, folder: Path) -> None:
    (folder / "unsaved.txt").write_text("from a terminal\n")

    act(bob, "switch", to="other")

    told = kinds(bob, PATH)
    assert told[0] == ("git", "bob", "Switched to 'other'.")
    assert told[1][:2] == ("outside change", None)


def test_the_histories_of_all_flows_in_one_repository_know_what_was_before_git(people: People, bob: TestClient) -> None:
    flow = people.make_flow("bob")
    home = flow.parent
    git(home, "init", "--quiet")
    git(home, "add", "flow")
    git(home, "commit", "--quiet", "-m", "First")
    kinds(bob, f"{HOME}/flow")
    (flow / "flow.dag.yaml").write_text("nodes: [] # from a terminal\n")

    act(bob, "discard", HOME, paths=[f"{HOME}/flow"])

    assert [kind for kind, _, _ in kinds(bob, f"{HOME}/flow")][:2] == ["git", "outside change"]
    trashed = bob.get("/api/trash").json()
    assert "flow.dag.yaml" in str(trashed)


def test_discarding_tells_the_trash_and_undo_brings_it_back(people: People, bob: TestClient, folder: Path) -> None:
    (folder / "a.txt").write_text("precious\n")

    done = act(bob, "discard", paths=[f"{PATH}/a.txt"])

    assert (folder / "a.txt").read_text() == "one\n"
    (entry,) = done["trash"]
    back = bob.post(f"/api/trash/{entry}/restore").json()
    assert (people.share / back["path"]).read_text() == "precious\n"


def test_a_conflict_is_resolved_and_the_merge_committed(people: People, bob: TestClient) -> None:
    status = read(bob, "status", MERGING)
    assert (status["state"], status["merging"]) == ("merging", "other")
    (file,) = read(bob, "conflicts", MERGING)["files"]
    assert (file["base"], file["ours"], file["theirs"], file["parts"]) == ("one\n", "ours\n", "theirs\n", None)
    assert bob.post(f"/api/git/commit/{MERGING}", json={}).json()["code"] == "conflicts_unresolved"

    act(bob, "resolve", MERGING, file=f"{MERGING}/a.txt", content="both\n")
    done = act(bob, "commit", MERGING)

    assert (done["status"]["state"], done["status"]["entries"]) == ("clean", [])
    assert (people.share / MERGING / "a.txt").read_text() == "both\n"


def test_a_reader_sees_what_changed_of_a_flow(bob: TestClient, folder: Path) -> None:
    node = "nodes:\n- name: ask\n  type: llm\n  source: {type: code, path: ask.jinja2}\n  inputs: {max_tokens: 5}\n"
    (folder / "flow.dag.yaml").write_text(f"inputs: {{}}\noutputs: {{}}\n{node}")
    (folder / "ask.jinja2").write_text("user:\nHello\n")

    found = read(bob, "flow-diff")

    assert [(node["name"], node["status"]) for node in found["nodes"]] == [("ask", "added")]
    assert found["nodes"][0]["texts"][0]["path"] == f"{PATH}/ask.jinja2"
    assert {"field": "inputs.max_tokens", "before": None, "after": "5"} in found["nodes"][0]["values"]


def test_a_file_of_a_commit_is_read_and_brought_back(bob: TestClient, folder: Path) -> None:
    answer = bob.get(f"/api/git/content/{PATH}/a.txt", params={"commit": "other"})
    assert (answer.content, answer.headers["content-disposition"]) == (b"theirs\n", "attachment")

    act(bob, "restore", f"{PATH}/a.txt", commit="other")

    assert (folder / "a.txt").read_text() == "theirs\n"


def test_a_viewer_sees_all_and_changes_nothing_not_even_by_looking(people: People, bob: TestClient) -> None:
    vic = people.browser("vic")
    before = {path: path.stat().st_mtime_ns for path in (people.share / PATH).rglob("*")}

    assert read(vic, "status")["is_writable"] is False
    assert len(read(vic, "log", all=True)["commits"]) >= 2
    assert vic.post(f"/api/git/stage/{PATH}", json={"paths": [PATH]}).status_code == 403
    assert vic.put("/api/git-identity", json={"name": "x", "address": "y"}).status_code == 403

    assert {path: path.stat().st_mtime_ns for path in (people.share / PATH).rglob("*")} == before


def test_files_that_only_look_newer_are_read_again_once(
    people: People, bob: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfstudio.server.git_work.SLOW_SECONDS", 0)
    os.utime(folder / "a.txt", (1, 1))

    def looks_newer() -> bool:
        repository = require_repository(people.studio.share, SharePath.parse(PATH))
        return "a.txt" in Git(repository).run("diff-files", "--name-only", what="look").text

    read(people.browser("vic"), "status")
    assert looks_newer()
    read(bob, "status")
    assert not looks_newer()


def test_an_admins_commit_in_somebodys_repository_bears_the_admins_name(people: People, bob: TestClient) -> None:
    act(people.browser("root"), "commit", message="By root")

    assert read(bob, "log", limit=1)["commits"][0]["author"] == "root"


def test_a_command_that_finds_another_at_work_is_told_so(
    people: People, bob: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfstudio.git.serial.SECONDS", 0.05)
    with alone(require_repository(people.studio.share, SharePath.parse(PATH))):
        answer = bob.post(f"/api/git/stage/{PATH}", json={"paths": [PATH]})

    assert (answer.status_code, answer.json()["code"]) == (409, "git_busy")


def test_many_commands_at_once_all_end_and_none_is_lost(people: People, bob: TestClient, folder: Path) -> None:
    codes: list[int] = []

    def stage(number: int) -> None:
        (folder / f"file{number}").write_text("x")
        client = people.browser("bob")
        codes.append(client.post(f"/api/git/stage/{PATH}", json={"paths": [f"{PATH}/file{number}"]}).status_code)

    threads = [threading.Thread(target=stage, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    staged = git(folder, "diff", "--cached", "--name-only").split()
    assert codes.count(200) == len([name for name in staged if name.startswith("file")])
    assert set(codes) <= {200, 409, 429}
    assert 200 in codes


def test_a_quota_that_is_used_up_keeps_git_from_writing(make_people: Any) -> None:
    people = make_people(quota_user=1)
    (people.share / HOME).mkdir(parents=True, exist_ok=True)
    copy_repositories(people.share / HOME)
    (people.share / HOME / "large").write_bytes(b"x" * 1_100_000)

    answer = people.browser("bob").post(f"/api/git/commit/{PATH}", json={"message": "x"})

    assert (answer.status_code, answer.json()["code"]) == (413, "quota_exceeded")
