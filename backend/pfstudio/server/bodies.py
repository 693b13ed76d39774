"""Limits on request bodies: size and time, enforced while they stream in."""

from __future__ import annotations

import asyncio
import time

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pfstudio.server.settings import Settings

SMALL = 16 * 1024
USUAL = 8 * 1024 * 1024
_UPLOADS = ("/api/content/", "/api/import", "/api/uploads/", "/git/")
_SMALL = ("/api/auth/", "/api/users")
IDLE_SECONDS = 20.0
"""A body that sends nothing for so long is given up."""
GRACE_SECONDS = 30.0
SLOWEST_RATE = 4096
"""Bytes a second that a body has to come in with on the whole, after the grace."""


class BodyLimits:
    """Refuses bodies that are too large (413) or too slow (408), as soon as that is known."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"].removeprefix(scope.get("root_path", "")))
        body = _Body(receive, limit, Headers(scope=scope).get("content-length", "0"))
        await self._app(scope, body.receive, send)

    def _limit(self, path: str) -> int:
        if path.startswith(_SMALL):
            return SMALL
        return self._settings.upload_limit * 1024 * 1024 if path.startswith(_UPLOADS) else USUAL


class _Body:
    def __init__(self, receive: Receive, limit: int, announced: str) -> None:
        self._receive = receive
        self._limit = limit
        self._announced = int(announced) if announced.isdigit() else 0
        self._received = 0
        self._complete = False
        self._began = time.monotonic()

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        if self._announced > self._limit:
            raise self._too_large()
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        if message["type"] != "http.request":
            self._complete = True
            return message
        self._received += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._received > self._limit:
            raise self._too_large()
        if not self._complete and time.monotonic() - self._began > GRACE_SECONDS + self._received / SLOWEST_RATE:
            raise _too_slow()
        return message

    def _too_large(self) -> HTTPException:
        size = f"{self._limit // 1024 // 1024} MB" if self._limit >= 1024 * 1024 else f"{self._limit // 1024} kB"
        return HTTPException(413, f"The request is larger than {size}, the most that is taken here.", _CLOSE)


_CLOSE = {"Connection": "close"}


def _too_slow() -> HTTPException:
    return HTTPException(408, "The request came in too slowly and was given up.", _CLOSE)
