"""Sessions and personal tokens: listed, scoped, used, taken back. Row 18 of the table of incidents."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pfstudio.accounts import sessions
from pfstudio.kit import clock
from studios import ADDRESS, COOKIE, PASSWORD, People


def _token(client: TestClient, scope: str, **more: object) -> dict[str, Any]:
    answer = client.post("/api/tokens", json={"name": f"a {scope} token", "scope": scope, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _with(people: People, token: str) -> TestClient:
    return people.anonymous(Authorization=f"Bearer {token}")


def _git(people: People, token: str) -> TestClient:
    given = base64.b64encode(f"anything:{token}".encode()).decode()
    return people.anonymous(Authorization=f"Basic {given}")


def test_sessions_are_listed_and_this_one_is_marked(people: People) -> None:
    people.browser("bob2")
    people.anonymous(**{"User-Agent": "Firefox/140"}).post(
        "/api/auth/session", json={"username": "bob", "password": PASSWORD}
    )
    here = people.browser("bob")

    found = here.get("/api/sessions").json()["sessions"]

    assert [(each["is_this"], each["browser"]) for each in found].count((True, "")) == 1
    assert {each["browser"] for each in found} == {"", "Firefox/140"}
    assert len(found) == 2


def test_a_session_that_is_ended_is_out_and_anothers_cannot_be_ended(people: People) -> None:
    here, elsewhere, eve = people.browser("bob"), people.browser("bob"), people.browser("bob2")
    other = next(each for each in here.get("/api/sessions").json()["sessions"] if not each["is_this"])

    assert eve.delete(f"/api/sessions/{other['id']}").json()["code"] == "session_not_found"
    assert here.delete(f"/api/sessions/{other['id']}").status_code == 204

    assert [client.get("/api/users").status_code for client in (here, elsewhere, eve)] == [200, 401, 200]


@pytest.mark.parametrize(("tokens", "script_after"), [(False, 200), (True, 401)])
def test_signing_out_everywhere_ends_all_sessions_and_tokens_on_wish(
    people: People, tokens: bool, script_after: int
) -> None:
    here, elsewhere, script, eve = (
        people.browser("bob"), people.browser("bob"), people.script("bob"), people.browser("bob2")
    )  # fmt: skip

    answer = here.post("/api/sessions/sign-out-everywhere", json={"tokens": tokens})

    assert answer.status_code == 204
    assert f"{COOKIE}=" in answer.headers["set-cookie"]
    after = [client.get("/api/users").status_code for client in (here, elsewhere, script, eve)]
    assert after == [401, 401, script_after, 200]


def test_a_token_shows_its_secret_once_and_its_last_use(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = people.browser("bob")
    made = _token(bob, "read", expires_in_days=30)
    assert made["token"].startswith("pfs_")
    (listed,) = bob.get("/api/tokens").json()["tokens"]
    assert listed == {key: value for key, value in made.items() if key != "token"}
    assert listed["last_used_at"] is None
    monkeypatch.setattr(sessions, "utc_now", lambda: clock.utc_now() + timedelta(minutes=5))

    assert _with(people, made["token"]).get("/api/users").status_code == 200

    assert bob.get("/api/tokens").json()["tokens"][0]["last_used_at"] is not None


def test_a_token_that_is_taken_back_or_anothers(people: People) -> None:
    bob, eve = people.browser("bob"), people.browser("bob2")
    made = _token(bob, "write")

    assert eve.delete(f"/api/tokens/{made['id']}").json()["code"] == "token_not_found"
    assert _with(people, made["token"]).get("/api/users").status_code == 200
    assert bob.delete(f"/api/tokens/{made['id']}").status_code == 204

    assert _with(people, made["token"]).get("/api/users").status_code == 401


def test_a_read_token_reads_and_changes_nothing(people: People) -> None:
    client = _with(people, _token(people.browser("root"), "read")["token"])

    assert client.get("/api/users").status_code == 200
    for answer in (
        client.post("/api/flows", json={"name": "x", "type": "standard"}),
        client.post("/api/tokens", json={"name": "more", "scope": "write"}),
        client.patch("/api/users/bob", json={"role": "viewer"}),
        client.post("/api/auth/password", json={"current": PASSWORD, "new": "something new"}),
        client.put("/api/content/Users/root/promptflow/x.txt", content=b"x"),
        client.delete("/api/auth/session"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "token_scope")


def test_a_git_token_is_for_git_only(people: People) -> None:
    token = _token(people.browser("root"), "git")["token"]

    for answer in (
        _with(people, token).get("/api/users"),
        _with(people, token).get("/api/auth/session"),
        _with(people, token).post("/api/flows", json={"name": "x", "type": "standard"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "token_scope")


PULL = "/git/Users/bob/promptflow/none/info/refs?service=git-upload-pack"
PUSH = "/git/Users/bob/promptflow/none/info/refs?service=git-receive-pack"


@pytest.mark.parametrize(
    ("scope", "address", "is_let_in"),
    [
        ("git", PULL, True),
        ("git", PUSH, True),
        ("write", PUSH, True),
        ("read", PULL, True),
        ("read", PUSH, False),
        ("read", PUSH.replace("receive", "%72eceive"), False),
        ("read", "/git/Users/bob/promptflow/none/git-receive-pack", False),
    ],
)
def test_git_is_let_in_by_the_scope_of_its_token(people: People, scope: str, address: str, is_let_in: bool) -> None:
    answer = _git(people, _token(people.browser("bob"), scope)["token"]).get(address)

    refused = answer.status_code == 403 and answer.json()["code"] == "token_scope"
    assert refused != is_let_in
    assert answer.status_code != 401


def test_git_is_asked_for_a_token_and_neither_cookies_nor_pages_nor_passwords_get_in(people: People) -> None:
    basic = base64.b64encode(f"bob:{PASSWORD}".encode()).decode()
    token = _token(people.browser("bob"), "git")["token"]
    for client in (
        people.anonymous(),
        people.browser("bob"),
        people.anonymous(Authorization=f"Basic {basic}"),
        people.anonymous(Authorization="Basic ***"),
        people.anonymous(Authorization="Basic"),
        people.anonymous(Authorization="Digest x"),
        people.anonymous(Authorization=f"Basic {base64.b64encode(chr(255).encode('latin-1')).decode()}"),
    ):
        client.headers.pop("Origin", None)
        answer = client.get(PULL)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic realm=")
    page = _git(people, token)
    assert page.get(PULL, headers={"Origin": ADDRESS}).status_code == 403
    assert page.get(PULL, headers={"Sec-Fetch-Mode": "cors"}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scope": "read"},
        {"name": "  ", "scope": "read"},
        {"name": "x" * 101, "scope": "read"},
        {"name": "line\nbreak", "scope": "read"},
        {"name": "\u202eright", "scope": "read"},
        {"name": "ci", "scope": "admin"},
        {"name": "ci", "scope": ""},
        {"name": "ci", "scope": "read", "expires_in_days": 0},
        {"name": "ci", "scope": "read", "expires_in_days": 10**12},
        {"name": "ci", "scope": "read", "username": "root"},
        {"scope": "read"},
    ],
)
def test_odd_tokens_are_not_made(people: People, body: dict[str, object]) -> None:
    bob = people.browser("bob")

    assert bob.post("/api/tokens", json=body).status_code == 400
    assert bob.get("/api/tokens").json() == {"tokens": []}


def test_a_viewer_makes_tokens_that_still_only_read(people: People) -> None:
    token = _token(people.browser("vic"), "write")["token"]

    assert _with(people, token).get("/api/users").status_code == 200
    assert _with(people, token).post("/api/flows", json={"name": "x", "type": "standard"}).status_code == 403
