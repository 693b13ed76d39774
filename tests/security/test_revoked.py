"""Every route for someone who may no longer come in, in each way there is: rows 4 and 30 of the table of incidents."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pfstudio.accounts import sessions
from pfstudio.accounts.actor import Actor
from pfstudio.db.models.user import AccessTokenRow
from security.route_classes import FLOW, ROUTES, SOCKETS, Who
from studios import ADDRESS, COOKIE, PASSWORD, People

CLOSED = [key for key, route in ROUTES.items() if route.who is not Who.OPEN]


def _revoked_token(people: People) -> TestClient:
    client = people.script("root")
    (token,) = client.get("/api/tokens").json()["tokens"]
    assert client.delete(f"/api/tokens/{token['id']}").status_code == 204
    return client


def _expired_token(people: People) -> TestClient:
    client = people.script("root")
    with people.studio.database.write() as session:
        for row in session.query(AccessTokenRow):
            row.expires_at -= timedelta(days=10_000)
    return client


def _signed_out(people: People) -> TestClient:
    client = people.browser("root")
    kept = client.cookies[COOKIE]
    assert client.delete("/api/auth/session").is_success
    client.cookies.set(COOKIE, kept)
    return client


def _signed_out_everywhere(people: People) -> TestClient:
    client = people.browser("root")
    with people.studio.database.write() as session:
        sessions.sign_out_everywhere(session, actor=_actor(people), tokens=True)
    return client


def _disabled(people: People) -> TestClient:
    client = people.browser("bob")
    answer = people.browser("root").patch("/api/users/bob", json={"is_disabled": True})
    assert answer.is_success, answer.text
    return client


def _removed(people: People) -> TestClient:
    client = people.script("bob")
    answer = people.browser("root").delete("/api/users/bob")
    assert answer.is_success, answer.text
    return client


def _changed_password(people: People) -> TestClient:
    client = people.browser("bob")
    other = people.browser("bob")
    answer = other.post("/api/auth/password", json={"current": PASSWORD, "new": "staple horse battery"})
    assert answer.is_success, answer.text
    return client


def _actor(people: People) -> Actor:
    with people.studio.database.read() as session:
        issued = sessions.identify_token(session, people.script("root").headers["Authorization"].split()[1])
    assert issued is not None
    return issued.actor


WAYS: dict[str, Callable[[People], TestClient]] = {
    "a token that was taken back": _revoked_token,
    "a token that expired": _expired_token,
    "a session that was signed out": _signed_out,
    "sessions that were signed out everywhere": _signed_out_everywhere,
    "an account that was disabled": _disabled,
    "an account that was removed": _removed,
    "a password that was changed": _changed_password,
}


@pytest.fixture(params=WAYS)
def revoked(people: People, request: pytest.FixtureRequest) -> Iterator[TestClient]:
    people.make_flow("bob")
    yield WAYS[request.param](people)


def test_every_route_and_socket_is_closed(people: People, revoked: TestClient) -> None:
    revoked.headers.setdefault("Origin", ADDRESS)
    opened = []
    for method, path in CLOSED:
        route = ROUTES[method, path]
        answer = revoked.request(method, route.address, json=route.json)
        if answer.status_code != 401:
            opened.append((method, path, answer.status_code))

    assert not opened
    for _, address in SOCKETS:
        with pytest.raises(WebSocketDisconnect) as refused, revoked.websocket_connect(f"ws://localhost:8010{address}"):
            pass
        assert refused.value.code == 1008
    assert (people.share / FLOW / "flow.dag.yaml").exists()


@pytest.mark.parametrize("way", ["a token that was taken back", "a token that expired", "an account that was removed"])
def test_git_is_closed_as_well(people: People, way: str) -> None:
    people.make_flow("bob")
    token = WAYS[way](people).headers["Authorization"].split()[1]
    basic = base64.b64encode(f"root:{token}".encode()).decode()

    for service in ("git-upload-pack", "git-receive-pack"):
        answer = people.anonymous(Authorization=f"Basic {basic}").get(f"/git/{FLOW}/info/refs?service={service}")
        assert answer.status_code == 401


@pytest.mark.parametrize(("scope", "allowed"), [("read", {"GET", "HEAD"}), ("git", set())])
def test_a_tokens_scope_is_held_at_every_route(people: People, scope: str, allowed: set[str]) -> None:
    people.make_flow("bob")
    made = people.script("root").post("/api/tokens", json={"name": "narrow", "scope": scope, "expires_in_days": 1})
    assert made.status_code == 201, made.text
    client = people.anonymous(Authorization=f"Bearer {made.json()['token']}")
    opened = []
    for method, path in CLOSED:
        route = ROUTES[method, path]
        if method in allowed or route.endless or (scope == "read" and path == "/api/events/{stream}"):
            continue
        answer = client.request(method, route.address, json=route.json)
        if answer.status_code not in (401, 403):
            opened.append((method, path, answer.status_code))

    assert not opened
