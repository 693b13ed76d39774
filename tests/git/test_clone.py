"""A repository elsewhere becomes a folder of one's own, with all its history."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from git_server import GitServer
from pfstudio.accounts.actor import Actor, Role
from pfstudio.git import clone
from pfstudio.git.credentials import StoredCredentials
from pfstudio.git.identity import Identity
from pfstudio.git.remote_errors import TransferCanceledError
from pfstudio.git.transfer import Access
from pfstudio.share.errors import ArchiveTooLargeError
from pfstudio.share.paths import SharePath
from studios import People

HOME = "Users/bob/promptflow"
FLOW = {"flow.dag.yaml": b"nodes: []\n", "tool.py": b"print()\n"}
BOB = Actor("bob", Role.AUTHOR)


@pytest.fixture
def studio(make_people: Callable[..., People]) -> People:
    people = make_people(import_private_addresses=True)
    people.make_flow("bob", "taken")
    return people


@pytest.fixture
def bob(studio: People) -> TestClient:
    return studio.browser("bob")


def left_behind(studio: People) -> list[Path]:
    return [*(studio.share / HOME).glob("team*"), *(studio.share / ".incoming").glob("*")]


def test_a_clone_has_the_files_the_history_and_the_way_back(
    studio: People, bob: TestClient, git_server: GitServer
) -> None:
    git_server.make("team.git", FLOW)
    git_server.make("team.git", {"flow.dag.yaml": b"other\n"}, branch="next")

    made = bob.post("/api/git/clone", json={"url": git_server.url("team.git"), "into": HOME})

    assert (made.status_code, made.json()) == (201, {"path": f"{HOME}/team", "branch": "main"})
    folder = studio.share / HOME / "team"
    assert (folder / "tool.py").read_bytes() == FLOW["tool.py"]
    status = bob.get(f"/api/git/status/{HOME}/team").json()
    assert (status["branch"], status["upstream"], status["ahead"], status["entries"]) == ("main", "origin/main", 0, [])
    branches = bob.get(f"/api/git/branches/{HOME}/team").json()
    assert "origin/next" in str(branches)
    assert bob.post(f"/api/git/pull/{HOME}/team", json={}).json() == {"result": "up to date"}
    told = studio.browser("root").get("/api/audit").json()["entries"]
    assert ["git.cloned", f"{HOME}/team"] in [[entry["act"], entry["subject"]] for entry in told]
    assert left_behind(studio) == [folder]
    versions = bob.get(f"/api/history/{HOME}/team").json()
    assert "import" in str(versions)


def test_a_branch_is_checked_out_and_one_that_is_not_there_is_told(bob: TestClient, git_server: GitServer) -> None:
    git_server.make("team.git", FLOW)
    git_server.make("team.git", {"a.txt": b"there\n"}, branch="team/next")
    start = {"url": git_server.url("team.git"), "into": HOME}

    refused = bob.post("/api/git/clone", json={**start, "branch": "none"})
    made = bob.post("/api/git/clone", json={**start, "branch": "team/next", "name": "mine"})

    assert (refused.status_code, refused.json()["detail"]) == (400, "The repository has no branch 'none'.")
    assert made.json() == {"path": f"{HOME}/mine", "branch": "team/next"}
    assert bob.get(f"/api/content/{HOME}/mine/a.txt").text == "there\n"


def test_a_name_that_is_taken_comes_with_one_that_is_free_and_without_one_it_is_taken(
    bob: TestClient, git_server: GitServer
) -> None:
    git_server.make("taken.git", FLOW)
    start = {"url": git_server.url("taken.git"), "into": HOME}

    refused = bob.post("/api/git/clone", json={**start, "name": "taken"})
    made = bob.post("/api/git/clone", json=start)

    assert (refused.status_code, refused.json()["proposal"]) == (409, "taken-2")
    assert made.json()["path"] == f"{HOME}/taken-2"


def test_an_empty_repository_is_cloned_as_one(bob: TestClient, git_server: GitServer) -> None:
    git_server.make("team.git", FLOW)
    git_server.git("team.git", "update-ref", "-d", "refs/heads/main")

    made = bob.post("/api/git/clone", json={"url": git_server.url("team.git"), "into": HOME})

    assert made.json() == {"path": f"{HOME}/team", "branch": None}
    assert bob.get(f"/api/git/status/{HOME}/team").json()["commit"] is None


def test_only_ones_own_folder_takes_a_clone_and_nothing_is_asked_before(
    studio: People, bob: TestClient, git_server: GitServer
) -> None:
    git_server.make("team.git", FLOW)
    url = git_server.url("team.git")

    refused = [
        studio.browser("bob2").post("/api/git/clone", json={"url": url, "into": HOME}),
        studio.browser("vic").post("/api/git/clone", json={"url": url, "into": "Users/vic"}),
        bob.post("/api/git/clone", json={"url": url, "into": f"{HOME}/none"}),
        bob.post("/api/git/clone", json={"url": url, "into": HOME, "name": "../x"}),
        bob.post("/api/git/clone", json={"url": url, "into": HOME, "branch": "../x"}),
        bob.post("/api/git/clone", json={"url": "ext::sh -c id", "into": HOME}),
        bob.post("/api/git/clone", json={"url": "https://ada:s3cret@a.example/x", "into": HOME}),
    ]

    assert [answer.status_code for answer in refused] == [403, 403, 404, 400, 400, 400, 400]
    assert "s3cret" not in refused[-1].text
    assert git_server.asked == []
    assert bob.post(f"/api/git/init/{HOME}/taken", json={"branch": "main"}).status_code == 201
    inside = bob.post("/api/git/clone", json={"url": url, "into": f"{HOME}/taken"})
    assert inside.json()["code"] == "inside_repository"


def test_a_machine_of_ones_own_network_is_not_asked_unless_the_studio_may(
    make_people: Callable[..., People], git_server: GitServer
) -> None:
    git_server.make("team.git", FLOW)
    people = make_people()
    people.make_flow("bob", "taken")
    start = {"url": git_server.url("team.git"), "into": HOME}

    said = people.browser("bob").post("/api/git/clone", json=start, headers={"Accept": "text/event-stream"}).text

    assert "event: failed" in said
    assert "remote_address_refused" in said
    assert git_server.asked == []
    assert left_behind(people) == []


def test_nothing_of_a_hostile_repository_runs_and_its_submodules_stay_away(
    studio: People, bob: TestClient, git_server: GitServer
) -> None:
    modules = f'[submodule "x"]\n\tpath = x\n\turl = {git_server.url("other.git")}\n'
    git_server.make("other.git", FLOW)
    git_server.make(
        "team.git",
        {
            ".gitattributes": b"* filter=evil diff=evil\n",
            ".gitmodules": modules.encode(),
            "out": ("120000", b"/etc/passwd"),
            "x": ("160000", git_server.git("other.git", "rev-parse", "main").encode()),
            "a.txt": b"one\n",
        },
    )
    for name in ("core.fsmonitor", "core.hooksPath", "filter.evil.smudge"):
        git_server.git("team.git", "config", name, "touch ran")

    made = bob.post("/api/git/clone", json={"url": git_server.url("team.git"), "into": HOME})

    folder = studio.share / HOME / "team"
    assert (made.status_code, sorted(path.name for path in folder.iterdir())) == (
        201,
        [".git", ".gitattributes", ".gitmodules", "a.txt", "out", "x"],
    )
    assert list((folder / "x").iterdir()) == []
    assert not list((folder / ".git").glob("hooks/*"))
    assert "evil" not in (folder / ".git/config").read_text()
    assert not any(path.startswith("/other.git") for path in git_server.asked)
    assert bob.get(f"/api/content/{HOME}/team/out").status_code == 404


def test_a_private_repository_takes_the_stored_token_which_is_not_in_the_clone(
    studio: People, bob: TestClient, git_server: GitServer
) -> None:
    git_server.make("team.git", FLOW)
    git_server.passwords["team.git"] = "ada:glpat-very-secret"
    url = git_server.url("team.git")
    start = {"url": url, "into": HOME}
    assert bob.post("/api/git/clone", json=start).json()["code"] == "git_credential_needed"
    host = url.removesuffix("/team.git")
    token = {"kind": "token", "host": host, "username": "ada", "token": "glpat-very-secret"}
    bob.post("/api/git-credentials", json=token)

    assert bob.post("/api/git/clone", json=start).status_code == 201

    kept = [path for path in (studio.share / HOME / "team").rglob("*") if path.is_file()]
    assert not [path for path in kept if b"very-secret" in path.read_bytes()]


def test_one_that_is_canceled_or_too_large_leaves_nothing_behind(studio: People, git_server: GitServer) -> None:
    git_server.make("slow.git", FLOW)
    git_server.slow.add("slow.git")
    canceled = threading.Event()
    threading.Timer(0.3, canceled.set).start()
    with pytest.raises(TransferCanceledError):
        cloned(studio, git_server.url("slow.git"), most=10**9, is_canceled=canceled.is_set)
    git_server.make("team.git", {**FLOW, "large.bin": b"0" * 100_000})
    with pytest.raises(ArchiveTooLargeError):
        cloned(studio, git_server.url("team.git"), most=50_000)

    assert left_behind(studio) == []


def cloned(studio: People, url: str, *, most: int, is_canceled: Callable[[], bool] = lambda: False) -> clone.Cloned:
    credentials = StoredCredentials(studio.studio.database, studio.studio.vault, "bob")
    access = Access(credentials, private=True, most=most, is_canceled=is_canceled)
    share, into = studio.studio.share, SharePath.parse(HOME)
    wanted = clone.prepare(share, url=url, branch=None, into=into, name=None, actor=BOB)
    return clone.clone(share, wanted, access, actor=BOB, identity=Identity("Bob", "bob@example.com"))
