"""Who gets a terminal, and what its socket does: rows 30 to 33 of the table of incidents."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from live_studio import Live, until
from pfstudio.audit.service import Filters, all_entries, to_json_line
from studios import People
from terminals.sockets import PROTOCOL, Page, cookie_of, dial

OpenPage = Callable[..., Page]


def _refused(live: Live, **how: object) -> int:
    with pytest.raises(InvalidStatus) as refused:
        dial(live, **how)  # type: ignore[arg-type]
    return int(refused.value.response.status_code)


def test_nobody_gets_a_socket_without_session_origin_and_csrf_token(live: Live) -> None:
    cookie, csrf = cookie_of(live, "bob")
    token = f"Bearer {live.token('bob')}"
    good = [PROTOCOL, f"csrf.{csrf}"]

    assert _refused(live) == 403
    assert _refused(live, Authorization="Bearer pfs_x") == 403
    assert _refused(live, Cookie="pfstudio_session=x", protocols=good) == 403
    for origin in (None, "null", "https://evil.example", "http://127.0.0.1:1"):
        assert _refused(live, Authorization=token, origin=origin) == 403
        assert _refused(live, Cookie=cookie, protocols=good, origin=origin) == 403
    assert _refused(live, Cookie=cookie) == 403
    assert _refused(live, Cookie=cookie, protocols=[PROTOCOL, "csrf.0"]) == 403
    assert live.people.studio.terminals.running(owner=None) == []
    with dial(live, Cookie=cookie, protocols=good) as socket:
        assert '"attached"' in socket.recv(timeout=20)
    live.people.studio.terminals.close()


def test_viewers_have_none(live: Live) -> None:
    cookie, csrf = cookie_of(live, "vic")

    assert _refused(live, Cookie=cookie, protocols=[PROTOCOL, f"csrf.{csrf}"]) == 403
    assert _refused(live, Authorization=f"Bearer {live.token('vic')}") == 403


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("Users/bob2/promptflow", "not_your_folder"),
        ("Users", "not_your_folder"),
        ("Users/bob/none", "path_not_found"),
        ("../..", "path_not_found"),
        ("Users/bob/../bob2", "path_not_found"),
    ],
)
def test_one_starts_in_a_folder_of_ones_own_only(live: Live, open_page: OpenPage, folder: str, code: str) -> None:
    page = open_page("bob", f"?folder={folder}")

    assert (page.first["type"], page.first["code"]) == ("refused", code)
    assert live.people.studio.terminals.running(owner=None) == []


def test_a_page_that_comes_back_gets_what_it_has_not_seen(live: Live, open_page: OpenPage) -> None:
    first = open_page()
    first.run("echo one")
    first.read_until(b"$ ")
    first.close()
    terminals = live.people.studio.terminals
    until(lambda: not terminals.find(first.id, owner="bob").is_attached)

    again = open_page("bob", f"?terminal={first.id}&seen={first.seen - 4}")
    reloaded = open_page("bob", f"?terminal={first.id}")
    reloaded.read_until(b"one\r\n")

    assert not again.first["is_whole"]
    assert reloaded.first["is_whole"]
    assert again.first["start"] == first.seen - 4
    assert again.end_of_it() == {"type": "over", "reason": "taken", "detail": None}


def test_a_page_that_shows_nothing_stops_the_program_and_not_the_studio(live: Live, open_page: OpenPage) -> None:
    page = open_page()
    page.read_until(b"$ ")
    page.type("yes abcdefgh\n")
    while len(page.output) < 400_000:
        page.read(acknowledge=False)
    with pytest.raises(TimeoutError):
        while True:
            page.read(acknowledge=False, timeout=0.5)

    assert len(page.output) < 1_000_000
    assert live.call("bob2", "GET", "/api/terminals")[0] == 200
    page.tell(type="shown", count=len(page.output))
    page.type("\x03")
    page.type("echo al''ive\n")
    page.read_until(b"alive\r\n")


def test_what_is_no_message_ends_the_socket_and_not_the_terminal(live: Live, open_page: OpenPage) -> None:
    for nonsense in ("x", "[]", '{"type": "resize", "columns": 0, "rows": 1}', '{"type": "own"}', "[" * 100_000):
        page = open_page()
        page.socket.send(nonsense)
        with pytest.raises(ConnectionClosed) as closed:
            page.socket.recv(timeout=5)
            page.socket.recv(timeout=5)
            page.socket.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4002
    assert len(live.people.studio.terminals.running(owner="bob")) == 5


def test_nobody_gets_at_the_terminal_of_another(live: Live, open_page: OpenPage) -> None:
    page = open_page("bob")

    for stranger in ("bob2", "root"):
        assert open_page(stranger, f"?terminal={page.id}").first["code"] == "terminal_not_found"
    assert live.call("bob2", "DELETE", f"/api/terminals/{page.id}")[0] == 404
    assert live.call("bob2", "GET", "/api/terminals?everyone=true")[0] == 403
    assert b'"terminals":[]' in live.call("bob2", "GET", "/api/terminals")[1]
    assert page.id.encode() in live.call("root", "GET", "/api/terminals?everyone=true")[1]
    assert "still here" in page.run("echo still here")


def test_an_admin_ends_terminals_and_switches_them_off(live: Live, open_page: OpenPage) -> None:
    one, other = open_page("bob"), open_page("bob2")

    assert live.call("root", "DELETE", f"/api/terminals/{one.id}")[0] == 204
    assert one.end_of_it()["reason"] == "admin"
    assert live.call("root", "PUT", "/api/terminals", {"is_on": False})[0] == 204
    assert other.end_of_it()["reason"] == "off"
    assert open_page("bob").first["code"] == "terminals_off"
    assert live.call("root", "PUT", "/api/terminals", {"is_on": True})[0] == 204
    assert open_page("bob").first["type"] == "attached"


def test_whoever_is_signed_out_loses_terminal_and_socket_within_five_seconds(live: Live, open_page: OpenPage) -> None:
    opener, token = open_page("bob"), live.token("bob")
    watched = open_page("bob2")
    shown_elsewhere = open_page("bob", f"?terminal={opener.id}", token=token)
    began = time.monotonic()
    assert live.call("root", "PATCH", "/api/users/bob", {"is_disabled": True})[0] == 200

    assert shown_elsewhere.end_of_it(5)["reason"] == "signed_out"
    assert time.monotonic() - began < 5
    until(lambda: live.people.studio.terminals.running(owner="bob") == [])
    assert "mine" in watched.run("echo mine")


def test_no_more_than_eight_of_one_user(live: Live, open_page: OpenPage) -> None:
    pages = [open_page("bob") for _ in range(8)]

    assert open_page("bob").first["code"] == "too_many_terminals"
    assert open_page("bob2").first["type"] == "attached"
    pages[0].type("exit\n")
    assert pages[0].end_of_it()["reason"] == "exited"
    assert open_page("bob").first["type"] == "attached"


def test_the_audit_log_tells_of_its_beginning_and_end_and_never_what_was_typed(live: Live, open_page: OpenPage) -> None:
    page = open_page("bob")
    page.run("echo very-secret")
    page.type("exit\n")
    page.end_of_it()

    def log() -> str:
        with live.people.studio.database.read() as session:
            return b"".join(map(to_json_line, all_entries(session, Filters(act="terminal")))).decode()

    until(lambda: "terminal.ended" in log())
    assert "terminal.opened" in log()
    assert page.id in log()
    assert "very-secret" not in log()


def test_a_studio_started_without_them_has_none(make_people: Callable[..., People]) -> None:
    people = make_people(terminals=False)
    listed = people.browser("bob").get("/api/terminals").json()

    assert (listed["is_on"], "PFSTUDIO_TERMINALS" in listed["note"]) == (False, True)
    assert people.browser("root").put("/api/terminals", json={"is_on": True}).status_code == 403
    bob = people.browser("bob")
    offered = ["pfstudio.terminal", f"csrf.{bob.headers['X-CSRF-Token']}"]
    with bob.websocket_connect("ws://localhost:8010/api/terminal", offered) as socket:
        assert socket.receive_json()["code"] == "terminals_off_by_setting"
