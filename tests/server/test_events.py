"""Server-sent events: what changes on disk reaches the browser within a second."""

from __future__ import annotations

import threading
import time

from sqlalchemy import text

from live_studio import Live, live, until
from pfstudio.server.events import MOST_STREAMS, hub_of

__all__ = ["live"]

FLOW = "Users/bob/promptflow/flow"


def test_a_change_on_disk_is_in_the_browser_within_a_second(live: Live) -> None:
    folder = live.people.make_flow("bob")
    events = live.stream("bob2", "GET", "/api/events")
    name, hello = events.next()
    status, _, _ = live.call("bob2", "PUT", f"/api/events/{hello['stream']}", {"watch": [FLOW]})

    began = time.monotonic()
    (folder / "new.py").write_text("x = 1\n")
    told = events.next()
    took = time.monotonic() - began

    assert (name, status) == ("hello", 204)
    assert told == ("files", {"folder": FLOW, "changes": [{"path": f"{FLOW}/new.py", "kind": "created"}]})
    assert took < 1.0
    live.call("bob", "PUT", f"/api/content/{FLOW}/new.py", b"x = 2\n")
    assert events.next()[1]["changes"] == [{"path": f"{FLOW}/new.py", "kind": "changed"}]
    live.call("bob", "PATCH", f"/api/files/{FLOW}", {"path": "Users/bob/promptflow/renamed"})
    assert events.next() == ("rescan", {"folder": FLOW})
    events.hang_up()


def test_a_new_list_replaces_the_old_one_and_hanging_up_ends_all(live: Live) -> None:
    first, second = live.people.make_flow("bob"), live.people.make_flow("bob", "second")
    events = live.stream("bob", "GET", "/api/events")
    stream = events.next()[1]["stream"]
    hub = hub_of(live.people.studio)

    live.call("bob", "PUT", f"/api/events/{stream}", {"watch": [FLOW]})
    live.call("bob", "PUT", f"/api/events/{stream}", {"watch": ["Users/bob/promptflow/second"]})
    (first / "a.txt").touch()
    (second / "b.txt").touch()

    assert events.next()[1]["folder"] == "Users/bob/promptflow/second"
    events.hang_up()
    until(lambda: not hub._streams and not hub._watcher._watched)
    until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("watch ")])


def test_nobody_elses_stream_can_be_told_what_to_watch(live: Live) -> None:
    events = live.stream("bob", "GET", "/api/events")
    stream = events.next()[1]["stream"]

    for username, name in (("bob2", stream), ("root", stream), ("bob", "0" * 16), ("bob", "..")):
        status, body, _ = live.call(username, "PUT", f"/api/events/{name}", {"watch": []})
        assert status == 404, body
    assert live.call("vic", "PUT", f"/api/events/{stream}", {"watch": []})[0] == 404
    events.hang_up()


def test_one_user_cannot_open_streams_without_end(live: Live) -> None:
    streams = [live.stream("bob", "GET", "/api/events") for _ in range(MOST_STREAMS)]
    for stream in streams:
        stream.next()

    status, body, headers = live.call("bob", "GET", "/api/events", Accept="text/event-stream")

    assert (status, headers["retry-after"]) == (429, "5")
    assert b"too_many_streams" in body
    assert live.stream("bob2", "GET", "/api/events").next()[0] == "hello"
    for stream in streams:
        stream.hang_up()


def test_a_stream_ends_soon_after_its_listener_is_signed_out(live: Live) -> None:
    assert live.call("bob", "GET", "/api/events")[0] == 400  # Such a stream would not be ended.
    events = live.stream("bob", "GET", "/api/events")
    events.next()
    with live.people.studio.database.write() as session:
        session.execute(text("DELETE FROM access_tokens"))

    began = time.monotonic()
    assert list(events) == []
    assert time.monotonic() - began < 5
    events.hang_up()


