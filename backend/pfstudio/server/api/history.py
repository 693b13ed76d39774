"""The versions of files and folders: timeline, content, differences, restoring, thinning out, removing for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from pfstudio.flows.access import require_write
from pfstudio.history import errors, removal, restoring, service
from pfstudio.history.retention import Preview, Rule
from pfstudio.server.content import RequestConditions, content_response
from pfstudio.server.deps import CurrentActor, Studio, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.history import (
    FileDiffRead,
    HeldRead,
    HistoryDiff,
    HistoryEntryRead,
    HistoryKept,
    HistoryLeaving,
    HistoryRead,
    HistoryRemoval,
    HistoryRestore,
    HistoryRestored,
    HistoryRetention,
    HistoryRetentionApply,
    HistoryVersionRead,
)
from pfstudio.share.content import Precondition
from pfstudio.share.errors import DiskFullError, PathNotFoundError, ReservedPathError, StaleFileError
from pfstudio.share.paths import SharePath
from pfstudio.share.snapshots_errors import SnapshotsFailedError

router = APIRouter(tags=["history"])

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_IN_VERSION = (PathNotFoundError, errors.VersionNotFoundError, errors.NotInVersionError, SnapshotsFailedError)


@router.get("/history/{path:path}", responses=error_responses(PathNotFoundError))
def list_history(
    path: str,
    state: StudioState,
    actor: CurrentActor,
    *,
    before: Annotated[int | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=service.MOST_ENTRIES)] = 50,
    every: Annotated[bool, Query(description="Whether to tell every save of those that are one entry.")] = False,
) -> HistoryRead:
    """What happened to a file or folder, newest first. What is gone has a history as well."""
    place = _place(state, path, look=before is None)
    with state.database.read() as session:
        found = service.timeline(session, place, before=before, limit=limit, every=every)
    entries = [HistoryEntryRead.model_validate(entry) for entry in found.entries]
    return HistoryRead(unit=found.unit, entries=entries, next=found.next, note=state.recorder.state.note)


@router.get("/history-version/{path:path}", responses=error_responses(*_IN_VERSION))
def read_history_version(path: str, version: str, state: StudioState, actor: CurrentActor) -> HistoryVersionRead:
    """What was at a path in a version; of a folder, what was in it."""
    place = _place(state, path)
    with state.database.read() as session:
        row = service.require_version(session, place, version)
    held, entries = service.read_version(state.retention.store, place, row)
    inside = None if entries is None else [HeldRead.model_validate(entry) for entry in entries]
    return HistoryVersionRead(**HeldRead.model_validate(held).model_dump(), entries=inside)


@router.get(
    "/history-content/{path:path}",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": _BYTES}, "description": "The bytes of then."},
        **error_responses(*_IN_VERSION, errors.NotAFileInVersionError),
    },
)
def read_history_content(
    path: str, version: str, request: Request, state: StudioState, actor: CurrentActor
) -> Response:
    """The content of a file as it was in a version, as an attachment that no browser will run."""
    place = _place(state, path)
    with state.database.read() as session:
        row = service.require_version(session, place, version)
    return content_response(service.open_content(state.retention.store, place, row), RequestConditions.of(request))


@router.get(
    "/history-diff/{path:path}",
    responses=error_responses(PathNotFoundError, errors.VersionNotFoundError, SnapshotsFailedError),
)
def diff_history(
    path: str,
    state: StudioState,
    actor: CurrentActor,
    *,
    from_: Annotated[str | None, Query(alias="from", description="Without it, the version before `to`.")] = None,
    to: Annotated[str | None, Query(description="Without it, what is on disk now.")] = None,
) -> HistoryDiff:
    """How files at or below a path differ between two versions."""
    place = _place(state, path, look=to is None)
    with state.database.read() as session:
        files, is_all = service.compare(session, state.retention.store, state.share, place, from_id=from_, to_id=to)
    return HistoryDiff(files=[FileDiffRead.model_validate(file) for file in files], is_all=is_all)


@router.post(
    "/history-restore/{path:path}",
    responses=error_responses(
        *_IN_VERSION, errors.OtherHistoryError, errors.TooWideError, StaleFileError, DiskFullError
    ),
)
def restore_history(
    path: str,
    body: HistoryRestore,
    state: StudioState,
    actor: CurrentActor,
    *,
    if_match: Annotated[str | None, Header()] = None,
) -> HistoryRestored:
    """Make a file, folder or flow what it was. What came since goes into the trash; all of it can be undone."""
    require_write(state.share, SharePath.parse(path), actor=actor)
    place = _place(state, path, look=True)
    with state.database.read() as session:
        row = service.require_version(session, place, body.version)
    done = restoring.restore(
        state.retention.store,
        state.share,
        place,
        row,
        actor=actor,
        paths=body.paths,
        condition=Precondition.from_headers(if_match, None),
    )
    state.recorder.sync(place.unit)
    return HistoryRestored(
        paths=done.changed,
        left_out=done.left_out,
        version=done.version.id if done.version else None,
        undo=done.undo.id if done.undo else None,
    )


@router.post(
    "/history-lost/{path:path}",
    responses=error_responses(PathNotFoundError, ReservedPathError),
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}},
)
async def keep_lost_save(path: str, request: Request, state: StudioState, actor: CurrentActor) -> HistoryKept:
    """Keep in the history what could not be saved because somebody else was faster. The file stays as it is."""
    at = SharePath.parse(path)
    await run_in_threadpool(require_write, state.share, at, actor=actor)
    if not at.parts:
        raise ReservedPathError(path, "it is a folder of the share itself")
    content = await request.body()
    return HistoryKept(kept=await run_in_threadpool(state.recorder.keep_lost, at, content, author=actor.username))


@router.get("/history-retention")
def preview_retention(
    state: StudioState,
    actor: CurrentActor,
    *,
    days: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    keep: Annotated[int | None, Query(ge=0, le=100_000)] = None,
) -> HistoryRetention:
    """The rule by which versions go, and what goes by it now: of all for an admin, else of one's own."""
    rule = _rule(state, days, keep)
    return _retention(rule, state.retention.preview(rule, owner=None if actor.is_admin else actor.username))


