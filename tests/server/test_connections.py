"""Connections over HTTP: secrets go in and never out, and each scope has its rights."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pfstudio.connections import testing
from studios import People

KEY = "sk-very-secret-0123456789"
OPEN_AI = {"name": "mine", "type": "open_ai", "api_key": KEY, "base_url": "http://127.0.0.1:9/v1"}


@pytest.fixture
def people(make_people: Callable[..., People]) -> People:
    """Servers of this machine are asked: those of these tests are."""
    return make_people(flow_network="host")


def test_the_demo_model_is_always_there_and_cannot_be_changed(people: People) -> None:
    client = people.browser("root")
    (demo,) = client.get("/api/connections").json()["connections"]
    assert (demo["name"], demo["type"], demo["scope"], demo["read_only"]) == ("demo", "open_ai", "workspace", True)

    answers = [
        client.put("/api/connections/demo", json={"api_key": "x"}),
        client.delete("/api/connections/demo"),
        client.post("/api/connections", json={**OPEN_AI, "name": "demo"}),
    ]

    assert [answer.json()["code"] for answer in answers] == ["built_in_connection"] * 3


def test_a_secret_goes_in_and_never_comes_out(people: People) -> None:
    client = people.browser("bob")

    answers = [
        client.post("/api/connections", json=OPEN_AI),
        client.get("/api/connections"),
        client.get("/api/connections/mine"),
        client.put("/api/connections/mine", json={**OPEN_AI, "api_key": "******"}),
        client.post("/api/connections", json=OPEN_AI),
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 409]
    assert answers[2].json()["api_key"] == "******"
    assert answers[2].json()["base_url"] == "http://127.0.0.1:9/v1"
    assert not [answer for answer in answers if KEY in answer.text]
    assert KEY.encode() not in b"".join(path.read_bytes() for path in people.studio.settings.data.glob("pfstudio.db*"))
    assert people.studio.settings.key_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "wishful"}, "Connection type 'wishful' is not supported"),
        ({"api_key": ""}, "please fill them"),
        ({"api_key": "******"}, "please fill them"),
        ({"endpoint": "http://x"}, "of type 'open_ai' has no endpoint"),
        ({"name": "a/b"}, "cannot be a connection's name"),
        ({"name": ""}, "needs a name"),
        ({"name": ".."}, "cannot be a connection's name"),
        ({"owner": "root"}, "'owner': Extra inputs are not permitted"),
        ({"user_id": 1}, "'user_id': Extra inputs are not permitted"),
        ({"read_only": False}, "'read_only': Extra inputs are not permitted"),
        ({"scope": "everywhere"}, "'scope'"),
    ],
)
def test_what_makes_no_connection_is_refused_in_words(people: People, change: dict[str, object], words: str) -> None:
    answer = people.browser("bob").post("/api/connections", json={**OPEN_AI, **change})

    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert KEY not in answer.text


def test_a_name_with_blanks_and_accents_is_addressed_percent_encoded(people: People) -> None:
    client = people.browser("bob")
    client.post("/api/connections", json={**OPEN_AI, "name": "Café 100%?"})

    assert client.get("/api/connections/Caf%C3%A9%20100%25%3F").json()["name"] == "Café 100%?"


def test_only_an_admin_shares_with_the_workspace_and_only_they_change_what_is_shared(people: People) -> None:
    shared = {**OPEN_AI, "name": "team", "scope": "workspace"}
    assert people.browser("bob").post("/api/connections", json=shared).status_code == 403
    assert people.browser("root").post("/api/connections", json=shared).status_code == 201

    bob = people.browser("bob")

    seen = bob.get("/api/connections/team").json()
    assert (seen["scope"], seen["owner"], seen["read_only"]) == ("workspace", None, True)
    assert bob.put("/api/connections/team", json={"api_key": "sk-mine"}).status_code == 403
    assert bob.delete("/api/connections/team").status_code == 403
    assert people.browser("root").delete("/api/connections/team").status_code == 204


@pytest.mark.parametrize("other", ["bob2", "root", "vic"])
def test_one_users_connections_are_invisible_to_everyone_else(people: People, other: str) -> None:
    people.browser("bob").post("/api/connections", json=OPEN_AI)

    client = people.browser(other)

    assert [found["name"] for found in client.get("/api/connections").json()["connections"]] == ["demo"]
    assert client.get("/api/connections/mine").status_code == 404
    assert client.put("/api/connections/mine", json={"api_key": "x"}).status_code in (403, 404)
    assert client.delete("/api/connections/mine").status_code in (403, 404)
    assert client.post("/api/connections/mine/test").status_code in (403, 404)
    assert people.browser("bob").get("/api/connections/mine").status_code == 200


def test_ones_own_wins_over_the_workspaces_and_the_scope_picks_the_other(people: People) -> None:
    root = people.browser("root")
    for scope in ("user", "workspace"):
        root.post("/api/connections", json={**OPEN_AI, "scope": scope, "organization": scope})

    assert root.get("/api/connections/mine").json()["organization"] == "user"
    assert root.get("/api/connections/mine?scope=workspace").json()["organization"] == "workspace"
    root.delete("/api/connections/mine")
    assert root.get("/api/connections/mine").json()["organization"] == "workspace"


def test_every_type_with_its_fields_is_described(people: People) -> None:
    types = {item["type"]: item for item in people.browser("vic").get("/api/connection-types").json()["types"]}

    assert {"azure_open_ai", "open_ai", "serverless", "serp", "cognitive_search", "custom"} <= set(types)
    fields = {item["name"]: item for item in types["open_ai"]["fields"]}
    assert fields["api_key"]["secret"]
    assert fields["api_key"]["required"]
    assert not fields["base_url"]["secret"]


@contextmanager
def _model_server(answer: bytes, *, status: int = 200, delay: float = 0.0) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(delay)
            authorized = self.headers["Authorization"] == f"Bearer {KEY}"
            self.send_response(status if authorized else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def _try(people: People, base_url: str) -> dict[str, object]:
    client = people.browser("bob")
    client.post("/api/connections", json={**OPEN_AI, "base_url": base_url})
    answer = client.post("/api/connections/mine/test")
    assert answer.status_code == 200
    assert KEY not in answer.text
    found: dict[str, object] = answer.json()
    return found


def test_a_server_that_flows_do_not_reach_is_not_asked_in_their_place(make_people: Callable[..., People]) -> None:
    """Else an author could have the studio ask the machine's own services and read the answers."""
    limited = make_people()
    with _model_server(b"{}") as address:
        for place in (address, "http://169.254.169.254/v1", "http://localhost:1/v1", "http://[::1]:1/v1"):
            found = _try(limited, place)
            assert (found["ok"], "PFSTUDIO_MODEL_SERVERS" in str(found["message"])) == (False, True), found
            limited.browser("bob").delete("/api/connections/mine")


