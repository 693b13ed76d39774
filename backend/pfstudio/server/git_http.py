"""The studio as a git remote: `git clone`, `fetch` and `push` of `/git/Users/<username>/promptflow/<flow>`.

Raw ASGI: a body is taken in whole, onto the disk, before git is started and the answer begins. Whoever is signed out,
or whose token ends, is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from pfstudio.accounts.actor import Actor
from pfstudio.accounts.sessions import Identity as SignedIn
from pfstudio.audit import service as audit
from pfstudio.audit.acts import Act
from pfstudio.errors import ConflictError, NotFoundError, PromptflowException, RateLimitedError
from pfstudio.flows.access import require_write
from pfstudio.git.errors import GitBusyError
from pfstudio.git.identities import identity_of
from pfstudio.git.identity import Identity
from pfstudio.git.pushed import RESULT_TYPE, problems_of, stale_report, with_messages
from pfstudio.git.repository import Repository, find_repository
from pfstudio.git.serial import alone
from pfstudio.git.smart_http import GitRequest, backend, parse_request
from pfstudio.sandbox.processes import SandboxedProcess
from pfstudio.server.deps import Studio
from pfstudio.server.errors import status_of
from pfstudio.server.streams import ConnectionEndedError
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import SharePath

logger = logging.getLogger("pfstudio.server")

_SECONDS = 900.0
_PIECE = 256 * 1024
_LARGEST_HEAD = 16 * 1024
_LARGEST_REPORT = 4 * 1024 * 1024
_MOST_OF_ONE_USER = 6
_MOST = 24
_NO_CACHE = [(b"cache-control", b"no-cache, max-age=0, must-revalidate")]


class NotARepositoryError(NotFoundError):
    code = "no_repository"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"'{path}' is a folder without git. Make it a repository first: in the studio under Git, or with "
            "'git init' in a terminal there."
        )


class InsideRepositoryError(NotFoundError):
    code = "inside_repository"

    def __init__(self, path: str, root: str) -> None:
        super().__init__(f"'{path}' is a part of the repository '{root}'. Clone that one.")


class GitEndedError(ConflictError):
    code = "git_ended"

    def __init__(self) -> None:
        super().__init__("Git ended before it answered: the repository is damaged, or what was sent is too large.")


class TooManyTransfersHereError(RateLimitedError):
    code = "too_many_transfers"

    def __init__(self) -> None:
        super().__init__("Too many git transfers are under way. Try again in a moment.")
        self.retry_after = 5


class GitHttp:
    """The ASGI application below `/git`. The guard has let in whoever asks, and has looked at the token's scope."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        try:
            await self._answer(scope, receive, answer)
        except ConnectionEndedError:
            return  # Nobody is there to be answered; what ran has been ended.
        except PromptflowException as error:
            await answer.refuse(status_of(error), str(error), getattr(error, "retry_after", None))
        except HTTPException as error:  # Of a body that is too large or too slow.
            await answer.refuse(error.status_code, error.detail)

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/git/")
        query = scope.get("query_string", b"").decode("latin-1")
        parsed = parse_request(scope["method"], path, query, Headers(scope=scope))
        if parsed is None:
            raise NotFoundError("Git's own protocol is spoken here. Use this address with 'git clone'.")
        place, request = parsed
        signed_in: SignedIn = scope["pfstudio.identity"]
        repository = await run_in_threadpool(self._find, place, request, signed_in.actor)
        async with self._slot(signed_in.actor.username):
            with contextlib.ExitStack() as stack:
                body = await self._take_in(stack, receive)
                if request.changes:
                    await run_in_threadpool(self._begin_change, stack, repository)
                    report = await run_in_threadpool(stale_report, repository, body[0])
                    if report is not None:
                        await answer.begin(200, [(b"content-type", RESULT_TYPE), *_NO_CACHE])
                        await answer.end(report)
                        return
                talk = _Talk(receive, answer)
                await self._run(repository, request, body, actor=signed_in.actor, talk=talk)

    def _find(self, place: str, request: GitRequest, actor: Actor) -> Repository:
        path = self._path(place)
        if request.pushes:
            require_write(self._studio.share, path, actor=actor)
        found = find_repository(self._studio.share, path)
        if found.repository is None:
            raise NotFoundError(found.note) if found.note else NotARepositoryError(str(path))
        if found.repository.folder != self._studio.share.real_folder(path):
            raise InsideRepositoryError(str(path), str(found.repository.root))
        return found.repository

    def _path(self, place: str) -> SharePath:
        """The folder that an address names; git's users often add `.git`."""
        share = self._studio.share
        path = SharePath.parse(place)
        if path.owner is None or not path.parts:
            raise PathNotFoundError(place)
        try:
            share.real_folder(path)
        except PathNotFoundError:
            if not place.endswith(".git"):
                raise
            path = SharePath.parse(place.removesuffix(".git"))
            share.real_folder(path)
        return path

    async def _take_in(self, stack: contextlib.ExitStack, receive: Receive) -> tuple[IO[bytes], int]:
        body = stack.enter_context(await run_in_threadpool(self._file_for_body))
        length, more = 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise ConnectionEndedError
            piece = message.get("body", b"")
            length += len(piece)
            await run_in_threadpool(body.write, piece)
            more = message.get("more_body", False)
        await run_in_threadpool(body.seek, 0)
        return body, length

    def _file_for_body(self) -> IO[bytes]:
        self._studio.share.disk.require_room()
        return tempfile.TemporaryFile(dir=self._studio.share.hidden_folder("repositories"))

    def _begin_change(self, stack: contextlib.ExitStack, repository: Repository) -> None:
        share = self._studio.share
        share.require_room_at(repository.root)
        try:
            stack.enter_context(alone(repository))
        except GitBusyError:
            stack.close()
            raise
        self._studio.recorder.look(repository.root)

    async def _run(
        self, repository: Repository, request: GitRequest, body: tuple[IO[bytes], int], *, actor: Actor, talk: _Talk
    ) -> None:
        identity = await run_in_threadpool(self._identity, actor)
        most = self._studio.settings.upload_limit * 1024 * 1024
        entered = backend(repository, request, *body, identity=identity, most=most)
        running = await run_in_threadpool(entered.__enter__)
        try:
            async with asyncio.timeout(_SECONDS):
                if request.changes:
                    await self._answer_push(repository, running, actor, talk)
                else:
                    await talk.pass_on(running)
        except TimeoutError:
            logger.warning("A git request on %s was ended after %d seconds.", repository.root, _SECONDS)
        finally:
            await run_in_threadpool(entered.__exit__, None, None, None)

    async def _answer_push(self, repository: Repository, running: SandboxedProcess, actor: Actor, talk: _Talk) -> None:
        """The report is held back until the folder was looked at: what is wrong with its flows is told along."""
        try:
            status, headers, report = await talk.whole(running)
        finally:
            await run_in_threadpool(self._note_push, repository, actor)
        if b"ok refs/" in report:
            report = with_messages(report, await run_in_threadpool(problems_of, self._studio.share, repository.root))
        await talk.answer.begin(status, headers)
        await talk.answer.end(report)

    def _note_push(self, repository: Repository, actor: Actor) -> None:
        studio = self._studio
        studio.recorder.changed([repository.root], author=actor.username, kind="git", message="Pushed.")
        studio.share.quotas.forget(repository.owner)
        with studio.database.write() as session:
            audit.record(session, actor, Act.GIT_PUSHED, str(repository.root), {"to": "studio"})

    def _identity(self, actor: Actor) -> Identity:
        with self._studio.database.read() as session:
            return identity_of(session, actor)

    @contextlib.asynccontextmanager
    async def _slot(self, username: str) -> AsyncIterator[None]:
        if self._running[username] >= _MOST_OF_ONE_USER or self._running.total() >= _MOST:
            raise TooManyTransfersHereError
        self._running[username] += 1
        try:
            yield
        finally:
            self._running[username] -= 1
            if not self._running[username]:
                del self._running[username]


