"""A studio that really listens, for what a test client cannot do: streams, hanging up, bytes of our own making."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from pfstudio.accounts import sessions
from pfstudio.server.protocol import BoundedProtocol
from studios import People

__all__ = ["Live", "live"]


@dataclass
class Live:
    """The running studio. Each call is its own connection, by a user's personal token."""

    people: People
    port: int

    def token(self, username: str) -> str:
        with self.people.studio.database.write() as session:
            return sessions.issue_token(session, username).token

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def call(
        self, username: str, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        """Status, body and headers. A body that is no bytes goes as JSON."""
        connection = self.connect()
        if body is not None and not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        connection.request(method, path, body, {"Authorization": f"Bearer {self.token(username)}", **headers})
        answer = connection.getresponse()
        result = answer.status, answer.read(), answer.headers
        connection.close()
        return result

    def stream(self, username: str, method: str, path: str, body: Any = None) -> EventReader:
        """A stream of server-sent events."""
        connection = self.connect()
        headers = {"Authorization": f"Bearer {self.token(username)}", "Accept": "text/event-stream"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, json.dumps(body).encode() if body is not None else None, headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        return EventReader(connection, answer)


class EventReader:
    """Reads events as they come."""

    def __init__(self, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._answer = answer

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        name = ""
        while line := self._answer.readline():
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text[7:]
            elif text.startswith("data: "):
                yield name, json.loads(text[6:])

    def next(self) -> tuple[str, Any]:
        return next(iter(self))

    def hang_up(self) -> None:
        if self._connection.sock is not None:
            self._connection.sock.close()
        self._answer.close()
        self._connection.close()


def until(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for something to become true."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.fixture
def live(people: People) -> Iterator[Live]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        people.app,
        http=BoundedProtocol,
        ws="websockets-sansio",
        loop="uvloop",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
    )
    config.timeout_graceful_shutdown = 2
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: server.started, 20)
    yield Live(people, listening.getsockname()[1])
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()
