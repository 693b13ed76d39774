"""HTTP as uvicorn speaks it, with bounds on the part that comes before any of our code: the header."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEADER = 64 * 1024
HEADER_SECONDS = 20.0
_ANSWER = "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """Closes connections whose request header is too large (431) or does not come to its end in time (408)."""

    _header_bytes = 0
    _in_header = True
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._begin_header()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_header:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._in_header and self._header_bytes > LARGEST_HEADER:
            self._refuse("431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_header:
            self._begin_header()

    def on_headers_complete(self) -> None:
        self._in_header = False
        self._stop_timer()
        super().on_headers_complete()

    def _begin_header(self) -> None:
        self._in_header = True
        self._header_bytes = 0
        self._stop_timer()
        self._timer = self.loop.call_later(HEADER_SECONDS, self._refuse, "408 Request Timeout")

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: str) -> None:
        if not self.transport.is_closing():
            self.transport.write(_ANSWER.format(status=status).encode())
            self.transport.close()