@router.post("/history-retention")
def apply_retention(body: HistoryRetentionApply, state: StudioState, actor: CurrentActor) -> HistoryRetention:
    """Let go at once of what the rule lets go of; tells what went. It is done once a day anyway."""
    actor.require_admin()
    rule = _rule(state, body.days, body.keep)
    return _retention(rule, state.retention.apply(rule))


@router.post(
    "/history-removal/{path:path}",
    responses=error_responses(
        *_IN_VERSION, errors.NothingToRemoveError, errors.NotAFileInVersionError, errors.StillOnDiskError
    ),
)
def remove_from_history(
    path: str,
    state: StudioState,
    actor: CurrentActor,
    *,
    version: Annotated[str | None, Query(description="Only what the file held then; else all it ever held.")] = None,
    dry_run: Annotated[bool, Query(description="Whether only to tell what would go.")] = False,
) -> HistoryRemoval:
    """Remove the content of a file from the history for good, because it held a key. There is no way back."""
    require_write(state.share, SharePath.parse(path), actor=actor)
    place = _place(state, path, look=True)
    with state.database.read() as session:
        row = service.require_version(session, place, version) if version else None
    remove = removal.preview_removal if dry_run else removal.remove_content
    done = remove(state.retention.store, state.share, place, row, actor=actor)
    state.recorder.sync(place.unit)
    return HistoryRemoval.model_validate(done)


def _place(state: Studio, path: str, *, look: bool = False) -> service.Place:
    """Where the history of a path is, with the table in step; with `look`, what changed by now is recorded first."""
    place = service.place_of(state.share, SharePath.parse(path))
    if look:
        state.recorder.look(place.path)
    state.recorder.sync(place.unit)
    return place


def _rule(state: Studio, days: int | None, keep: int | None) -> Rule:
    usual = state.retention.rule
    return Rule(days=usual.days if days is None else days, keep=usual.keep if keep is None else keep)


def _retention(rule: Rule, preview: Preview) -> HistoryRetention:
    return HistoryRetention(
        days=rule.days,
        keep=rule.keep,
        entries=sum(unit.versions for unit in preview.units),
        bytes=preview.bytes,
        histories=[
            HistoryLeaving(
                path=unit.unit, entries=unit.versions, staying=unit.staying, oldest=unit.oldest, newest=unit.newest
            )
            for unit in preview.units
        ],
    )