def test_watching_too_much_or_nothing_is_refused_in_a_sentence(live: Live) -> None:
    events = live.stream("bob", "GET", "/api/events")
    stream = events.next()[1]["stream"]

    assert live.call("bob", "PUT", f"/api/events/{stream}", {"watch": [FLOW] * 51})[0] == 400
    assert live.call("bob", "PUT", f"/api/events/{stream}", {"watch": [FLOW], "x": 1})[0] == 400
    assert live.call("bob", "PUT", f"/api/events/{stream}", {"watch": ["../x"]})[0] == 404
    assert live.call("bob", "PUT", f"/api/events/{stream}", {"watch": ["", "Users", FLOW]})[0] == 204
    events.hang_up()


def test_who_else_has_a_flow_or_a_file_of_it_open_is_told_to_those_who_have_it_open(live: Live) -> None:
    live.people.make_flow("bob")
    bob, other, elsewhere = (live.stream(name, "GET", "/api/events") for name in ("bob", "bob2", "vic"))
    streams = {events: events.next()[1]["stream"] for events in (bob, other, elsewhere)}
    file = f"{FLOW}/flow.dag.yaml"

    show(live, "bob", streams[bob], [FLOW, file])
    assert [bob.next(), bob.next()] == [
        ("presence", {"path": FLOW, "users": ["bob"]}),
        ("presence", {"path": file, "users": ["bob"]}),
    ]
    show(live, "bob2", streams[other], [FLOW])
    show(live, "vic", streams[elsewhere], [f"{FLOW}2"])

    assert bob.next() == ("presence", {"path": FLOW, "users": ["bob", "bob2"]})
    assert [other.next(), other.next()] == [
        ("presence", {"path": FLOW, "users": ["bob", "bob2"]}),
        ("presence", {"path": file, "users": ["bob"]}),
    ]
    assert elsewhere.next() == ("presence", {"path": f"{FLOW}2", "users": ["vic"]})
    show(live, "bob", streams[bob], [FLOW])
    assert other.next() == ("presence", {"path": file, "users": []})
    for events in streams:
        events.hang_up()


def test_whoever_hangs_up_has_left_within_five_seconds_and_a_second_window_of_theirs_stays(live: Live) -> None:
    live.people.make_flow("bob")
    first, second, other = (live.stream(name, "GET", "/api/events") for name in ("bob", "bob", "bob2"))
    for events, name in ((first, "bob"), (second, "bob"), (other, "bob2")):
        show(live, name, events.next()[1]["stream"], [FLOW])
    told = other.next()

    first.hang_up()
    assert (told, other.next()) == (
        ("presence", {"path": FLOW, "users": ["bob", "bob2"]}),
        ("presence", {"path": FLOW, "users": ["bob", "bob2"]}),
    )
    began = time.monotonic()
    second.hang_up()

    assert other.next() == ("presence", {"path": FLOW, "users": ["bob2"]})
    assert time.monotonic() - began < 5
    other.hang_up()


def test_open_paths_are_bounded_and_only_their_own_streams(live: Live) -> None:
    events = live.stream("bob", "GET", "/api/events")
    stream = events.next()[1]["stream"]

    def status(username: str, paths: list[str]) -> int:
        return live.call(username, "PUT", f"/api/events/{stream}", {"watch": [], "open": paths})[0]

    assert status("bob", [FLOW] * 101) == 400
    assert status("bob", ["Users/../x"]) == 404
    assert status("bob2", [FLOW]) == 404
    assert status("bob", ["", "Users"]) == 204
    events.hang_up()


def test_a_file_says_who_wrote_it_until_somebody_writes_it_outside_of_the_studio(live: Live) -> None:
    folder = live.people.make_flow("bob")
    place = f"/api/content/{FLOW}/note.txt"

    live.call("bob", "PUT", place, b"one")
    by_bob = live.call("bob2", "GET", place)[2]["Written-By"]
    (folder / "note.txt").write_text("two, from a shell")

    assert by_bob == "bob"
    assert live.call("bob2", "GET", place)[2]["Written-By"] is None


def show(live: Live, username: str, stream: str, paths: list[str]) -> None:
    body = {"watch": [], "open": paths}
    assert live.call(username, "PUT", f"/api/events/{stream}", body)[0] == 204
