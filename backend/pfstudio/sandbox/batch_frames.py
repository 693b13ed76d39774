"""How a batch and its workers talk: a JSON head and a body of bytes, each with its length in front.

The body is passed on as it is, so that a large record is neither parsed nor copied on its way through the parent.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Mapping
from json import dumps, loads
from typing import Any, TypeAlias

from pfstudio.sandbox.protocol import ProtocolError

Frame: TypeAlias = tuple[dict[str, Any], bytes]
_LENGTHS = struct.Struct("!IQ")
_LARGE = 1 << 18
_LONGEST_HEAD = 256 * 2**20
_LONGEST_BODY = 4 * 2**30


def encode(head: Mapping[str, Any], body: bytes = b"") -> bytes:
    """One frame. What JSON does not know is sent as its text."""
    return b"".join(pieces(head, body))


def pieces(head: Mapping[str, Any], body: bytes = b"") -> list[bytes]:
    """One frame, in more than one piece where joining them would copy a large body."""
    data = dumps(head, separators=(",", ":"), default=str).encode("ascii")
    start = _LENGTHS.pack(len(data), len(body)) + data
    return [start, body] if len(body) > _LARGE else [start + body]


class FrameReader:
    """Puts frames together from the pieces a socket delivers."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now.

        Raises:
            ProtocolError: too long, or the head is not a JSON object.
        """
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= _LENGTHS.size:
            head_length, body_length = _LENGTHS.unpack_from(buffer, start)
            if head_length > _LONGEST_HEAD or body_length > _LONGEST_BODY:
                raise ProtocolError("A message of a worker is longer than anything it may say.")
            middle = start + _LENGTHS.size + head_length
            end = middle + body_length
            if len(buffer) < end:
                break
            head = _head(bytes(buffer[start + _LENGTHS.size : middle]))
            body = bytes(memoryview(buffer)[middle:end])
            start = end
            yield head, body
        if start:
            del buffer[:start]


def receive(connection: socket.socket, reader: FrameReader, into: list[Frame]) -> bool:
    """Wait for at least one more frame and put what came into the list; False once the other side is gone."""
    before = len(into)
    while len(into) == before:
        data = connection.recv(1 << 20)
        if not data:
            return False
        into.extend(reader.feed(data))
    return True


def _head(data: bytes) -> dict[str, Any]:
    try:
        head = loads(data)
    except ValueError as error:
        raise ProtocolError("A message of a worker is not JSON.") from error
    if not isinstance(head, dict):
        raise ProtocolError("A message of a worker is not a JSON object.")
    return head
