"""Every route of the API against everyone: rows 3, 4, 5, 6, 15, 17, 34 and 36 of the table of incidents.

The routes are those that the application has, not a list written by hand: a new one fails until it is classified.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from pfstudio.server.app import create_app
from pfstudio.server.settings import Settings
from repositories import copy_repositories
from security.route_classes import FLOW, ROUTES, SOCKETS, Who
from studios import ADDRESS, COOKIE, People, opened_studio

PAGES = ("GET", "/{path:path}")
# Git signs in by other means; who may do what there is in tests/git/test_smart_http.py.
GIT_ITSELF = {("GET", "/git/{path:path}"), ("POST", "/git/{path:path}")}
UNSAFE = [key for key in ROUTES if key[0] not in ("GET", "HEAD")]
FINITE = [key for key, route in ROUTES.items() if not route.endless]
names = "{0[0]} {0[1]}".format


def _walk(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _walk(included.routes, prefix="/api")
        elif isinstance(route, Route):
            methods = set(route.methods or ())
            yield from ((method, prefix + route.path) for method in methods - ({"HEAD"} if "GET" in methods else set()))
        else:
            kind = "WEBSOCKET" if isinstance(route, WebSocketRoute) else type(route).__name__
            yield kind, prefix + str(getattr(route, "path", route))


def _furnish(people: People, *, repositories: bool) -> People:
    """bob has a flow, a connection, something in the trash and a version of it in the history; for the routes of git,
    repositories."""
    people.make_flow("bob")
    bob = people.browser("bob")
    assert bob.post("/api/connections", json={"name": "mine", "type": "open_ai", "api_key": "sk-bob"}).is_success
    (people.share / FLOW / "deleted.txt").write_text("deleted")
    people.version = bob.get(f"/api/history/{FLOW}").json()["entries"][0]["id"]
    trashed = bob.delete(f"/api/files/{FLOW}/deleted.txt")
    people.trashed = trashed.headers["Trash-Entry"]
    people.invited = people.browser("root").post("/api/invitations", json={"role": "viewer"}).json()["id"]
    if repositories:
        people.stash = copy_repositories(people.share / "Users/bob/promptflow")
    return people


@pytest.fixture
def studio(people: People, request: pytest.FixtureRequest) -> People:
    """One's own studio, for calls that change something."""
    return _furnish(people, repositories="/git/" in _key_of(request)[1])


