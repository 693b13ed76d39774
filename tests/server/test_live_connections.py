"""What is open ends within five seconds of whatever it was opened with. Row 30 of the table of incidents."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event
from starlette.types import Message, Receive, Scope, Send

from live_studio import *  # noqa: F403 - a fixture.
from live_studio import Live
from pfstudio.accounts import people as accounts
from pfstudio.accounts import repository, service, sessions
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.sessions import Identity
from pfstudio.db.models import AccessTokenRow
from pfstudio.db.session import Database
from pfstudio.kit.clock import utc_now
from pfstudio.server.live_connections import CHECK_SECONDS, LiveConnections
from pfstudio.server.streams import Streams
from studios import PASSWORD, People

ROOT = Actor("root", Role.ADMIN)
SOON = 5.0


@pytest.fixture
def elsewhere(people: People) -> Iterator[Database]:
    """The database as another web process, or a command, has it open."""
    database = Database(people.studio.settings.url_of_database)
    yield database
    database.close()


def _identity(people: People, username: str) -> Identity:
    with people.studio.database.write() as session:
        issued = sessions.issue_token(session, username)
        session.flush()
        found = sessions.identify_token(session, issued.token)
    assert found is not None
    return found


def _revoke(database: Database, username: str) -> None:
    with database.write() as session:
        repository.delete_sign_ins_of(session, repository.get_user(session, username))


def _end_everything(database: Database) -> None:
    """Each user's rights end another way."""
    with database.write() as session:
        accounts.change_user(session, "bob", actor=ROOT, is_disabled=True)
        accounts.remove_user(session, "bob2", actor=ROOT)
        sessions.change_password(session, "vic", password_hash="another", kept_token="")
        accounts.change_user(session, "grace", actor=ROOT, role=Role.VIEWER)
        sessions.sign_out_everywhere(session, actor=Actor("ada", Role.AUTHOR), tokens=True)
        late = repository.list_sign_ins(session, AccessTokenRow, repository.get_user(session, "late"), utc_now())
        late[0].expires_at = utc_now()


OTHERS = ("bob", "bob2", "vic", "grace", "ada", "late")


@pytest.fixture
def crowd(people: People) -> People:
    with people.studio.database.write() as session:
        for name in ("grace", "ada", "late"):
            service.add_user(session, username=name, password_hash="x", role=Role.AUTHOR, share_root=people.share)
    return people


def test_every_way_to_lose_ones_rights_ends_what_is_open_whichever_process_did_it(
    crowd: People, live: Live, elsewhere: Database
) -> None:
    streams = {name: live.stream(name, "GET", "/api/events") for name in (*OTHERS, "root")}
    assert [stream.next()[0] for stream in streams.values()] == ["hello"] * 7

    began = time.monotonic()
    _end_everything(elsewhere)

    for name in OTHERS:
        assert list(streams[name]) == [], name
    assert time.monotonic() - began < SOON
    assert crowd.studio.live._open, "root's stream goes on"
    for stream in streams.values():
        stream.hang_up()


def test_what_this_process_ends_is_ended_at_once(people: People) -> None:
    ended = threading.Event()
    people.studio.live.register(_identity(people, "bob"), ended.set)

    began = time.monotonic()
    assert people.browser("root").delete("/api/users/bob").status_code == 204

    assert ended.wait(SOON)
    assert time.monotonic() - began < CHECK_SECONDS


def test_a_new_password_ends_all_but_what_asked_for_it(people: People) -> None:
    ended: list[str] = []
    kept = people.script("bob")
    with people.studio.database.read() as session:
        own = sessions.identify_token(session, kept.headers["authorization"].partition(" ")[2])
    assert own is not None
    gone = threading.Event()
    people.studio.live.register(own, lambda: ended.append("own"))
    people.studio.live.register(_identity(people, "bob"), gone.set)

    body = {"current": PASSWORD, "new": "battery staple"}
    assert kept.post("/api/auth/password", json=body).status_code == 204

    assert gone.wait(SOON)
    assert ended == []


