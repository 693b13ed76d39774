"""Ends what should not go on: the process is being replaced, or whoever is at the other end was signed out.

Every event stream, every WebSocket and every git transfer passes through here, so none of them can forget to.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pfstudio.server.deps import Studio

GRACE_SECONDS = 1.0
"""How long a WebSocket or a git transfer has to end by itself once its connection is taken away."""


class ConnectionEndedError(OSError):
    """Sending on a connection that was taken away."""


class Streams:
    """Tells a stream that its listener has gone when it has to end, and then ends its answer in order.

    Browsers open a stream of GET again by themselves, from the new process. What a POST streams is work under way,
    which a replaced process finishes; it ends when whoever asked for it is signed out.
    """

    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self._app = app
        self._studio = studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        identity = scope.get("pfstudio.identity")
        if identity is None or not _lasts(scope):
            await self._app(scope, receive, send)
            return
        connection = _Connection(scope["type"], receive, send)
        loop = asyncio.get_running_loop()

        def end() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(connection.over.set)

        with self._studio.live.registered(identity, end):
            if _is_plain_stream(scope):
                await self._run_stream(scope, connection)
            else:
                await self._run_to_the_end(scope, connection)

    async def _run_stream(self, scope: Scope, connection: _Connection) -> None:
        moving = asyncio.create_task(self._end_when_stopping(connection)) if scope["method"] == "GET" else None
        try:
            await self._app(scope, connection.receive, connection.send)
        finally:
            if moving is not None:
                moving.cancel()
        await connection.finish()

    async def _end_when_stopping(self, connection: _Connection) -> None:
        await self._studio.stopping.wait()
        connection.over.set()

    async def _run_to_the_end(self, scope: Scope, connection: _Connection) -> None:
        """Run what need not listen to a hint: its connection is closed, and shortly after it is itself canceled."""
        running = asyncio.ensure_future(self._app(scope, connection.receive, connection.send))
        ending = asyncio.ensure_future(connection.over.wait())
        try:
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await connection.cut()
                await asyncio.wait({running}, timeout=GRACE_SECONDS)
        finally:
            ending.cancel()
            if not running.done():
                running.cancel()
            with contextlib.suppress(ConnectionEndedError, asyncio.CancelledError):
                await running


def _lasts(scope: Scope) -> bool:
    return scope["type"] == "websocket" or _is_git(scope) or _is_plain_stream(scope)


def _is_plain_stream(scope: Scope) -> bool:
    return scope["type"] == "http" and "text/event-stream" in Headers(scope=scope).get("accept", "")


def _is_git(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")).startswith("/git/")


class _Connection:
    def __init__(self, kind: str, receive: Receive, send: Send) -> None:
        self._kind = kind
        self._receive = receive
        self._send = send
        self._started = False
        self._finished = False
        self._is_cut = False
        self.over = asyncio.Event()

    async def receive(self) -> Message:
        receiving = asyncio.ensure_future(self._receive())
        ending = asyncio.ensure_future(self.over.wait())
        try:
            await asyncio.wait({receiving, ending}, return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                return receiving.result()
            return (
                {"type": "http.disconnect"} if self._kind == "http" else {"type": "websocket.disconnect", "code": 1008}
            )
        finally:
            receiving.cancel()
            ending.cancel()

    async def send(self, message: Message) -> None:
        if self._is_cut:
            raise ConnectionEndedError
        if message["type"] == "http.response.start":
            self._started = True
        elif message["type"] == "websocket.close" or not message.get("more_body", self._kind == "websocket"):
            self._finished = True
        await self._send(message)

    async def finish(self) -> None:
        """End an answer that its route left open when it heard that nobody listens."""
        if self._started and not self._finished and self.over.is_set():
            self._finished = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def cut(self) -> None:
        """Take the connection away from what runs on it."""
        self._is_cut = True
        if self._kind == "websocket":
            if not self._finished:
                await self._send({"type": "websocket.close", "code": 1008, "reason": "Signed out."})
        elif self._started:
            await self.finish()
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
            await self._send({"type": "http.response.start", "status": 401, "headers": headers})
            await self._send({"type": "http.response.body", "body": b"Signed out.\n"})