@pytest.fixture(scope="module")
def _furnished(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[People]:
    with opened_studio(tmp_path_factory.mktemp("data"), migrated_sqlite) as people:
        yield _furnish(people, repositories=True)


@pytest.fixture
def untouched(request: pytest.FixtureRequest) -> People:
    """A studio that many tests share: each makes sure that its call has changed nothing of bob's. Calls that need no
    sign-in have one of their own, since tries are counted."""
    is_open = ROUTES[_key_of(request)].who is Who.OPEN
    found: People = request.getfixturevalue("studio" if is_open else "_furnished")
    return found


def _key_of(request: pytest.FixtureRequest) -> tuple[str, str]:
    found: tuple[str, str] = (
        request.node.callspec.params.get("key", ("", "")) if hasattr(request.node, "callspec") else ("", "")
    )
    return found


def _call(people: People, client: TestClient, key: tuple[str, str], **more: object) -> Response:
    route = ROUTES[key]
    arguments: dict[str, Any] = {**route.request, **({"json": route.json} if route.json is not None else {}), **more}
    if arguments.get("json") == {"version": "VERSION"}:
        arguments["json"] = {"version": people.version}
    if arguments.get("json") == {"commit": "STASH"}:
        arguments["json"] = {"commit": people.stash}
    address = route.address.replace("TRASHED", people.trashed).replace("INVITED", people.invited)
    address = address.replace("VERSION", people.version).replace("STASH", people.stash)
    return client.request(key[0], address, **arguments)


def _got_in(answer: Response) -> bool:
    """Whether it was done, or would have been if the repository had a remote, or there were one to clone."""
    return answer.is_success or answer.json()["code"] in ("remote_not_found", "remote_host_not_found")


def _state(people: People) -> dict[str, bytes]:
    """Everything of bob's that a stranger could spoil."""
    files = {str(path): path.read_bytes() for path in sorted(people.share.rglob("*")) if path.is_file()}
    connections = people.browser("bob").get("/api/connections").content
    trash = people.browser("bob").get("/api/trash").content
    return {**files, "connections": connections, "trash": trash}


def test_every_route_is_classified(tmp_path: Path) -> None:
    found = set(_walk(list(create_app(Settings(data=tmp_path)).routes)))

    assert found - {PAGES} - GIT_ITSELF == set(ROUTES) | set(SOCKETS)


@pytest.mark.parametrize("key", ROUTES, ids=names)
def test_nobody_gets_in_anonymously_but_where_it_says_so(untouched: People, key: tuple[str, str]) -> None:
    before = _state(untouched)
    for client in (
        untouched.anonymous(),
        untouched.anonymous(Origin=ADDRESS),
        untouched.anonymous(Authorization="Bearer pfs_x"),
        untouched.anonymous(Cookie=f"{COOKIE}=x"),
    ):
        client.headers.setdefault("Origin", ADDRESS)
        answer = _call(untouched, client, key)
        if ROUTES[key].who is Who.OPEN:
            assert answer.status_code in (200, 401, 404)
            assert key[0] == "GET" or answer.json()["code"] in ("wrong_credentials", "link_not_valid")
        else:
            assert answer.status_code == 401
    assert _state(untouched) == before


@pytest.mark.parametrize("key", FINITE, ids=names)
def test_whoever_was_signed_out_is_nobody(untouched: People, key: tuple[str, str]) -> None:
    client = untouched.browser("root")
    client.delete("/api/auth/session", headers={"X-Keep": "cookie"})
    client.cookies.set(COOKIE, "gone")

    if ROUTES[key].who is not Who.OPEN:
        assert _call(untouched, client, key).status_code == 401


@pytest.mark.parametrize("key", FINITE, ids=names)
def test_a_viewer_reads_and_changes_nothing(untouched: People, key: tuple[str, str]) -> None:
    before = _state(untouched)

    answer = _call(untouched, untouched.browser("vic"), key)

    expected = {Who.READER: range(200, 300), Who.OWN: (403, 404)}.get(ROUTES[key].who, (403,))
    if ROUTES[key].who is not Who.OPEN:
        assert answer.status_code in expected, answer.text
    assert _state(untouched) == before


@pytest.mark.parametrize("key", FINITE, ids=names)
def test_another_author_changes_nothing_that_is_not_theirs(studio: People, key: tuple[str, str]) -> None:
    kept = {path: text for path, text in _state(studio).items() if "/bob2/" not in path}

    answer = _call(studio, studio.browser("bob2"), key)

    expected = {
        Who.READER: range(200, 300),
        Who.AUTHOR: (200, 201, 204, 404),
        Who.OWNER: (403, 404),
        Who.OWN: (404,),
        Who.ADMIN: (403,),
    }
    if ROUTES[key].who is not Who.OPEN:
        assert answer.status_code in expected[ROUTES[key].who], answer.text
    assert {path: text for path, text in _state(studio).items() if "/bob2/" not in path} == kept


@pytest.mark.parametrize("key", FINITE, ids=names)
def test_the_owner_gets_what_is_theirs(studio: People, key: tuple[str, str]) -> None:
    answer = _call(studio, studio.browser("bob"), key)

    if ROUTES[key].who in (Who.READER, Who.OWNER):
        assert _got_in(answer), answer.text
    elif ROUTES[key].who is Who.ADMIN:
        assert answer.status_code == 403


@pytest.mark.parametrize("key", [key for key in FINITE if ROUTES[key].who in (Who.OWNER, Who.ADMIN)], ids=names)
def test_an_admin_may_do_it_anywhere(studio: People, key: tuple[str, str]) -> None:
    assert _got_in(_call(studio, studio.browser("root"), key))


@pytest.mark.parametrize("key", UNSAFE, ids=names)
def test_another_sites_page_changes_nothing_and_reads_no_answer(untouched: People, key: tuple[str, str]) -> None:
    before = _state(untouched)
    for origin in ("https://evil.example", "null"):
        answer = _call(untouched, untouched.browser("bob"), key, headers={"Origin": origin})
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert _state(untouched) == before


@pytest.mark.parametrize("key", FINITE, ids=names)
def test_no_route_lets_another_origin_read_its_answer(untouched: People, key: tuple[str, str]) -> None:
    answer = _call(untouched, untouched.browser("bob"), key, headers={"Origin": "https://evil.example"})

    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("key", [key for key in UNSAFE if ROUTES[key].who is not Who.OPEN], ids=names)
def test_no_change_goes_without_the_csrf_token(untouched: People, key: tuple[str, str]) -> None:
    client = untouched.browser("bob")
    del client.headers["X-CSRF-Token"]
    before = _state(untouched)

    answer = _call(untouched, client, key)

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert _state(untouched) == before


EXTRA = {"owner": "root", "username_": "root", "user_id": 1, "is_admin": True, "home": "Users/root", "id": 1}


@pytest.mark.parametrize("key", [key for key, route in ROUTES.items() if route.json is not None], ids=names)
def test_no_body_binds_a_field_that_is_not_its_own(studio: People, key: tuple[str, str]) -> None:
    client = studio.browser("root")
    for name, value in EXTRA.items():
        answer = _call(studio, client, key, json={**(ROUTES[key].json or {}), name: value})

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), answer.text
        assert name in answer.json()["detail"]


