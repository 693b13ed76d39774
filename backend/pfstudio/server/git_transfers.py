"""A transfer over HTTP: as server-sent events, or as one answer. Hanging up cancels it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from time import monotonic

import orjson
from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from pfstudio.accounts.actor import Actor
from pfstudio.errors import PromptflowException
from pfstudio.git.credentials import StoredCredentials
from pfstudio.git.remote_errors import TooManyTransfersError
from pfstudio.git.transfer import Access, Progress
from pfstudio.server.deps import Studio
from pfstudio.server.errors import problem_response, unexpected_response

_MOST_OF_ONE_USER = 3
_MOST = 12
_TOLD_SECONDS = 0.1
_KEEP_ALIVE_SECONDS = 15.0
_running: Counter[str] = Counter()

Result = dict[str, str] | dict[str, str | None]


async def answer(
    request: Request, studio: Studio, actor: Actor, work: Callable[[Access], Result], *, status: int = 200
) -> Response:
    """Run `work` in a thread: `progress` as it goes, then `finished` or `failed`; or one answer.

    Raises:
        TooManyTransfersError: as many as the studio takes at once are running.
    """
    if _running[actor.username] >= _MOST_OF_ONE_USER or _running.total() >= _MOST:
        raise TooManyTransfersError
    transfer = _Transfer(studio, actor, work)
    if "text/event-stream" in request.headers.get("accept", ""):
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(transfer.events(), media_type="text/event-stream", headers=headers)
    return await transfer.whole(request, status)


class _Transfer:
    def __init__(self, studio: Studio, actor: Actor, work: Callable[[Access], Result]) -> None:
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[Progress | None] = asyncio.Queue()
        self._canceled = threading.Event()
        self._last = 0.0
        access = Access(
            StoredCredentials(studio.database, studio.vault, actor.username),
            private=studio.settings.import_private_addresses,
            most=studio.share.limits.import_bytes,
            told=self._tell,
            is_canceled=self._canceled.is_set,
        )
        _running[actor.username] += 1
        self._result = asyncio.ensure_future(asyncio.to_thread(work, access))
        self._result.add_done_callback(lambda _done: self._ended(actor.username))

    async def whole(self, request: Request, status: int) -> Response:
        gone = asyncio.ensure_future(_until_gone(request))
        try:
            await asyncio.wait({self._result, gone}, return_when=asyncio.FIRST_COMPLETED)
            return JSONResponse(self._result.result(), status) if self._result.done() else Response(status_code=499)
        finally:
            gone.cancel()
            self._canceled.set()

    async def events(self) -> AsyncIterator[bytes]:
        try:
            while True:
                try:
                    async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
                        progress = await self._told.get()
                except TimeoutError:
                    yield b": under way\n\n"
                    continue
                if progress is None:
                    break
                yield _event("progress", orjson.dumps(asdict(progress)))
            yield self._last_event()
        finally:
            self._canceled.set()

    def _last_event(self) -> bytes:
        try:
            return _event("finished", orjson.dumps(self._result.result()))
        except PromptflowException as error:
            return _event("failed", bytes(problem_response(error).body))
        except Exception as error:  # The answer has begun, so the stream itself must say it.
            return _event("failed", bytes(unexpected_response(error, "a git transfer").body))

    def _tell(self, progress: Progress) -> None:
        now = monotonic()
        if now - self._last > _TOLD_SECONDS and not self._loop.is_closed():
            self._last = now
            self._loop.call_soon_threadsafe(self._told.put_nowait, progress)

    def _ended(self, username: str) -> None:
        _running[username] -= 1
        if not _running[username]:
            del _running[username]
        if not self._result.cancelled():
            self._result.exception()  # Looked at, also when whoever asked has gone.
        self._told.put_nowait(None)


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _event(name: str, body: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + body + b"\n\n"
