"""Ends event streams that should not go on: the process is being replaced, or whoever listens was signed out."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pfstudio.accounts.sessions import identify_cookie, identify_token
from pfstudio.server.deps import Studio

RECHECK_SECONDS = 3.0


class Streams:
    """Tells a stream that its listener has gone when it has to end, and then ends its answer in order.

    Browsers open a stream of GET again by themselves, from the new process. What a POST streams is work under way,
    which a replaced process finishes; it ends when whoever asked for it is signed out.
    """

    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self._app = app
        self._studio = studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _wants_events(scope):
            await self._app(scope, receive, send)
            return
        stream = _Stream(receive, send)
        watcher = asyncio.create_task(self._watch(scope, stream))
        try:
            await self._app(scope, stream.receive, stream.send)
        finally:
            watcher.cancel()
        await stream.finish()

    async def _watch(self, scope: Scope, stream: _Stream) -> None:
        can_move = scope["method"] == "GET"
        while not (can_move and await self._is_stopping()):
            if not can_move:
                await asyncio.sleep(RECHECK_SECONDS)
            if not await run_in_threadpool(self._still_signed_in, scope):
                break
        stream.over.set()

    async def _is_stopping(self) -> bool:
        """Whether this process is to end; waits for that a while."""
        try:
            async with asyncio.timeout(RECHECK_SECONDS):
                return await self._studio.stopping.wait()
        except TimeoutError:
            return False

    def _still_signed_in(self, scope: Scope) -> bool:
        cookie: str | None = scope.get("pfstudio.session_token")
        authorization = Headers(scope=scope).get("authorization", "")
        with self._studio.database.read() as session:
            if cookie is not None:
                return identify_cookie(session, cookie) is not None
            return identify_token(session, authorization.partition(" ")[2].strip()) is not None


def _wants_events(scope: Scope) -> bool:
    return "text/event-stream" in Headers(scope=scope).get("accept", "") and "pfstudio.actor" in scope


class _Stream:
    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._started = False
        self._finished = False
        self.over = asyncio.Event()

    async def receive(self) -> Message:
        receiving = asyncio.ensure_future(self._receive())
        ending = asyncio.ensure_future(self.over.wait())
        try:
            await asyncio.wait({receiving, ending}, return_when=asyncio.FIRST_COMPLETED)
            return receiving.result() if receiving.done() else {"type": "http.disconnect"}
        finally:
            receiving.cancel()
            ending.cancel()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
        elif not message.get("more_body", False):
            self._finished = True
        await self._send(message)

    async def finish(self) -> None:
        """End an answer that its route left open when it heard that nobody listens."""
        if self._started and not self._finished and self.over.is_set():
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
