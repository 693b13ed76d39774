"""An import of a repository over HTTP: as server-sent events, or as one answer. Hanging up cancels it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict
from time import monotonic

import orjson
from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from pfstudio.accounts.actor import Actor
from pfstudio.errors import PromptflowException
from pfstudio.flows.git_address import GitSource
from pfstudio.flows.git_errors import TooManyImportsError
from pfstudio.flows.git_import import GitOptions, import_git
from pfstudio.flows.git_repository import Progress
from pfstudio.flows.importing import Imported
from pfstudio.server.deps import Studio
from pfstudio.server.errors import problem_response, unexpected_response
from pfstudio.server.schemas.imports import ImportedFlow
from pfstudio.share.paths import SharePath

_MOST_OF_ONE_USER = 2
_MOST = 6
_TOLD_SECONDS = 0.1
_KEEP_ALIVE_SECONDS = 15.0
_CLIENT_GONE = 499
_running: Counter[str] = Counter()


class GitImport:
    """One import under way."""

    def __init__(self, studio: Studio, source: GitSource, name: str | None, actor: Actor) -> None:
        """Begin to import.

        Raises:
            TooManyImportsError: as many as the studio takes at once are running.
        """
        if _running[actor.username] >= _MOST_OF_ONE_USER or _running.total() >= _MOST:
            raise TooManyImportsError
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[Progress | None] = asyncio.Queue()
        self._canceled = threading.Event()
        self._last: tuple[str, float] = ("", 0.0)
        options = GitOptions(
            private=studio.settings.import_private_addresses, told=self._tell, is_canceled=self._canceled.is_set
        )
        _running[actor.username] += 1
        self._result = asyncio.ensure_future(asyncio.to_thread(_import, studio, source, name, options, actor))
        self._result.add_done_callback(lambda _done: self._ended(actor.username))

    def event_answer(self) -> StreamingResponse:
        """`progress` as it goes, then `finished` or `failed`."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._event_texts(), media_type="text/event-stream", headers=headers)

    async def json_answer(self, request: Request) -> Response:
        """The new flow, once it is there."""
        gone = asyncio.ensure_future(_until_gone(request))
        try:
            await asyncio.wait({self._result, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not self._result.done():
                return Response(status_code=_CLIENT_GONE)
            imported = ImportedFlow.model_validate(self._result.result(), from_attributes=True)
            return JSONResponse(imported.model_dump(mode="json"), 201)
        finally:
            gone.cancel()
            self._canceled.set()

    async def _event_texts(self) -> AsyncIterator[bytes]:
        try:
            while True:
                try:
                    async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
                        progress = await self._told.get()
                except TimeoutError:
                    yield b": still importing\n\n"
                    continue
                if progress is None:
                    break
                yield _event_text("progress", orjson.dumps(asdict(progress)))
            yield self._last_event()
        finally:
            self._canceled.set()

    def _last_event(self) -> bytes:
        try:
            imported = ImportedFlow.model_validate(self._result.result(), from_attributes=True)
        except PromptflowException as error:
            return _event_text("failed", bytes(problem_response(error).body))
        except Exception as error:  # The answer has begun, so the stream itself must say it.
            return _event_text("failed", bytes(unexpected_response(error, "import of a repository").body))
        return _event_text("finished", imported.model_dump_json().encode())

    def _tell(self, progress: Progress) -> None:
        """Hand over from the import's thread; not more often than anybody sees."""
        phase, when = self._last
        now = monotonic()
        if (phase != progress.phase or now - when > _TOLD_SECONDS) and not self._loop.is_closed():
            self._last = (progress.phase, now)
            self._loop.call_soon_threadsafe(self._told.put_nowait, progress)

    def _ended(self, username: str) -> None:
        _running[username] -= 1
        if not _running[username]:
            del _running[username]
        if not self._result.cancelled():
            self._result.exception()  # Looked at, also when whoever asked has gone.
        self._told.put_nowait(None)


def _import(studio: Studio, source: GitSource, name: str | None, options: GitOptions, actor: Actor) -> Imported:
    imported = import_git(studio.share, source, name, options, actor=actor)
    studio.recorder.changed([SharePath.parse(imported.path)], author=actor.username, kind="import")
    return imported


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _event_text(name: str, body: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + body + b"\n\n"
