"""Flows: list, create, read."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio.flows import errors, listing, reading, service
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.flows import FlowCreate, FlowCreated, FlowItem, FlowList, FlowRead
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["flows"])


@router.get("/flows")
def list_flows(state: StudioState, actor: CurrentActor) -> FlowList:
    """Every flow of the share, last changed first."""
    found = listing.list_flows(state.share, actor=actor)
    return FlowList(flows=[FlowItem.model_validate(item, from_attributes=True) for item in found])


@router.post(
    "/flows",
    status_code=201,
    responses=error_responses(errors.FlowNameTakenError, errors.TemplateNotFoundError, errors.FlowNotFoundError),
)
def create_flow(body: FlowCreate, state: StudioState, actor: CurrentActor) -> FlowCreated:
    """A new flow of one's own that runs at once: of a type, from the gallery, or a copy."""
    path = service.create_flow(
        state.share, body.name, kind=body.type, template=body.template, copy_of=body.copy_of, actor=actor
    )
    state.recorder.changed([path], author=actor.username)
    return FlowCreated(path=str(path))


@router.get("/flows/{path:path}", responses=error_responses(errors.FlowNotFoundError, PathNotFoundError))
def read_flow(path: str, state: StudioState, actor: CurrentActor) -> FlowRead:
    """The flow as its files say now, with everything that is wrong in it. Runs nothing."""
    return FlowRead.model_validate(reading.read_flow(state.share, SharePath.parse(path), actor=actor))
