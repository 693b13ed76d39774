"""How the studio, its zygotes and their workers talk: JSON in frames with a length in front, over sockets.

The studio believes nothing a worker says beyond its form: frames have a largest size, and a frame that is not a JSON
object ends the conversation.
"""

from __future__ import annotations

import array
import json
import math
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pfstudio.errors import SystemErrorException

MAX_FRAME = 32 * 1024 * 1024
_HEADER = struct.Struct("!I")
_MAX_FDS = 4


class ProtocolError(SystemErrorException):
    """What arrived is not a frame of ours."""


def encode(message: Mapping[str, Any]) -> bytes:
    """One frame. NaN and infinities become null, since what is sent here ends up in HTTP answers."""
    try:
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        body = json.dumps(_finite(message), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    data = body.encode("utf-8", errors="replace")
    return _HEADER.pack(len(data)) + data


class FrameReader:
    """Puts frames together from the pieces a socket delivers."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The frames that are complete now.

        Raises:
            ProtocolError: too long, not JSON, or not an object.
        """
        self._buffer += data
        while len(self._buffer) >= _HEADER.size:
            (length,) = _HEADER.unpack_from(self._buffer)
            if length > MAX_FRAME:
                raise ProtocolError(f"A message of {length} bytes is longer than the {MAX_FRAME} allowed.")
            end = _HEADER.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_HEADER.size : end])
            del self._buffer[:end]
            yield _decoded(body)


def send(connection: socket.socket, message: Mapping[str, Any], fds: Sequence[int] = ()) -> None:
    """Send one frame, blocking; `fds` travel with its first byte."""
    data = encode(message)
    sent = 0
    if fds:
        rights = array.array("i", fds)
        sent = connection.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    connection.sendall(data[sent:])


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next frame and the descriptors that came with it, blocking; None once the other side is gone."""
    data, fds, _, _ = socket.recv_fds(connection, _HEADER.size, _MAX_FDS)
    header = data + _exactly(connection, _HEADER.size - len(data)) if data else b""
    if len(header) < _HEADER.size:
        return None
    (length,) = _HEADER.unpack(header)
    if length > MAX_FRAME:
        raise ProtocolError(f"A message of {length} bytes is longer than the {MAX_FRAME} allowed.")
    body = _exactly(connection, length)
    return (_decoded(body), list(fds)) if len(body) == length else None


def _exactly(connection: socket.socket, length: int) -> bytes:
    """`length` bytes, or fewer where the other side went away."""
    pieces = bytearray()
    while len(pieces) < length:
        piece = connection.recv(min(length - len(pieces), 1 << 20))
        if not piece:
            break
        pieces += piece
    return bytes(pieces)


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise ProtocolError("A message is not JSON.") from error
    if not isinstance(message, dict):
        raise ProtocolError("A message is not a JSON object.")
    return message


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
