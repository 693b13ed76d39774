"""Fetching, pulling and pushing with real servers, over HTTP and SSH, and the credentials for them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from git_server import GitServer
from pfstudio.git.remote_address import parse_address, parse_origin, shown_address
from pfstudio.git.remote_errors import RemoteAddressRefusedError
from ssh_server import ssh_serving
from studios import People

FLOW = "Users/bob/promptflow/flow"
TOKEN = "glpat-very-secret"
_WHO = {f"GIT_{role}_{what}": "t@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture
def studio(make_people: Callable[..., People]) -> People:
    people = make_people(import_private_addresses=True)
    folder = people.make_flow("bob")
    (folder / "flow.dag.yaml").write_text("nodes: []\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return people


@pytest.fixture
def bob(studio: People) -> TestClient:
    return studio.browser("bob")


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, **_WHO, "GIT_CONFIG_GLOBAL": os.devnull}
    ended = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=30
    )
    return ended.stdout.strip()


def empty(server: GitServer, name: str = "team.git") -> str:
    git(server.root, "init", "-q", "--bare", "-b", "main", name)
    git(server.root / name, "config", "http.receivepack", "true")
    return server.url(name)


def connect(bob: TestClient, url: str) -> None:
    assert bob.post(f"/api/git/remotes/{FLOW}", json={"url": url}).status_code == 201


def move(bob: TestClient, what: str) -> tuple[int, Any]:
    answer = bob.post(f"/api/git/{what}/{FLOW}", json={})
    return answer.status_code, answer.json()


def test_a_push_and_a_pull_over_http_bring_commits_there_and_back(
    studio: People, bob: TestClient, git_server: GitServer, tmp_path: Path
) -> None:
    connect(bob, empty(git_server))
    assert move(bob, "push") == (200, {"result": "main"})
    git(tmp_path, "clone", "-q", str(git_server.root / "team.git"), "other")
    (tmp_path / "other/flow.dag.yaml").write_text("nodes: []\n# theirs\n")
    git(tmp_path / "other", "commit", "-qam", "second")
    git(tmp_path / "other", "push", "-q")

    assert move(bob, "pull") == (200, {"result": "fast forward"})

    assert (studio.share / FLOW / "flow.dag.yaml").read_text() == "nodes: []\n# theirs\n"
    status = bob.get(f"/api/git/status/{FLOW}").json()
    assert (status["upstream"], status["ahead"], status["behind"]) == ("origin/main", 0, 0)
    assert status["entries"] == []


def test_a_pull_never_overwrites_what_is_not_committed(
    studio: People, bob: TestClient, git_server: GitServer, tmp_path: Path
) -> None:
    connect(bob, empty(git_server))
    move(bob, "push")
    git(tmp_path, "clone", "-q", str(git_server.root / "team.git"), "other")
    (tmp_path / "other/flow.dag.yaml").write_text("theirs\n")
    git(tmp_path / "other", "commit", "-qam", "second")
    git(tmp_path / "other", "push", "-q")
    (studio.share / FLOW / "flow.dag.yaml").write_text("mine\n")

    status, problem = move(bob, "pull")

    assert (status, problem["code"]) == (409, "would_overwrite")
    assert (studio.share / FLOW / "flow.dag.yaml").read_text() == "mine\n"


def test_a_push_that_is_behind_is_told_to_pull_first(
    studio: People, bob: TestClient, git_server: GitServer, tmp_path: Path
) -> None:
    connect(bob, empty(git_server))
    move(bob, "push")
    git(tmp_path, "clone", "-q", str(git_server.root / "team.git"), "other")
    git(tmp_path / "other", "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path / "other", "push", "-q")
    git(studio.share / FLOW, "commit", "-q", "--allow-empty", "-m", "mine")

    status, problem = move(bob, "push")

    assert (status, problem["code"]) == (409, "push_rejected")
    assert "pull first" in problem["detail"]


def test_progress_is_told_and_ends_with_the_result(bob: TestClient, git_server: GitServer) -> None:
    connect(bob, empty(git_server))

    said = bob.post(f"/api/git/push/{FLOW}", json={}, headers={"Accept": "text/event-stream"}).text

    assert said.startswith("event: progress\ndata: ")
    assert said.endswith('event: finished\ndata: {"result":"main"}\n\n')


def test_a_stored_token_signs_in_and_is_found_nowhere_else(
    studio: People, bob: TestClient, git_server: GitServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = empty(git_server)
    git_server.passwords["team.git"] = f"ada:{TOKEN}"
    connect(bob, url)
    assert move(bob, "push")[1]["code"] == "git_credential_needed"

    made = bob.post(
        "/api/git-credentials",
        json={"kind": "token", "host": url.removesuffix("/team.git"), "username": "ada", "token": TOKEN},
    )
    assert move(bob, "push") == (200, {"result": "main"})

    told = made.text + bob.get("/api/git-credentials").text + bob.get(f"/api/git/remotes/{FLOW}").text + caplog.text
    assert TOKEN not in told
    kept = [item for item in studio.share.parent.rglob("*") if item.is_file() and TOKEN.encode() in item.read_bytes()]
    assert kept == []
    assert bob.get("/api/git-credentials").json()["credentials"][0]["last_used_at"]


def test_a_token_that_the_host_refuses_is_told_so(bob: TestClient, git_server: GitServer) -> None:
    url = empty(git_server)
    git_server.passwords["team.git"] = f"ada:{TOKEN}"
    connect(bob, url)
    host = url.removesuffix("/team.git")
    bob.post("/api/git-credentials", json={"kind": "token", "host": host, "username": "ada", "token": "old"})

    assert move(bob, "fetch")[1]["code"] == "git_credential_refused"


def test_what_a_hostile_repository_configures_gets_no_token(
    studio: People, bob: TestClient, git_server: GitServer
) -> None:
    url = empty(git_server)
    connect(bob, url)
    origin = url.removesuffix("/team.git")
    bob.post("/api/git-credentials", json={"kind": "token", "host": origin, "username": "ada", "token": TOKEN})
    folder, ran = studio.share / FLOW, studio.share / FLOW / "ran"
    for name in ("credential.helper", "core.sshCommand", "core.askPass", f"credential.{origin}.helper"):
        git(folder, "config", name, f"!cat > {ran}")
    git(folder, "config", f"url.ext::sh -c 'touch {ran}'.insteadOf", origin)
    git(folder, "config", f"http.{origin}.proxy", "http://127.0.0.1:9")
    (folder / ".git/hooks/pre-push").write_text(f"#!/bin/sh\ntouch {ran}\n")
    (folder / ".git/hooks/pre-push").chmod(0o755)

    assert move(bob, "push") == (200, {"result": "main"})
    assert not ran.exists()


def test_over_ssh_a_server_is_shown_before_it_is_trusted_and_a_changed_key_is_refused(
    studio: People, bob: TestClient, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "team.git")
    public = bob.post("/api/git-credentials", json={"kind": "ssh_key"}).json()["public_key"]
    with ssh_serving(tmp_path / "sshd") as server:
        connect(bob, server.url(tmp_path / "team.git"))
        unknown = move(bob, "push")[1]
        assert unknown["code"] == "git_host_key_unknown"
        assert (tmp_path / "sshd/host.pub").read_text().startswith(unknown["proposal"]["key"])
        proposal = {name: unknown["proposal"][name] for name in ("host", "key")}
        assert bob.post("/api/git-host-keys", json=proposal).status_code == 201
        assert move(bob, "push")[1]["code"] == "git_ssh_key_refused"

        server.let_in(public)
        assert move(bob, "push") == (200, {"result": "main"})

        other = public.rpartition(" ")[0]
        bob.post("/api/git-host-keys", json={"host": proposal["host"], "key": other})
        assert move(bob, "push")[1]["code"] == "git_host_key_changed"
    assert git(tmp_path / "team.git", "log", "--format=%s", "main") == "first"


def test_credentials_are_ones_own(studio: People, bob: TestClient) -> None:
    made = bob.post("/api/git-credentials", json={"kind": "ssh_key"}).json()

    assert studio.browser("bob2").get("/api/git-credentials").json()["credentials"] == []
    assert studio.browser("bob2").delete(f"/api/git-credentials/{made['id']}").status_code == 404
    assert bob.delete(f"/api/git-credentials/{made['id']}").status_code == 204


@pytest.mark.parametrize(
    "url",
    [
        *("https://ada:s3cret@example.com/x.git", "ext::sh -c id", "file:///etc", "/etc", "../x", "--upload-pack=id"),
        *("ssh://-oProxyCommand=id/x", "-x@host:y", "ssh://a.example/../x", "Users/bob/x", "https://a.example/x?t=1"),
        *("git://a.example/x", "ssh://ada:s3cret@a.example/x", "a@b c:d", "fd::3"),
    ],
)
def test_an_address_with_a_secret_or_a_command_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(RemoteAddressRefusedError) as refused:
        parse_address(url)

    assert url not in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_addresses_of_all_kinds_are_read() -> None:
    assert parse_address("git@github.com:team/flow.git").url == "ssh://git@github.com/~/team/flow.git"
    assert parse_address("https://org@dev.azure.com/org/x").url == "https://dev.azure.com/org/x"
    assert parse_address("ssh://git@a.example:2222/x").known_host == "[a.example]:2222"
    assert parse_origin("a.example") == "https://a.example"
    assert shown_address("https://ada:s3cret@a.example/x?token=1") == "https://ada:******@a.example/x?******"
