"""The guard in front of everything: Host, Origin, CSRF token, sign-in, proxies, WebSockets, headers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi import WebSocket
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pfstudio.server.headers import content_security_policy
from studios import ADDRESS, COOKIE, People

SECRET = {"name": "mine", "type": "open_ai", "api_key": "sk-1"}


@pytest.mark.parametrize("host", ["localhost:8010", "127.0.0.1:8010", "[::1]:8010", "localhost", "LOCALHOST:8010"])
def test_loopback_names_are_answered(people: People, host: str) -> None:
    assert people.anonymous().get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *["evil.example", "evil.example:8010", "localhost.evil.example", "127.0.0.1.nip.io:8010"],
        *["evil.example#localhost"],
        *["", ":8010", "localhost:8010:80", "localhost@evil.example", "localhost,evil", "192.168.1.9:8010", "0.0.0.0"],
    ],
)
def test_other_names_are_refused_so_that_rebinding_a_name_gains_nothing(people: People, host: str) -> None:
    for path in ("/api/health", "/api/users", "/", "/assets/x.js"):
        answer = people.anonymous().get(path, headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")


def test_two_host_headers_are_refused(people: People) -> None:
    request = people.anonymous().build_request("GET", "/api/health")
    request.headers = type(request.headers)([("Host", "localhost:8010"), ("Host", "evil.example")])

    assert people.anonymous().send(request).status_code == 400


def test_named_hosts_are_answered_and_addresses_where_the_studio_listens_on_more_than_loopback(
    make_people: Callable[..., People],
) -> None:
    people = make_people(host="0.0.0.0", allowed_hosts=("studio.example",))
    statuses = {
        host: people.anonymous().get("/api/health", headers={"Host": host}).status_code
        for host in ("studio.example", "studio.example:8010", "192.168.1.9:8010", "[fe80::1]:8010", "other.example")
    }
    assert statuses == {
        "studio.example": 200,
        "studio.example:8010": 200,
        "192.168.1.9:8010": 200,
        "[fe80::1]:8010": 200,
        "other.example": 400,
    }


FOREIGN = [
    "null",
    "https://evil.example",
    "http://localhost:8011",
    "https://localhost:8010",
    "http://localhost",
    "http://127.0.0.1:8010",
    "http://localhost:8010.evil.example",
    "http://evil.example/?http://localhost:8010",
    "",
    "file://",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_change_from_another_origin_is_refused_even_with_the_csrf_token(people: People, origin: str) -> None:
    answer = people.browser("bob").post("/api/connections", json=SECRET, headers={"Origin": origin})

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert len(people.browser("bob").get("/api/connections").json()["connections"]) == 1


SEC_FETCH_GAMES = [
    {},
    {"Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"X-Requested-With": "XMLHttpRequest"},
    {"Referer": f"{ADDRESS}/flows"},
    {"X-HTTP-Method-Override": "GET"},
    {"Content-Type": "text/plain"},
]


@pytest.mark.parametrize("games", SEC_FETCH_GAMES)
def test_a_change_by_cookie_without_an_origin_is_refused_whatever_else_it_says(
    people: People, games: dict[str, str]
) -> None:
    client = people.browser("bob")
    del client.headers["Origin"]

    answer = client.post("/api/connections", json=SECRET, headers=games)

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize("token", [None, "", "null", "0" * 64, "other"])
def test_a_change_by_cookie_needs_the_csrf_token_of_its_own_session(people: People, token: str | None) -> None:
    client = people.browser("bob")
    other = people.browser("bob").headers["X-CSRF-Token"]
    del client.headers["X-CSRF-Token"]
    headers = {} if token is None else {"X-CSRF-Token": other if token == "other" else token}

    answer = client.post("/api/connections", json=SECRET, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


@pytest.mark.parametrize("games", SEC_FETCH_GAMES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_header_talks_its_way_around_the_csrf_token(people: People, method: str, games: dict[str, str]) -> None:
    client = people.browser("bob")
    del client.headers["X-CSRF-Token"]

    answer = client.request(method, "/api/connections/x", headers=games)

    assert answer.status_code == 403


def test_signing_somebody_in_from_another_site_is_refused(people: People) -> None:
    for path in ("/api/auth/session", "/api/auth/token", "/api/auth/link"):
        answer = people.anonymous(Origin="https://evil.example").post(path, json={})
        assert answer.status_code == 403


def test_another_origins_preflight_learns_nothing(people: People) -> None:
    answer = people.browser("bob").options(
        "/api/users", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    )

    assert answer.status_code in (401, 403, 405)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "header",
    ["X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Auth-Request-User", "X-Ms-Client-Principal-Name"],
)
def test_no_header_says_who_somebody_is(people: People, header: str) -> None:
    assert people.anonymous().get("/api/users", headers={header: "root"}).status_code == 401
    found = people.browser("bob").get("/api/auth/session", headers={header: "root"}).json()
    assert found["username"] == "bob"


def test_forwarded_headers_of_strangers_count_for_nothing(people: People) -> None:
    client = people.anonymous(**{"X-Forwarded-Host": "localhost:8010", "X-Forwarded-For": "10.9.9.9"})

    assert client.get("/api/health", headers={"Host": "evil.example"}).status_code == 400
    codes = [
        people.anonymous(**{"X-Forwarded-For": f"10.0.0.{number}"})
        .post("/api/auth/token", json={"username": "bob", "password": "wrong horse"})
        .status_code
        for number in range(10)
    ]
    assert codes[-1] == 429


def test_a_named_proxy_says_who_calls_but_only_its_own_word_counts(make_people: Callable[..., People]) -> None:
    people = make_people(trusted_proxies=("testclient",), allowed_hosts=("studio.example",))

    def attempt(forwarded: str) -> int:
        return (
            people.anonymous(**{"X-Forwarded-For": forwarded})
            .post("/api/auth/token", json={"username": "bob", "password": "wrong horse"})
            .status_code
        )

    # The client wrote a new address in front each time; the proxy added the true one behind.
    codes = [attempt(f"10.0.0.{number}, 172.16.0.9") for number in range(9)]

    assert codes == [401] * 8 + [429]
    assert attempt("172.16.0.10") == 401


def test_the_cookie_of_one_session_is_nobody_elses(people: People) -> None:
    client = people.anonymous()
    for value in ("", "x", "null", "0" * 64):
        client.cookies.set(COOKIE, value)
        assert client.get("/api/users").status_code == 401


@pytest.fixture
def with_socket(people: People) -> People:
    """The studio with a WebSocket route that asks for nothing itself."""

    @people.app.websocket("/api/terminal")
    async def terminal(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(socket.scope["pfstudio.actor"].username)
        await socket.close()

    people.app.router.routes.insert(0, people.app.router.routes.pop())
    return people


def _open(client: TestClient, **headers: str) -> str:
    offered = [f"csrf.{client.headers['X-CSRF-Token']}"] if "X-CSRF-Token" in client.headers else None
    address = "ws://localhost:8010/api/terminal"
    with client.websocket_connect(address, subprotocols=offered, headers=headers) as socket:
        return socket.receive_text()


def test_a_websocket_of_our_own_pages_is_accepted(with_socket: People) -> None:
    assert _open(with_socket.browser("bob")) == "bob"


@pytest.mark.parametrize("origin", [*FOREIGN, None])
def test_a_websocket_from_another_origin_or_none_is_refused_before_it_is_accepted(
    with_socket: People, origin: str | None
) -> None:
    client = with_socket.browser("bob")
    del client.headers["Origin"]

    with pytest.raises(WebSocketDisconnect) as refused:
        _open(client, **({} if origin is None else {"Origin": origin}))

    assert refused.value.code == 1008


@pytest.mark.parametrize("kind", ["anonymous", "bad cookie", "bad token", "other host"])
def test_a_websocket_without_a_session_is_refused_before_it_is_accepted(with_socket: People, kind: str) -> None:
    client = with_socket.anonymous(Origin=ADDRESS)
    if kind == "bad cookie":
        client.cookies.set(COOKIE, "x")
    headers = {"bad token": {"Authorization": "Bearer pfs_x"}, "other host": {"Host": "evil.example"}}.get(kind, {})

    with pytest.raises(WebSocketDisconnect) as refused:
        _open(client, **headers)

    assert refused.value.code == 1008


@pytest.mark.parametrize("path", ["/", "/flows/x", "/api/health", "/api/users", "/api/none", "/assets/none.js"])
def test_every_answer_bears_the_security_headers(people: People, path: str) -> None:
    answer = people.anonymous().get(path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([\w-]{20,})'", policy)
    assert nonce is not None
    assert policy == content_security_policy(nonce.group(1))
    assert "unsafe" not in policy


def test_the_policy_is_the_one_of_the_contract() -> None:
    assert content_security_policy("N") == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-N'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src blob:; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def test_an_error_nobody_foresaw_says_nothing_of_itself_and_bears_the_headers(people: People) -> None:
    @people.app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("the password is swordfish")

    people.app.router.routes.insert(0, people.app.router.routes.pop())

    answer = people.browser("bob").get("/api/broken")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "swordfish" not in answer.text
    assert answer.json()["number"] in answer.json()["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_bytes_that_a_route_sends_are_never_shown_inline(people: People) -> None:
    from fastapi import Response

    @people.app.get("/api/bytes")
    def send() -> Response:
        return Response("<script>alert(1)</script>", media_type="text/html", headers={"Content-Disposition": "inline"})

    people.app.router.routes.insert(0, people.app.router.routes.pop())

    answer = people.browser("bob").get("/api/bytes")

    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_api_answers_are_not_kept_by_caches(people: People) -> None:
    assert people.browser("bob").get("/api/users").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/studio/api/health", "/api/health"])
def test_a_path_prefix_works_whether_the_proxy_strips_it_or_not(make_people: Callable[..., People], path: str) -> None:
    people = make_people(base_path="/studio")

    assert people.anonymous().get(path).json() == {"status": "ok"}


def test_a_path_prefix_does_not_open_what_is_closed(make_people: Callable[..., People]) -> None:
    people = make_people(base_path="/studio")

    for path in ("/studio/api/users", "/api/users", "/studio/studio/api/users", "/studio//api/users", "/studio/api/"):
        answer = people.anonymous().get(path)
        assert answer.status_code in (401, 404) or not answer.headers["content-type"].startswith("application/json")
        assert "bob2" not in answer.text
