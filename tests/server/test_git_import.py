"""A repository comes in over HTTP: with progress, as one answer, and not at all when nobody waits for it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest

from git_server import *  # noqa: F403 - fixtures.
from git_server import GitServer
from live_studio import Live, live, until
from pfstudio.server import git_imports
from studios import People

__all__ = ["live"]

FLOW = {"flow.dag.yaml": b"nodes:\n- {name: a, type: llm, source: {type: code, path: a.jinja2}, connection: one}\n"}


@pytest.fixture
def people(make_people: Callable[..., People]) -> People:
    return make_people(import_private_addresses=True)


def test_progress_is_told_and_the_flow_comes_with_its_problems(live: Live, git_server: GitServer) -> None:
    git_server.make("r.git", {**FLOW, "more/flow.dag.yaml": b"nodes: []\n"})

    events = list(live.stream("bob", "POST", "/api/import-git", {"url": git_server.url("r.git"), "branch": "main"}))

    assert [name for name, _ in events] == ["progress"] * (len(events) - 1) + ["finished"]
    phases = [data["phase"] for name, data in events if name == "progress"]
    assert (phases[0], phases[-1]) == ("connecting", "writing")
    finished = events[-1][1]
    assert (finished["path"], finished["files"]) == ("Users/bob/promptflow/r", 2)
    assert finished["flows"] == ["Users/bob/promptflow/r", "Users/bob/promptflow/r/more"]
    assert finished["connections"] == ["one"]
    assert any("a.jinja2" in problem["message"] for problem in finished["problems"])


def test_one_answer_says_what_became_of_it(live: Live, git_server: GitServer) -> None:
    git_server.make("r.git", FLOW)
    body = {"url": git_server.url("r.git"), "name": "given"}

    first, second = (live.call("bob", "POST", "/api/import-git", body) for _ in range(2))
    missing = live.stream("bob", "POST", "/api/import-git", {"url": git_server.url("none.git")})

    assert (first[0], json.loads(first[1])["path"]) == (201, "Users/bob/promptflow/given")
    problem = json.loads(second[1])
    assert (second[0], problem["code"], problem["proposal"]) == (409, "flow_name_taken", "given-2")
    name, problem = list(missing)[-1]
    assert (name, problem["status"], problem["code"]) == ("failed", 400, "git_fetch_failed")


@pytest.mark.parametrize("way", ["events", "answer"])
def test_hanging_up_cancels(live: Live, git_server: GitServer, way: str) -> None:
    git_server.slow.add("slow.git")
    body = {"url": git_server.url("slow.git")}
    if way == "events":
        stream = live.stream("bob", "POST", "/api/import-git", body)
        assert stream.next()[1]["phase"] == "connecting"
        until(lambda: bool(git_server.asked))
        stream.hang_up()
    else:
        connection = live.connect()
        headers = {"Authorization": f"Bearer {live.token('bob')}", "Content-Type": "application/json"}
        connection.request("POST", "/api/import-git", json.dumps(body).encode(), headers)
        until(lambda: bool(git_server.asked))
        connection.close()

    until(lambda: not git_imports._running)
    assert not list((live.people.share.parent / "repositories").iterdir())


def test_one_user_imports_two_at_a_time(live: Live, git_server: GitServer) -> None:
    git_server.slow.add("slow.git")
    streams = [live.stream("bob", "POST", "/api/import-git", {"url": git_server.url("slow.git")}) for _ in range(2)]

    status, body, headers = live.call("bob", "POST", "/api/import-git", {"url": git_server.url("slow.git")})

    assert (status, json.loads(body)["code"], headers["retry-after"]) == (429, "too_many_imports", "5")
    for stream in streams:
        stream.hang_up()
    until(lambda: not git_imports._running)


def test_an_address_with_a_password_is_in_no_answer_and_no_log(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    for url in ("https://bob:hunter2@example.com/x", "git@hunter2:x", "https://example.com/?token=hunter2", "hunter2"):
        status, body, _ = live.call("bob", "POST", "/api/import-git", {"url": url})
        assert (status, json.loads(body)["code"]) == (400, "git_address_refused")
        assert b"hunter2" not in body
    status, body, _ = live.call("bob", "POST", "/api/import-git", {"url": ["hunter2"], "hunter2": 1})
    assert status == 400
    assert "hunter2" not in caplog.text


def test_machines_inside_are_refused_by_default(make_people: Callable[..., People], git_server: GitServer) -> None:
    people = make_people()
    for url in (git_server.url("r.git"), "http://169.254.169.254/latest", "http://[::1]/x", "http://localhost/x"):
        answer = people.browser("bob").post("/api/import-git", json={"url": url})
        assert (answer.status_code, answer.json()["code"]) == (400, "git_address_refused")
    assert git_server.asked == []
    assert people.browser("vic").post("/api/import-git", json={"url": git_server.url("r.git")}).status_code == 403
