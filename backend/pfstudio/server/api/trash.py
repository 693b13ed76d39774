"""The trash: what was deleted from the share, for 30 days."""

from __future__ import annotations

from fastapi import APIRouter, Response

from pfstudio.flows import deleted
from pfstudio.server.api.files import entry_body
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.files import FileEntry
from pfstudio.server.schemas.space import TrashEmptied
from pfstudio.server.schemas.trash import TrashEntry, TrashList
from pfstudio.share.errors import TrashEntryNotFoundError
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["trash"])


@router.get("/trash")
def list_trash(state: StudioState, actor: CurrentActor) -> TrashList:
    """What one has deleted (an admin: what anyone has), newest first."""
    found = deleted.list_deleted(state.share, actor=actor)
    return TrashList(entries=[TrashEntry.model_validate(item, from_attributes=True) for item in found])


@router.delete("/trash")
def empty_trash(state: StudioState, actor: CurrentActor, *, owner: str | None = None) -> TrashEmptied:
    """Delete for good all that was deleted from one's own folder; an admin may name another `owner`."""
    return TrashEmptied(removed=deleted.empty(state.share, owner=owner or actor.username, actor=actor))


@router.post("/trash/{trash_id}/restore", responses=error_responses(TrashEntryNotFoundError))
def restore_entry(trash_id: str, state: StudioState, actor: CurrentActor) -> FileEntry:
    """Bring back to where it was; beside it, under a free name, where something else stands there now."""
    entry = deleted.restore(state.share, trash_id, actor=actor)
    state.recorder.changed([SharePath.parse(entry.path)], author=actor.username)
    return FileEntry.model_validate(entry_body(entry, actor))


@router.delete("/trash/{trash_id}", status_code=204, responses=error_responses(TrashEntryNotFoundError))
def delete_for_good(trash_id: str, state: StudioState, actor: CurrentActor) -> Response:
    """Delete for good."""
    deleted.delete_for_good(state.share, trash_id, actor=actor)
    return Response(status_code=204)
