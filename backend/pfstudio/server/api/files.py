"""Entries of the share: list, make folders, copy, move, delete; one or many."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from fastapi import APIRouter, Response

from pfstudio.accounts.actor import Actor
from pfstudio.flows import many
from pfstudio.flows.access import require_write
from pfstudio.flows.many import MissingTargetError
from pfstudio.server.deps import CurrentActor, Studio, StudioState
from pfstudio.server.errors import error_responses, status_of
from pfstudio.server.schemas.files import (
    EntryCopy,
    EntryCreate,
    EntryMove,
    EntryOutcome,
    EntryProblem,
    FileEntry,
    ManyEntries,
    ManyOutcomes,
)
from pfstudio.share import errors, trash
from pfstudio.share.copying import copy_entry
from pfstudio.share.files import Entry, list_folder, make_folder, move, stat_entry
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["files"])


@router.get(
    "/files/{path:path}",
    response_model=FileEntry,
    responses=error_responses(errors.PathNotFoundError),
    name="get_entry",
)
def get_entry(state: StudioState, actor: CurrentActor, path: str = "") -> Response:
    """An entry of the share, with what is in it where it is a folder."""
    at = SharePath.parse(path)
    entry = stat_entry(state.share, at)
    body = entry_body(entry, actor)
    if entry.leads_to_folder:
        # Straight to JSON: ten thousand entries through a model would take longer than reading them.
        body["entries"] = _bodies(list_folder(state.share, at), actor)
    return Response(orjson.dumps(body), media_type="application/json")


@router.post(
    "/files/{path:path}",
    status_code=201,
    response_model=FileEntry,
    responses=error_responses(
        errors.PathNotFoundError,
        errors.EntryExistsError,
        errors.InvalidNameError,
        errors.ArchiveTooLargeError,
        errors.DiskFullError,
    ),
)
def create_entry(path: str, body: EntryCreate, state: StudioState, actor: CurrentActor) -> FileEntry:
    """Make a folder, or a copy of a file or folder, with the folders above it."""
    at = SharePath.parse(path)
    require_write(state.share, at, actor=actor)
    if isinstance(body, EntryCopy):
        made = copy_entry(state.share, SharePath.parse(body.from_), at, find_name=body.find_name)
    else:
        made = make_folder(state.share, at)
    state.recorder.changed([SharePath.parse(made.path)], author=actor.username)
    return FileEntry.model_validate(entry_body(made, actor))


@router.post("/files-batch", responses=error_responses(errors.PathNotFoundError, MissingTargetError))
def change_many(body: ManyEntries, state: StudioState, actor: CurrentActor) -> ManyOutcomes:
    """Delete, move or copy many entries; one that cannot be is told and the others go on."""
    to = SharePath.parse(body.to) if body.to is not None else None
    done = many.change(state.share, body.action, body.paths, to, find_name=body.find_name, actor=actor)
    _record(state, body.action, done, actor)
    return ManyOutcomes(results=[_outcome(item, actor) for item in done])


def _record(state: Studio, action: many.Action, done: list[many.Outcome], actor: Actor) -> None:
    for item in done:
        if action == "move" and item.entry is not None:
            source, target = SharePath.parse(item.path), SharePath.parse(item.entry.path)
            state.recorder.moved(source, target, author=actor.username)
    changed = [item.entry.path if item.entry else item.path for item in done if item.error is None and action != "move"]
    state.recorder.changed([SharePath.parse(path) for path in changed], author=actor.username)


def _outcome(item: many.Outcome, actor: Actor) -> EntryOutcome:
    entry = FileEntry.model_validate(entry_body(item.entry, actor)) if item.entry else None
    error = item.error
    problem = EntryProblem(status=status_of(error), code=error.code, detail=str(error)) if error else None
    return EntryOutcome(path=item.path, entry=entry, trash=item.trash, problem=problem)


@router.patch(
    "/files/{path:path}",
    response_model=FileEntry,
    responses=error_responses(errors.PathNotFoundError, errors.EntryExistsError, errors.InvalidNameError),
)
def move_entry(path: str, body: EntryMove, state: StudioState, actor: CurrentActor) -> FileEntry:
    """Move or rename; nothing is ever overwritten."""
    source, target = SharePath.parse(path), SharePath.parse(body.path)
    require_write(state.share, source, actor=actor)
    require_write(state.share, target, actor=actor)
    moved = move(state.share, source, target)
    state.recorder.moved(source, SharePath.parse(moved.path), author=actor.username)
    return FileEntry.model_validate(entry_body(moved, actor))


@router.delete("/files/{path:path}", status_code=204, responses=error_responses(errors.PathNotFoundError))
def delete_entry(path: str, state: StudioState, actor: CurrentActor) -> Response:
    """Put into the trash. The header `Trash-Entry` names it for `POST /api/trash/{id}/restore`."""
    at = SharePath.parse(path)
    require_write(state.share, at, actor=actor)
    trashed = trash.put(state.share, at, deleted_by=actor.username)
    state.recorder.changed([at], author=actor.username)
    return Response(status_code=204, headers={"Trash-Entry": trashed.id})


def entry_body(entry: Entry, actor: Actor) -> dict[str, object]:
    """The JSON of an entry, as `actor` sees it."""
    return _bodies([entry], actor)[0]


def _bodies(entries: list[Entry], actor: Actor) -> list[dict[str, object]]:
    """The JSON of entries; unpacked at once instead of by attribute, which is half of the time."""
    owners = {entry[2] for entry in entries}
    writable = {owner: owner is not None and actor.may_write(owner) for owner in owners}
    moment = datetime.fromtimestamp
    return [
        {
            "path": path,
            "name": name,
            "kind": kind,
            "size": size,
            "modified": moment(modified_ns / 1e9, UTC),
            "etag": etag,
            "target_kind": target_kind,
            "writable": writable[owner],
        }
        for path, name, owner, kind, size, modified_ns, etag, target_kind in entries
    ]
