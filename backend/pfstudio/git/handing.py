"""Hands git in a sandbox what it needs to sign in elsewhere: through sockets, for as long as one command or one
terminal runs. Nothing of it is ever in an address, an argument, an environment, a file or a log.

Tokens go to git's own `credential-cache` client, for which this plays the daemon. An SSH key stays here: `ssh` gets its
signatures from an agent, which this is as well.
"""

from __future__ import annotations

import contextlib
import selectors
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pfstudio.git.remote_address import origin_of
from pfstudio.git.ssh_keys import LARGEST_MESSAGE, KeyAgent, answer_without_key
from pfstudio.sandbox.isolation import probe

HANDING_FOLDER = "/run/pfstudio-git"
"""Where a sandbox finds the sockets: the folder of a `Handing` is to be bound there, read-only."""
_SECONDS = 60.0
_MOST = 16
_LONGEST_QUESTION = 64 * 1024
_SSH = "ssh -F none -o IdentityAgent={folder}/agent -o GlobalKnownHostsFile=/dev/null -o PasswordAuthentication=no"


@dataclass(frozen=True, slots=True)
class Token:
    """A user name and a secret for one origin, such as `https://example.com`."""

    username: str
    secret: str

    def __repr__(self) -> str:
        return f"Token({self.username!r}, ******)"


class CredentialSource(Protocol):
    """Where credentials of one user come from; asked anew each time, from several threads."""

    def token(self, origin: str) -> Token | None: ...

    def key(self) -> KeyAgent | None: ...

    def known_hosts(self) -> str:
        """The servers that the user trusts, as lines of ssh's `known_hosts`."""
        ...


class Handing:
    """Open sockets for the sandbox of one command or terminal; `close` it when that has ended.

    `only` is the one origin whose token may be asked for; without it, all of the user's.
    """

    def __init__(self, source: CredentialSource, *, only: str | None = None) -> None:
        self._source = source
        self._only = only
        self.folder = Path(tempfile.mkdtemp(prefix="pfstudio-git-"))
        # Where there is no isolation, git sees the folder where it is.
        self._place = HANDING_FOLDER if probe().active else str(self.folder)
        self.asked: set[str] = set()
        """The origins whose token was handed over, and `ssh` where the key signed."""
        self.refused: set[str] = set()
        """The origins that did not take the token."""
        self._free = threading.BoundedSemaphore(_MOST)
        self._wake, self._woken = socket.socketpair()
        self._listeners: dict[socket.socket, Callable[[socket.socket], None]] = {}
        try:
            (self.folder / "known_hosts").write_text(source.known_hosts(), encoding="utf-8")
            self._listen("credentials", self._hand_token)
            self._listen("agent", self._be_agent)
        except BaseException:
            self.close()
            raise
        threading.Thread(target=self._accept, name="git-handing", daemon=True).start()

    def __enter__(self) -> Handing:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def environment(self, *, asks: bool = False) -> dict[str, str]:
        """The variables by which git finds the sockets; none holds a secret.

        `asks` is for terminals, where ssh may ask whether an unknown server is to be trusted.
        """
        ssh = _SSH.format(folder=self._place)
        known = f"{self._place}/known_hosts"
        ssh += (
            f' -o StrictHostKeyChecking=ask -o "UserKnownHostsFile=~/.ssh/known_hosts {known}"'
            if asks
            else f" -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={known}"
        )
        return {
            "GIT_SSH_COMMAND": ssh,
            "GIT_SSH_VARIANT": "ssh",
            "SSH_AUTH_SOCK": f"{self._place}/agent",
            **config_variables(self.configuration()),
        }

    def configuration(self) -> dict[str, str]:
        """Git's settings for it, in their order: helpers that a repository names itself are not asked."""
        return {"credential.helper": f"cache --socket {self._place}/credentials"}

    def close(self) -> None:
        """End all sockets; what is being handed over just now is cut."""
        with contextlib.suppress(OSError):
            self._wake.send(b"x")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listen(self, name: str, handler: Callable[[socket.socket], None]) -> None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listeners[listener] = handler
        listener.bind(str(self.folder / name))
        listener.listen(_MOST)

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector, contextlib.ExitStack() as stack:
            for item in (self._woken, self._wake, *self._listeners):
                stack.enter_context(item)
            selector.register(self._woken, selectors.EVENT_READ)
            for listener in self._listeners:
                selector.register(listener, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._woken:
                        return
                    self._take(key.fileobj)  # type: ignore[arg-type]  # Only sockets were registered.

    def _take(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        if not self._free.acquire(blocking=False):
            connection.close()
            return
        threading.Thread(target=self._serve, args=(connection, self._listeners[listener]), daemon=True).start()

    def _serve(self, connection: socket.socket, handler: Callable[[socket.socket], None]) -> None:
        try:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(_SECONDS)
                handler(connection)
        finally:
            self._free.release()

    def _hand_token(self, connection: socket.socket) -> None:
        question = b""
        while piece := connection.recv(4096):
            question += piece
            if len(question) > _LONGEST_QUESTION:
                return
        fields = dict(line.split("=", 1) for line in question.decode("utf-8", "replace").split("\n") if "=" in line)
        origin = origin_of(fields.get("protocol", ""), fields.get("host", ""))
        if origin is None or (self._only is not None and origin != self._only):
            return
        if fields.get("action") == "erase":
            self.refused.add(origin)
        token = self._source.token(origin) if fields.get("action") == "get" else None
        if token is None or fields.get("username", token.username) != token.username:
            return
        self.asked.add(origin)
        connection.sendall(f"username={token.username}\npassword={token.secret}\n".encode())

    def _be_agent(self, connection: socket.socket) -> None:
        key = self._source.key()
        answer = key.answer if key else answer_without_key
        while head := _read_exactly(connection, 4):
            (length,) = struct.unpack(">I", head)
            message = _read_exactly(connection, length) if length <= LARGEST_MESSAGE else b""
            if not message:
                return
            said = answer(message)
            if key and len(said) > 1 and message[0] == 13:
                self.asked.add("ssh")
            connection.sendall(struct.pack(">I", len(said)) + said)


def config_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings of git as variables, which win over those of any file. A list, such as that of credential helpers, is
    begun anew."""
    pairs: list[tuple[str, str]] = []
    for name, value in settings.items():
        if name == "credential.helper":
            pairs.append((name, ""))
        pairs.append((name, value))
    variables = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for number, (name, value) in enumerate(pairs):
        variables |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _read_exactly(connection: socket.socket, length: int) -> bytes:
    """So many bytes; none where the other end has gone."""
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            return b""
        data += piece
    return data