@dataclass(frozen=True, slots=True)
class _Talk:
    """What git says, passed on to whoever asked for as long as they are there."""

    receive: Receive
    answer: _Answer

    async def pass_on(self, running: SandboxedProcess) -> None:
        async with self._output(running) as output:
            status, headers = await _head(output)
            await self.answer.begin(status, headers)
            while piece := await output.read(_PIECE):
                await self.answer.piece(piece)
            await self.answer.end(b"")

    async def whole(self, running: SandboxedProcess) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        async with self._output(running) as output:
            status, headers = await _head(output)
            report = bytearray()
            while len(report) < _LARGEST_REPORT and (piece := await output.read(_PIECE)):
                report += piece
            return status, headers, bytes(report)

    @contextlib.asynccontextmanager
    async def _output(self, running: SandboxedProcess) -> AsyncIterator[asyncio.StreamReader]:
        reader = asyncio.StreamReader(limit=_PIECE)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), running.process.stdout
        )
        watching = asyncio.ensure_future(self._end_with_listener(running))
        try:
            yield reader
        finally:
            watching.cancel()
            transport.close()

    async def _end_with_listener(self, running: SandboxedProcess) -> None:
        while (await self.receive())["type"] == "http.request":
            pass
        await run_in_threadpool(running.end)


async def _head(output: asyncio.StreamReader) -> tuple[int, list[tuple[bytes, bytes]]]:
    """The status and the headers with which a CGI program begins.

    Raises:
        GitEndedError: it said none.
    """
    status, headers = 200, list(_NO_CACHE)
    try:
        head = await output.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise GitEndedError from error
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b": ")
        if name.lower() == b"status":
            status = int(value[:3])
        elif name.lower() == b"content-type":
            headers.append((b"content-type", value))
    return status, headers


class _Answer:
    """The answer, of which a refusal may still be made as long as it has not begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False

    async def begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self._begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def piece(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body})

    async def refuse(self, status: int, sentence: str, retry_after: int | None = None) -> None:
        """A plain sentence, which git shows as `remote: …`."""
        if self._begun:
            await self.end(b"")  # Git notices that the rest is missing.
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), *_NO_CACHE]
        if retry_after is not None:
            headers.append((b"retry-after", str(retry_after).encode()))
        await self.begin(status, headers)
        await self.end(f"{sentence}\n".encode())
