"""The audit log over HTTP: what is told, to whom, and that no secret is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studios import PASSWORD, People

SECRET = "sk-never-to-be-seen-0123456789"


def entries(people: People, **query: Any) -> list[dict[str, Any]]:
    answer = people.script("root").get("/api/audit", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def test_connections_are_told_and_their_secrets_are_not(people: People) -> None:
    root = people.browser("root")
    body = {"name": "shared", "type": "open_ai", "api_key": SECRET, "scope": "workspace"}
    assert root.post("/api/connections", json=body).status_code == 201
    assert root.put("/api/connections/shared", json={"type": "open_ai", "api_key": SECRET + "2"}).status_code == 200
    assert root.delete("/api/connections/shared").status_code == 204
    people.browser("bob").post("/api/connections", json={"name": "own", "type": "open_ai", "api_key": SECRET})

    told = entries(people, act="connection")

    assert [(entry["actor"], entry["act"], entry["subject"], entry["details"]["scope"]) for entry in told] == [
        ("bob", "connection.created", "own", "user"),
        ("root", "connection.deleted", "shared", "workspace"),
        ("root", "connection.changed", "shared", "workspace"),
        ("root", "connection.created", "shared", "workspace"),
    ]
    assert SECRET not in people.script("root").get("/api/audit/download").text


def test_what_was_refused_is_not_told_as_done(people: People) -> None:
    bob = people.browser("bob")

    assert bob.post("/api/connections", json={"name": "x", "type": "open_ai"}).status_code == 400
    assert bob.delete("/api/connections/none").status_code == 404
    body = {"name": "shared", "type": "open_ai", "api_key": "k", "scope": "workspace"}
    assert bob.post("/api/connections", json=body).status_code == 403

    assert entries(people, act="connection") == []


def test_sign_ins_and_failures_are_told_with_their_address(people: People) -> None:
    nobody = people.anonymous(Origin="http://localhost:8010")

    assert nobody.post("/api/auth/session", json={"username": "bob", "password": "wrong horse"}).status_code == 401
    assert nobody.post("/api/auth/session", json={"username": "hunter2 is it", "password": "wrong"}).status_code == 401
    assert nobody.post("/api/auth/session", json={"username": " Bob ", "password": PASSWORD}).status_code == 200
    token = nobody.post("/api/auth/token", json={"username": "bob", "password": PASSWORD}).json()["token"]

    told = entries(people, act="sign_in")
    assert [(entry["act"], entry["subject"]) for entry in told][-3:] == [
        ("sign_in.succeeded", "bob"),
        ("sign_in.failed", ""),
        ("sign_in.failed", "bob"),
    ]
    assert all(entry["details"]["address"] for entry in told if "for" not in entry["details"])
    everything = people.script("root").get("/api/audit/download").text
    for secret in (PASSWORD, token, "hunter2", "wrong horse"):
        assert secret not in everything


def test_pages_follow_each_other_and_a_download_is_whole(people: People) -> None:
    root = people.browser("root")
    for number in range(5):
        root.post("/api/connections", json={"name": f"c{number}", "type": "open_ai", "api_key": "k"})

    first = root.get("/api/audit", params={"act": "connection", "limit": 3}).json()
    second = root.get("/api/audit", params={"act": "connection", "limit": 3, "before": first["next"]}).json()

    assert [entry["subject"] for entry in first["entries"] + second["entries"]] == ["c4", "c3", "c2", "c1", "c0"]
    assert second["next"] is None
    download = root.get("/api/audit/download", params={"act": "connection"})
    assert [json.loads(line)["subject"] for line in download.text.splitlines()] == ["c0", "c1", "c2", "c3", "c4"]
    assert download.headers["content-disposition"].startswith('attachment; filename="audit-')
    assert root.get("/api/audit/check").json() == {"broken_at": None}
    assert "connection.created" in root.get("/api/audit/choices").json()["acts"]


@pytest.mark.parametrize("query", [{"limit": 0}, {"before": "x"}, {"since": "yesterday"}, {"act": "a\0b"}])
def test_a_filter_that_is_none_is_refused_in_words(people: People, query: dict[str, Any]) -> None:
    answer = people.script("root").get("/api/audit", params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
