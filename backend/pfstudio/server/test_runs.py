"""A running test over HTTP: as server-sent events, or as one answer. Nothing waits for user code in the thread pool."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pfstudio.accounts.actor import Actor
from pfstudio.audit import service as audit
from pfstudio.audit.acts import Act
from pfstudio.connections.demo import DEMO_CONNECTION
from pfstudio.environments.builds import Build
from pfstudio.environments.service import ForRun
from pfstudio.errors import PromptflowException
from pfstudio.flows import testing
from pfstudio.flows.testing import TestInputs
from pfstudio.sandbox.records import own_error_record, result_without_output
from pfstudio.sandbox.request import TestRequest
from pfstudio.sandbox.running import RunningTest
from pfstudio.server.deps import Studio
from pfstudio.server.environments import events_of
from pfstudio.share.paths import SharePath

_KEEP_ALIVE_SECONDS = 15.0
_CLIENT_GONE = 499

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PreparedTest:
    """A test that may run, once the packages of its flow are there: `waits_for` is the build that installs them."""

    studio: Studio
    path: SharePath
    what: TestInputs
    actor: Actor
    request: TestRequest
    found: ForRun

    @property
    def waits_for(self) -> Build | None:
        return self.found.build

    async def start(self) -> RunningTest:
        """Start it, in the environment that is there now."""
        return await run_in_threadpool(self._start)

    def _start(self) -> RunningTest:
        build, found = self.found.build, self.found
        if build is not None:
            found = self.studio.environments.after_build(build, self.path)
        notes = () if found.note is None else (found.note,)
        request = replace(self.request, environment=found.environment, notes=notes)
        self._tell_secrets()
        running = testing.start_test(self.studio.tests, request)
        self.studio.recorder.ran(self.path, author=self.actor.username, message=_what_ran(self.what))
        return running

    def _tell_secrets(self) -> None:
        """Say in the audit log whose secrets go to which flow, before they do."""
        names = sorted(self.request.connections.keys() - {DEMO_CONNECTION})
        if not names:
            return
        what = {"connections": names, "owner": self.request.owner}
        database, subject = self.studio.database, str(self.path)
        with database.read() as session:
            if audit.is_told(session, self.actor, Act.SECRETS_USED, subject, what):
                return
        with database.write() as session:
            audit.record(session, self.actor, Act.SECRETS_USED, subject, what)


async def prepare_test(studio: Studio, path: SharePath, what: TestInputs, *, actor: Actor) -> PreparedTest:
    """What a test of the flow at `path` needs; where its packages are missing, they are being installed."""
    return await run_in_threadpool(_prepare, studio, path, what, actor)


def _prepare(studio: Studio, path: SharePath, what: TestInputs, actor: Actor) -> PreparedTest:
    with studio.database.read() as session:
        request = testing.prepare_test(session, studio.share, studio.vault, path, what, actor=actor)
    found = studio.environments.for_run(path, actor=actor, write=studio.database.write)
    return PreparedTest(studio, path, what, actor, request, found)


def _what_ran(what: TestInputs) -> str:
    """What a version says of the run that it is of."""
    return f"Ran the node '{what.node}'." if what.node else ""


async def event_answer(prepared: PreparedTest) -> StreamingResponse:
    """The test's events as they happen, `finished` last. Closing the request stops the test."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if prepared.waits_for is not None:
        texts = _texts_after(prepared.waits_for, prepared)
    else:
        texts = _event_texts(await prepared.start())
    return StreamingResponse(texts, media_type="text/event-stream", headers=headers)


async def json_answer(prepared: PreparedTest, request: Request) -> Response:
    """The test's result, once it is there. Closing the request stops the test."""
    gone = asyncio.ensure_future(_until_gone(request))
    if prepared.waits_for is not None:
        over = asyncio.ensure_future(_until_over(prepared.waits_for))
        await asyncio.wait({over, gone}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
    if gone.done():
        return Response(status_code=_CLIENT_GONE)
    test = await prepared.start()
    result = asyncio.ensure_future(_result(test))
    try:
        await asyncio.wait({result, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not result.done():
            return Response(status_code=_CLIENT_GONE)
        return Response(to_json(result.result()), media_type="application/json")
    finally:
        result.cancel()
        gone.cancel()
        _stop(test)


async def _texts_after(build: Build, prepared: PreparedTest) -> AsyncIterator[bytes]:
    """How far the build is, as `environment` events, and then the test's own events."""
    async for event in events_of(build):
        if event is None:
            yield b": still installing\n\n"
        elif event["event"] == "progress":
            yield _event_text("environment", event)
    try:
        test = await prepared.start()
    except PromptflowException as error:  # The answer has begun, so the stream itself must say it.
        result = result_without_output(own_error_record(error), 0.0)
        yield _event_text("finished", {"event": "finished", "result": result})
        return
    async for text in _event_texts(test):
        yield text


async def _until_over(build: Build) -> None:
    async for _event in events_of(build):
        pass


async def _event_texts(test: RunningTest) -> AsyncIterator[bytes]:
    events = _queue_of(test)
    yield _event_text("started", {"event": "started", "id": test.id})
    try:
        while True:
            try:
                async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
                    event = await events.get()
            except TimeoutError:
                yield b": still running\n\n"
                continue
            if event["event"] != "started":
                yield _event_text(event["event"], event)
            if event["event"] == "finished":
                return
    finally:
        _stop(test)


async def _result(test: RunningTest) -> Any:
    events = _queue_of(test)
    while True:
        event = await events.get()
        if event["event"] == "finished":
            return event["result"]


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _queue_of(test: RunningTest) -> asyncio.Queue[Event]:
    """The test's events, past ones first, handed over to this event loop."""
    loop = asyncio.get_running_loop()
    events: asyncio.Queue[Event] = asyncio.Queue()

    def hand_over(event: Event) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(events.put_nowait, event)

    test.subscribe(hand_over)
    return events


def _stop(test: RunningTest) -> None:
    """Stop a test without waiting for it: this runs where a request is being canceled."""
    if not test.is_finished:
        asyncio.get_running_loop().run_in_executor(None, test.cancel)


def _event_text(name: str, body: Event) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + to_json(body) + b"\n\n"


def to_json(value: Any) -> bytes:
    """What browsers can read, whatever a flow gave: no NaN, whole numbers of any size, broken text escaped."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(_finite(value), allow_nan=False, default=str).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
