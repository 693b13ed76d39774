"""Every WebSocket of the application against everyone: rows 5, 32 and 33 of the table of incidents."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from security.route_classes import SOCKETS, Who
from studios import ADDRESS, COOKIE, People

PLACES = [route.address for route in SOCKETS.values()]
FOREIGN = ["https://evil.example", "null", "http://localhost:8011", "http://localhost:8010.evil.example", None]


def _refused(client: TestClient, address: str, *, csrf: str | None = None) -> int:
    """The code with which it is closed before it is accepted."""
    offered = [f"csrf.{csrf}"] if csrf is not None else None
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect(f"ws://localhost:8010{address}", subprotocols=offered),
    ):
        pass
    return int(refused.value.code)


@pytest.mark.parametrize("address", PLACES)
def test_nobody_is_let_in(people: People, address: str) -> None:
    bad = people.anonymous(Origin=ADDRESS)
    bad.cookies.set(COOKIE, "x")
    for client in (people.anonymous(), people.anonymous(Origin=ADDRESS), bad):
        assert _refused(client, address) == 1008
    assert _refused(people.anonymous(Authorization="Bearer pfs_x"), address) == 1008
    assert _refused(people.anonymous(**{"X-Remote-User": "root"}), f"{address}?token=pfs_x") == 1008


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("address", PLACES)
def test_no_other_sites_page_is_let_in(people: People, address: str, origin: str | None) -> None:
    client = people.browser("bob")
    token = client.headers["X-CSRF-Token"]
    del client.headers["Origin"]
    if origin is not None:
        client.headers["Origin"] = origin

    assert _refused(client, address, csrf=token) == 1008


@pytest.mark.parametrize("address", PLACES)
def test_none_is_let_in_without_the_csrf_token_of_its_own_session(people: People, address: str) -> None:
    client = people.browser("bob")
    others = people.browser("bob").headers["X-CSRF-Token"]
    del client.headers["X-CSRF-Token"]

    for csrf in (None, "", "x", others):
        assert _refused(client, address, csrf=csrf) == 1008


@pytest.mark.parametrize("address", [route.address for route in SOCKETS.values() if route.who is Who.AUTHOR])
def test_a_viewer_is_not_let_in_either(people: People, address: str) -> None:
    client = people.browser("vic")

    assert _refused(client, address, csrf=client.headers["X-CSRF-Token"])


def test_every_socket_is_one_of_those_above() -> None:
    assert {route.who for route in SOCKETS.values()} <= {Who.AUTHOR, Who.READER, Who.OWN}
    assert PLACES
