"""Large, slow and malformed requests: row 8 of the table of incidents.

A real server with its limits on time set low: sign-in comes before the body, limits hold while it streams in, and
others are answered meanwhile.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from httpx2 import Client

from pfstudio.server import bodies, protocol
from pfstudio.server.protocol import BoundedProtocol
from studios import People

MEGABYTE = 1024 * 1024


@dataclass
class Live:
    """A studio that listens. `token` is bob's."""

    people: People
    port: int
    token: str

    def send(self, head: str, *parts: bytes, pause: float = 0.0, authorized: bool = True) -> bytes:
        """The answer to a request written byte by byte as one likes; what cannot be sent any more is dropped."""
        lines = [head, f"Host: localhost:{self.port}"]
        if authorized:
            lines.append(f"Authorization: Bearer {self.token}")
        with socket.create_connection(("127.0.0.1", self.port), timeout=15) as connection:
            try:
                connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
                for part in parts:
                    connection.sendall(part)
                    time.sleep(pause)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return _read(connection)

    def client(self) -> Client:
        return Client(base_url=f"http://localhost:{self.port}", headers={"Authorization": f"Bearer {self.token}"})


def _read(connection: socket.socket) -> bytes:
    answer = b""
    try:
        while chunk := connection.recv(65536):
            answer += chunk
            head, found, body = answer.partition(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if found and length and len(body) >= int(length[0].split(b":")[1]):
                break
    except ConnectionResetError:
        pass
    return answer


def _status(answer: bytes) -> int:
    return int(answer.split()[1]) if answer else 0


@pytest.fixture
def live(make_people: Callable[..., People], monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 1.0)
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 1.0)
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 1.0)
    people = make_people(upload_limit=1)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        people.app, http=BoundedProtocol, log_config=None, timeout_graceful_shutdown=1, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = listening.getsockname()[1]
    token = people.script("bob").headers["Authorization"].removeprefix("Bearer ")
    yield Live(people, port, token)
    server.should_exit = True
    thread.join(10)


PUT = "PUT /api/content/Users/bob/promptflow/big.bin HTTP/1.1"