BODIES = [b"", b"null", b"[]", b"0", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b'{"inputs": NaN']


@pytest.mark.parametrize("key", [key for key, route in ROUTES.items() if route.json is not None], ids=names)
def test_a_malformed_body_is_a_refusal_in_words(studio: People, key: tuple[str, str]) -> None:
    client = studio.browser("bob") if ROUTES[key].who is not Who.ADMIN else studio.browser("root")
    before = _state(studio)
    for body in BODIES:
        answer = client.request(
            key[0],
            ROUTES[key].address.replace("TRASHED", studio.trashed),
            content=body,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code in (400, 413), (body[:20], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json()["detail"]) > 10
    assert _state(studio) == before


CLIMBS = [
    *["..", "../..", "../../secret.key", "../pfstudio.db", "..%2f..%2fsecret.key", "%2e%2e/%2e%2e/secret.key"],
    *["..%5csecret.key", "%252e%252e/secret.key", "/etc/passwd", "%2fetc%2fpasswd", "//etc/passwd", "C:%5cWindows"],
    *["Users/../../secret.key", "Users/bob/../../../secret.key", f"{FLOW}/../../../../../secret.key", "share"],
    *[
        "Users/bob/%00",
        "Users/bob%00/x",
        "%00",
        f"{FLOW}/x%00.yaml",
        f"{FLOW}/%0a",
        f"{FLOW}%0a",
        f"{FLOW}/flow.dag.yaml%0a",
    ],
    *["Users/bob/promptflow/..%c0%af..", "Users/./bob", "Users//bob", ".", "", "users/bob", "Users/BOB/promptflow"],
    *[
        "%ff%fe",
        f"{FLOW}/\u202e",
        "Users/\uff42ob/promptflow/flow",
        "Users/bob/../root/promptflow/x",
        f"{FLOW}/con:stream",
    ],
]


def _outside(people: People) -> dict[Path, bytes]:
    """What lies beside the share, but for the database's own files and the trash."""
    data = people.studio.settings.data
    return {path: path.read_bytes() for path in data.iterdir() if path.is_file() and "pfstudio.db" not in path.name}


@pytest.mark.parametrize("key", [key for key in FINITE if "{path:path}" in key[1]], ids=names)
def test_no_path_leaves_the_share_or_means_another_than_it_says(studio: People, key: tuple[str, str]) -> None:
    (studio.studio.settings.data / "secret.key").write_text("the key of all secrets")
    outside = _outside(studio)
    client = studio.browser("bob")
    route = ROUTES[key]
    arguments: dict[str, Any] = {**route.request, **({"json": route.json} if route.json is not None else {})}
    for climb in CLIMBS:
        answer = client.request(key[0], key[1].removesuffix("{path:path}") + climb, **arguments)

        assert answer.status_code < 500, (climb, answer.text)
        assert "the key of all secrets" not in answer.text, climb
        assert "root:x:0" not in answer.text, climb
        assert (studio.share / FLOW / "flow.dag.yaml").exists(), climb
    assert _outside(studio) == outside
    assert not (studio.share / "Users/root/promptflow/x").exists()