def test_a_server_that_the_admin_allows_is_asked(make_people: Callable[..., People]) -> None:
    with _model_server(b'{"data": []}') as address:
        allowed = address.removeprefix("http://").removesuffix("/v1")

        assert _try(make_people(model_servers=(allowed,)), address)["ok"] is True


def test_the_server_of_an_admins_connection_is_asked(make_people: Callable[..., People]) -> None:
    people = make_people()
    with _model_server(b'{"data": []}') as address:
        made = people.browser("root").post("/api/connections", json={**OPEN_AI, "base_url": address})
        assert made.status_code == 201

        assert people.browser("root").post("/api/connections/mine/test").json()["ok"] is True


def test_trying_a_connection_asks_its_server_with_the_stored_key(people: People) -> None:
    with _model_server(json.dumps({"data": [{"id": "gpt-b"}, {"id": "gpt-a"}]}).encode()) as address:
        found = _try(people, address)

    assert (found["ok"], found["models"]) == (True, ["gpt-a", "gpt-b"])


def test_trying_a_connection_that_the_server_refuses_says_why(people: People) -> None:
    with _model_server(json.dumps({"error": {"message": f"Bad key {KEY}"}}).encode(), status=403) as address:
        found = _try(people, address)

    assert found["ok"] is False
    assert "403" in str(found["message"])


def test_trying_a_connection_without_a_server_says_so_soon(people: People) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = _try(people, f"http://127.0.0.1:{unused.getsockname()[1]}/v1")

    assert found["ok"] is False
    assert "onnect" in str(found["message"])


def test_trying_a_connection_whose_server_never_answers_takes_no_longer_than_the_limit(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing, "LONGEST_SECONDS", 0.5)
    with _model_server(b"{}", delay=3) as address:
        began = time.monotonic()
        found = _try(people, address)
        took = time.monotonic() - began

    assert found["ok"] is False
    assert "not answered" in str(found["message"])
    assert took < 2.5


def test_trying_the_demo_model_works_without_any_network(people: People) -> None:
    found = people.browser("bob").post("/api/connections/demo/test").json()

    assert found["ok"] is True
    assert "demo" in found["models"]


def test_a_type_without_a_model_server_is_only_checked(people: People) -> None:
    client = people.browser("bob")
    client.post("/api/connections", json={"name": "search", "type": "serp", "api_key": KEY})

    assert client.post("/api/connections/search/test").json()["ok"] is True
