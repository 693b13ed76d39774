"""The studio's environments as its settings want them, and a build over HTTP as server-sent events."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from pfstudio.environments.build import Kitchen
from pfstudio.environments.builds import Build, Event
from pfstudio.environments.indexes import Indexes, indexes_of_account
from pfstudio.environments.process import Bounds
from pfstudio.environments.service import Environments, Rules
from pfstudio.environments.store import Store
from pfstudio.server.flow_network import network_of

if TYPE_CHECKING:
    from pfstudio.server.deps import Studio
    from pfstudio.server.settings import Settings

_KEEP_ALIVE_SECONDS = 15.0
FOLDER = "environments"


def make_environments(studio: Studio) -> Environments:
    """Those of a studio's data folder."""
    settings = studio.settings
    store = Store(settings.data / FOLDER)
    network, rules = network_of(settings, studio.isolation)
    kitchen = Kitchen(
        studio.share, store, _indexes(settings), settings.environment_sources, network, own_port=rules.own_port
    )
    bounds = Bounds(
        settings.environment_size, settings.environment_minutes, require_room=studio.share.disk.require_room
    )
    return Environments(kitchen, bounds, Rules(settings.environments, settings.environment_days))


def _indexes(settings: Settings) -> Indexes:
    found = indexes_of_account(os.environ) if settings.environment_account else Indexes()
    if settings.environment_index_url:
        found = replace(found, default=settings.environment_index_url, extra=(), links=(), no_index=False)
    if settings.environment_extra_index_urls:
        found = replace(found, extra=settings.environment_extra_index_urls)
    if settings.environment_find_links:
        found = replace(found, links=settings.environment_find_links)
    return found


async def events_of(build: Build) -> AsyncIterator[Event | None]:
    """The build's events, past ones first, until it is over; None while nothing happens, to keep a connection open."""
    loop = asyncio.get_running_loop()
    events: asyncio.Queue[Event] = asyncio.Queue()

    def hand_over(event: Event) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(events.put_nowait, event)

    build.subscribe(hand_over)
    try:
        while True:
            try:
                async with asyncio.timeout(_KEEP_ALIVE_SECONDS):
                    event = await events.get()
            except TimeoutError:
                yield None
                continue
            yield event
            if build.is_over and event["event"] in ("finished", "failed"):
                return
    finally:
        build.unsubscribe(hand_over)


async def texts_of(build: Build) -> AsyncIterator[bytes]:
    """The same as a stream's text."""
    async for event in events_of(build):
        yield b": still installing\n\n" if event is None else event_text(event)


async def past_texts(log: str, problem: str | None) -> AsyncIterator[bytes]:
    """The stream of a build that is over."""
    for line in log.splitlines():
        yield event_text({"event": "log", "line": line})
    yield event_text({"event": "finished"} if problem is None else {"event": "failed", "message": problem})


def event_text(event: dict[str, Any]) -> bytes:
    return b"event: " + str(event["event"]).encode() + b"\ndata: " + orjson.dumps(event) + b"\n\n"
