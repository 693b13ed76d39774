"""A page's end of a terminal's socket."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from live_studio import Live
from pfstudio.accounts import sessions
from pfstudio.accounts.tokens import csrf_token

PROTOCOL = "pfstudio.terminal"
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


def dial(live: Live, query: str = "", *, origin: str | None = "own", protocols: Any = None, **headers: str) -> Any:
    """Connect as whoever the headers say."""
    own = f"http://127.0.0.1:{live.port}"
    return connect(
        f"ws://127.0.0.1:{live.port}/api/terminal{query}",
        origin=own if origin == "own" else origin,
        subprotocols=protocols or [PROTOCOL],
        additional_headers=headers,
        compression=None,
        open_timeout=20,
        max_size=None,
    )


def cookie_of(live: Live, username: str) -> tuple[str, str]:
    """A new browser session's cookie, and its CSRF token."""
    with live.people.studio.database.write() as session:
        issued = sessions.open_session(session, username)
    return f"pfstudio_session_{live.port}={issued.token}", csrf_token(issued.token)


class Page:
    """Shows a terminal: acknowledges what it reads, unless told not to."""

    def __init__(self, live: Live, username: str, query: str = "", *, token: str | None = None) -> None:
        self.token = token or live.token(username)
        self._stack = ExitStack()
        self.socket: ClientConnection = self._stack.enter_context(
            dial(live, query, Authorization=f"Bearer {self.token}")
        )
        self.first: dict[str, Any] = json.loads(self.socket.recv(timeout=20))
        self.output = b""
        self._mark = 0
        self.last: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        return str(self.first["id"])

    @property
    def seen(self) -> int:
        return int(self.first["start"]) + len(self.output)

    @property
    def text(self) -> str:
        return _ESCAPES.sub(b"", self.output).decode(errors="replace")

    def read(self, *, acknowledge: bool = True, timeout: float = 20) -> bytes | None:
        """The next output; None where it is over."""
        message = self.socket.recv(timeout=timeout)
        if isinstance(message, str):
            self.last = json.loads(message)
            return None
        self.output += message
        if acknowledge:
            self.tell(type="shown", count=len(message))
        return message

    def read_until(self, wanted: bytes) -> str:
        while wanted not in self.output:
            if self.read() is None:
                raise AssertionError(f"{self.last} after {self.text!r}")
        return self.text

    def run(self, command: str) -> str:
        """What a command prints."""
        self._read_on(b"$ ")
        self.type(f"{command}; echo end''ed\n")
        printed = _ESCAPES.sub(b"", self._read_on(b"ended\r\n")).decode(errors="replace")
        return printed.partition("\n")[2].rpartition("ended")[0].replace("\r", "").strip()

    def _read_on(self, wanted: bytes) -> bytes:
        """What comes after all that was read so before, up to `wanted`."""
        while (found := self.output.find(wanted, self._mark)) < 0:
            if self.read() is None:
                raise AssertionError(f"{self.last} after {self.text!r}")
        start, self._mark = self._mark, found + len(wanted)
        return self.output[start : self._mark]

    def type(self, text: str) -> None:
        self.socket.send(text.encode())

    def tell(self, **message: Any) -> None:
        with suppress(ConnectionClosed):  # What it said before that is still to be read.
            self.socket.send(json.dumps(message))

    def end_of_it(self, timeout: float = 20) -> dict[str, Any]:
        """How it ends: what the studio says last."""
        while self.last is None:
            self.read(timeout=timeout)
        return self.last

    def close(self) -> None:
        self._stack.close()
