"""SSH keys that are made for a user, and the agent's protocol by which git uses one without ever having it."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pfstudio.git.remote_errors import HostKeyRefusedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LARGEST_MESSAGE = 256 * 1024
_KIND = b"ssh-ed25519"
_FAILURE = b"\x05"
_REQUEST_IDENTITIES, _IDENTITIES_ANSWER, _SIGN_REQUEST, _SIGN_RESPONSE = 11, 12, 13, 14
_HOST_KEY = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]{40,2000}={0,3})\Z")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new key: `private` is to be encrypted at once, `public` is the line that other servers are given."""

    private: str
    public: str


def new_key(comment: str) -> KeyPair:
    """An ed25519 key that nobody has yet."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    return KeyPair(base64.b64encode(key.private_bytes_raw()).decode(), f"{_public_line(key)} {comment}")


def fingerprint(public: str) -> str:
    """How `ssh` shows a public key, `SHA256:…`."""
    blob = base64.b64decode(public.split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def require_host_key(line: str) -> str:
    """A key of a server as it may stand in `known_hosts`: its kind and its body, nothing else.

    Raises:
        HostKeyRefusedError: it is no such key.
    """
    found = _HOST_KEY.match(line.strip())
    if found is None:
        raise HostKeyRefusedError
    try:
        blob = base64.b64decode(found[2], validate=True)
    except ValueError as error:
        raise HostKeyRefusedError from error
    if not blob.startswith(_text(found[1].encode())):
        raise HostKeyRefusedError
    return f"{found[1]} {found[2]}"


class KeyAgent:
    """Answers what `ssh` asks an agent: which keys there are, and for signatures by them. Nothing else is granted."""

    def __init__(self, private: str, comment: str) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private))
        self._blob = base64.b64decode(_public_line(self._key).split()[1])
        self._comment = comment.encode()

    def answer(self, message: bytes) -> bytes:
        """The answer to one message, both without their lengths."""
        if message[:1] == bytes([_REQUEST_IDENTITIES]):
            keys = _text(self._blob) + _text(self._comment)
            return bytes([_IDENTITIES_ANSWER]) + struct.pack(">I", 1) + keys
        if message[:1] == bytes([_SIGN_REQUEST]):
            return self._sign(message[1:])
        return _FAILURE

    def _sign(self, request: bytes) -> bytes:
        try:
            blob, rest = _take(request)
            data, _flags = _take(rest)
        except (struct.error, ValueError):
            return _FAILURE
        if blob != self._blob:
            return _FAILURE
        return bytes([_SIGN_RESPONSE]) + _text(_text(_KIND) + _text(self._key.sign(data)))


def answer_without_key(message: bytes) -> bytes:
    """What an agent says that has no key."""
    if message[:1] == bytes([_REQUEST_IDENTITIES]):
        return bytes([_IDENTITIES_ANSWER]) + struct.pack(">I", 0)
    return _FAILURE


def _public_line(key: Ed25519PrivateKey) -> str:
    blob = _text(_KIND) + _text(key.public_key().public_bytes_raw())
    return f"{_KIND.decode()} {base64.b64encode(blob).decode()}"


def _text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _take(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError("The message ends too early.")
    return data[4 : 4 + length], data[4 + length :]