def test_a_higher_role_ends_nothing_and_what_has_closed_is_not_called(people: People, elsewhere: Database) -> None:
    calls: list[str] = []
    ended = threading.Event()
    connections = LiveConnections(elsewhere)
    connections.register(_identity(people, "vic"), lambda: calls.append("raised"))
    connections.register(_identity(people, "bob"), lambda: calls.append("closed"))()
    with connections.registered(_identity(people, "bob"), lambda: calls.append("over")):
        pass
    connections.register(_identity(people, "bob"), ended.set)
    with people.studio.database.write() as session:
        accounts.change_user(session, "vic", actor=ROOT, role=Role.ADMIN)
    _revoke(elsewhere, "bob")
    connections.check_soon()

    assert ended.wait(SOON)
    assert calls == []
    connections.close()


def test_one_that_cannot_be_ended_keeps_no_other_open(people: People, caplog: pytest.LogCaptureFixture) -> None:
    ended = [threading.Event() for _ in range(3)]

    def fail() -> None:
        raise RuntimeError("stuck")

    for close in (ended[0].set, fail, ended[1].set, fail, ended[2].set):
        people.studio.live.register(_identity(people, "bob"), close)
    _revoke(people.studio.database, "bob")
    people.studio.live.check_soon()

    assert all(each.wait(SOON) for each in ended)
    people.studio.live.close()
    assert "A connection of 'bob' could not be ended." in caplog.text


def test_many_connections_are_one_question_and_none_is_no_thread(people: People) -> None:
    connections = people.studio.live
    identity = _identity(people, "bob")
    asked: list[str] = []
    event.listen(people.studio.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    looked = threading.Event()
    forget = [connections.register(identity, looked.set) for _ in range(500)]
    _revoke(people.studio.database, "bob")
    asked.clear()
    connections.check_soon()

    assert looked.wait(SOON)
    assert len([text for text in asked if text.startswith("SELECT access_tokens")]) == 1
    for each in forget:
        each()
    thread = connections._thread
    connections.check_soon()
    if thread is not None:
        thread.join(SOON)
        assert not thread.is_alive()


class Wire:
    """The other end of a connection: what was sent on it."""

    def __init__(self, people: People, kind: str, path: str) -> None:
        self.scope: Scope = {
            "type": kind, "path": path, "method": "POST", "headers": [],
            "pfstudio.identity": _identity(people, "bob"),
        }  # fmt: skip
        self.sent: list[Message] = []
        self.has_begun = asyncio.Event()

    async def receive(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        self.has_begun.set()


async def _stubborn(scope: Scope, _receive: Receive, send: Send) -> None:
    """Something that never listens for the end of its connection."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.Event().wait()


async def _sending(scope: Scope, _receive: Receive, send: Send) -> None:
    """Something that only ever sends."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await asyncio.sleep(0.01)
        if scope["type"] == "websocket":
            await send({"type": "websocket.send", "text": "x"})
        else:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})


@pytest.mark.parametrize("app", [_stubborn, _sending])
@pytest.mark.parametrize(
    ("kind", "path", "last"),
    [
        ("websocket", "/api/terminal", "websocket.close"),
        ("http", "/git/Users/bob/x/git-upload-pack", "http.response.body"),
    ],
)
def test_a_socket_or_a_transfer_that_does_not_listen_is_cut(
    people: People, app: Callable[..., object], kind: str, path: str, last: str
) -> None:
    async def run() -> Wire:
        wire = Wire(people, kind, path)
        running = asyncio.create_task(Streams(app, people.studio)(wire.scope, wire.receive, wire.send))  # type: ignore[arg-type]
        await wire.has_begun.wait()
        _revoke(people.studio.database, "bob")
        people.studio.live.check_soon()
        async with asyncio.timeout(SOON):
            await running
        return wire

    wire = asyncio.run(run())

    assert wire.sent[-1]["type"] == last
    assert wire.sent[-1].get("code", 1008) == 1008
    assert not wire.sent[-1].get("more_body", False)
    assert not people.studio.live._open
