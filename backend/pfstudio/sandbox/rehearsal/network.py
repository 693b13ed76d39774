"""A network that is made up: every request is answered at once, and nothing leaves the process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2

from pfstudio.models.client import ModelClient

_CHOICE = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}
_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
_BODY = json.dumps({"id": "1", "object": "chat.completion", "model": "none", "choices": [_CHOICE], "usage": _USAGE})
_ANSWER = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n\r\n{_BODY}".encode()


@contextmanager
def canned(client: ModelClient) -> Iterator[None]:
    """The client's calls are answered here meanwhile."""
    http: Any = client._http
    http._mounts = {}  # Else a proxy that the environment names would be called, with a network that is not made up.
    http._transport._pool._network_backend = _Network()
    try:
        yield
    finally:
        client.close()


class _Network(httpcore2.NetworkBackend):
    def connect_tcp(self, *_: Any, **__: Any) -> _Stream:
        return _Stream()


class _Stream(httpcore2.NetworkStream):
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return _ANSWER

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        return

    def close(self) -> None:
        return

    def get_extra_info(self, info: str) -> Any:
        return False if info == "is_readable" else None
