"""One stream of events per browser."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.events import (
    NotAskedForEventsError,
    StreamNotFoundError,
    TooManyStreamsError,
    event_answer,
    hub_of,
)
from pfstudio.server.schemas.events import WatchUpdate
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["events"])


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "`hello`, `files`, `rescan` and `presence` events."},
        **error_responses(NotAskedForEventsError, TooManyStreamsError),
    },
)
async def open_events(request: Request, state: StudioState, actor: CurrentActor) -> StreamingResponse:
    """Server-sent events. The first, `hello`, names the stream for `PUT /api/events/{stream}`."""
    # Only what asks for events is ended when whoever listens is signed out (`server.streams`).
    if "text/event-stream" not in request.headers.get("accept", ""):
        raise NotAskedForEventsError
    hub = hub_of(state)
    return event_answer(hub, hub.open(actor))


@router.put("/events/{stream}", status_code=204, responses=error_responses(StreamNotFoundError))
def set_watched(stream: str, body: WatchUpdate, state: StudioState, actor: CurrentActor) -> Response:
    """Say which folders this stream hears about, and what its browser has open."""
    hub, opened = hub_of(state), [SharePath.parse(path) for path in body.open]
    hub.watch(stream, [SharePath.parse(path) for path in body.watch], actor=actor)
    hub.show_open(stream, opened, actor=actor)
    return Response(status_code=204)
