"""The demo model without a network: requests of the model client are answered inside the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import httpx2

from pfstudio.models.demo.responses import respond

DEMO_ADDRESS: Final = "demo://"


class DemoTransport(httpx2.BaseTransport):
    """Answers what is sent to `demo://…` with the code of the demo server."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = respond(request.method, request.url.path, request.read())
        headers = {"content-type": answer.content_type}
        return httpx2.Response(answer.status, headers=headers, stream=_Pieces(answer.pieces))


class _Pieces(httpx2.SyncByteStream):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