def _chunks(count: int, size: int) -> list[bytes]:
    return [f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"] * count + [b"0\r\n\r\n"]


def test_whoever_is_not_signed_in_is_refused_before_sending_a_body(live: Live) -> None:
    for head in (PUT, "POST /api/import HTTP/1.1", "POST /api/flows HTTP/1.1"):
        began = time.monotonic()
        answer = live.send(f"{head}\r\nContent-Length: {10_000 * MEGABYTE}", authorized=False)
        assert _status(answer) == 401
        assert b"connection: close" in answer.lower()
        assert time.monotonic() - began < 0.9


def test_an_announced_size_over_the_limit_is_refused_before_it_is_sent(live: Live) -> None:
    answer = live.send(f"{PUT}\r\nContent-Length: {2 * MEGABYTE}")

    assert _status(answer) == 413
    assert b"larger than 1 MB" in answer


def test_a_body_without_an_announced_size_is_cut_off_at_the_limit_and_leaves_nothing(live: Live) -> None:
    answer = live.send(f"{PUT}\r\nTransfer-Encoding: chunked", *_chunks(40, 64 * 1024))

    assert _status(answer) == 413
    assert not (live.people.share / "Users/bob/promptflow/big.bin").exists()


def test_a_body_of_the_limits_size_is_taken(live: Live) -> None:
    answer = live.send(f"{PUT}\r\nContent-Length: {MEGABYTE}", b"x" * MEGABYTE)

    assert _status(answer) == 201
    assert (live.people.share / "Users/bob/promptflow/big.bin").stat().st_size == MEGABYTE


def test_signing_in_takes_small_bodies_only(live: Live) -> None:
    answer = live.send("POST /api/auth/token HTTP/1.1\r\nContent-Length: 20000", b"x" * 20000, authorized=False)

    assert _status(answer) == 413


def test_a_body_that_stops_coming_is_given_up(live: Live) -> None:
    began = time.monotonic()

    answer = live.send(f"{PUT}\r\nContent-Length: 1000", b"only this")

    assert _status(answer) == 408
    assert time.monotonic() - began < 4
    assert not (live.people.share / "Users/bob/promptflow/big.bin").exists()


def test_a_body_that_drips_in_is_given_up(live: Live) -> None:
    began = time.monotonic()

    answer = live.send(f"{PUT}\r\nContent-Length: 1000", *[b"x"] * 20, pause=0.2)

    assert _status(answer) == 408
    assert time.monotonic() - began < 8


def test_a_header_that_does_not_end_is_given_up(live: Live) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", live.port), timeout=15) as connection:
        connection.sendall(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        answer = _read(connection)

    assert _status(answer) == 408
    assert time.monotonic() - began < 5


def test_a_connection_that_says_nothing_is_closed(live: Live) -> None:
    with socket.create_connection(("127.0.0.1", live.port), timeout=15) as connection:
        began = time.monotonic()
        _read(connection)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "header", ["X-Long: " + "x" * 2 * MEGABYTE, "\r\n".join(f"X-{number}: x" for number in range(50_000))]
)
def test_a_giant_header_is_refused(live: Live, header: str) -> None:
    answer = live.send(f"GET /api/health HTTP/1.1\r\n{header}", authorized=False)

    assert _status(answer) in (0, 400, 431)
    with live.client() as client:
        assert client.get("/api/health").status_code == 200


def _multipart(boundary: str, body: bytes) -> tuple[str, bytes]:
    head = f"POST /api/import HTTP/1.1\r\nContent-Type: multipart/form-data; boundary={boundary}"
    return f"{head}\r\nContent-Length: {len(body)}", body


PART = 'Content-Disposition: form-data; name="files"; filename="f/{0}"\r\n\r\nx\r\n'
MULTIPARTS = {
    "a boundary of 60 kB": _multipart("b" * 60_000, b"--" + b"b" * 60_000 + b"\r\n" + b"x" * 900_000),
    "bytes that nearly are the boundary": _multipart("b" * 70, (b"\r\n--" + b"b" * 69) * 13_000),
    "a part header without end": _multipart("b", b"--b\r\nContent-Disposition: " + b"x" * 900_000),
    "a part with 20,000 headers": _multipart("b", b"--b\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n"),
    "no end": _multipart("b", b"--b\r\n" + PART.format("a").encode()),
    "only line ends": _multipart("b", b"\r\n" * 400_000),
    "an empty boundary": _multipart("", b"----\r\n"),
    "a boundary in quotes": _multipart('"b', b"--b--\r\n"),
    "no body": _multipart("b", b""),
}


@pytest.mark.parametrize("name", MULTIPARTS)
def test_a_malformed_upload_is_refused_soon_while_others_are_answered(live: Live, name: str) -> None:
    head, body = MULTIPARTS[name]
    waits: list[float] = []
    over = threading.Event()

    def ask_meanwhile() -> None:
        with live.client() as client:
            while not over.is_set():
                began = time.monotonic()
                assert client.get("/api/health").status_code == 200
                waits.append(time.monotonic() - began)

    other = threading.Thread(target=ask_meanwhile)
    other.start()
    began = time.monotonic()
    answer = live.send(head, body)
    took = time.monotonic() - began
    over.set()
    other.join()

    assert 400 <= _status(answer) < 500, answer[:300]
    assert took < 5
    assert max(waits, default=0) < 2
    assert [path.name for path in (live.people.share / "Users/bob/promptflow").iterdir()] == []


def test_many_slow_uploads_do_not_keep_others_waiting(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 30.0)
    slow = [socket.create_connection(("127.0.0.1", live.port)) for _ in range(80)]
    for connection in slow:
        connection.sendall(
            f"{PUT}\r\nHost: localhost:{live.port}\r\nAuthorization: Bearer {live.token}\r\n"
            "Content-Length: 1000\r\n\r\nx".encode()
        )
    try:
        began = time.monotonic()
        with live.client() as client:
            assert client.get("/api/users").status_code == 200
        assert time.monotonic() - began < 5
    finally:
        for connection in slow:
            connection.close()


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length: abc",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
    ],
)
def test_a_body_whose_end_two_programs_could_see_differently_is_refused(live: Live, lines: str) -> None:
    answer = live.send(f"{PUT}\r\n{lines}", b"0\r\n\r\nGET /api/users HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert _status(answer) in (0, 400, 408)
    assert answer.count(b"HTTP/1.1 ") <= 1
