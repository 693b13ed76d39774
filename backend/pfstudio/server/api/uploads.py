"""Large files, piece by piece: begin, send pieces, ask how far it has come, finish."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from pfstudio.flows.access import require_write
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.files import ContentWritten
from pfstudio.server.schemas.uploads import UploadCreate, UploadFinished, UploadRead
from pfstudio.share import errors, uploads
from pfstudio.share.content import Precondition
from pfstudio.share.paths import SharePath
from pfstudio.share.uploads import PartialUpload, UploadNotFoundError

router = APIRouter(tags=["files"])

_BATCH = 1 << 20
_BYTES = {"schema": {"type": "string", "format": "binary"}}


@router.post(
    "/uploads",
    status_code=201,
    responses=error_responses(
        errors.PathNotFoundError, errors.FileTooLargeError, errors.DiskFullError, uploads.TooManyUploadsError
    ),
)
def begin_upload(body: UploadCreate, state: StudioState, actor: CurrentActor) -> UploadRead:
    """Begin an upload. Nothing is seen of it before it is finished."""
    actor.require_author()
    path = SharePath.parse(body.path) if body.path is not None else None
    if path is not None:
        require_write(state.share, path, actor=actor)
    return _body(uploads.begin(state.share, username=actor.username, path=path, size=body.size))


@router.head("/uploads/{upload_id}", include_in_schema=False)
@router.get("/uploads/{upload_id}", responses=error_responses(UploadNotFoundError))
def read_upload(upload_id: str, response: Response, state: StudioState, actor: CurrentActor) -> UploadRead:
    """How far an upload has come; also the header `Upload-Offset`."""
    upload = uploads.get(state.share, upload_id, username=actor.username)
    response.headers["Upload-Offset"] = str(upload.offset)
    response.headers["Cache-Control"] = "no-store"
    return _body(upload)


@router.patch(
    "/uploads/{upload_id}",
    responses=error_responses(
        UploadNotFoundError, uploads.UploadOffsetError, uploads.UploadTooLongError, errors.DiskFullError
    ),
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}},
)
async def append_to_upload(
    upload_id: str,
    request: Request,
    response: Response,
    state: StudioState,
    actor: CurrentActor,
    *,
    upload_offset: Annotated[int, Header(ge=0)],
) -> UploadRead:
    """Send the bytes from `Upload-Offset` on. Of a body that breaks off, what came in stays."""
    upload = await run_in_threadpool(uploads.get, state.share, upload_id, username=actor.username)
    offset, batch = upload_offset, bytearray()
    async for chunk in request.stream():
        batch += chunk
        if len(batch) >= _BATCH:
            offset = await run_in_threadpool(uploads.write, state.share, upload, offset, bytes(batch))
            batch.clear()
    await run_in_threadpool(uploads.write, state.share, upload, offset, bytes(batch))
    return await run_in_threadpool(read_upload, upload_id, response, state, actor)


@router.post(
    "/uploads/{upload_id}/finish",
    responses={
        201: {"model": UploadFinished, "description": "The file is new."},
        **error_responses(
            UploadNotFoundError, uploads.UploadIncompleteError, errors.StaleFileError, errors.ReservedPathError
        ),
    },
)
def finish_upload(
    upload_id: str,
    response: Response,
    state: StudioState,
    actor: CurrentActor,
    *,
    if_match: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> UploadFinished:
    """Put the file in its place, whole and at once. With `If-Match` or `If-None-Match`, only where it still fits."""
    upload = uploads.get(state.share, upload_id, username=actor.username)
    if upload.path is None:
        uploads.require_complete(upload)
        return UploadFinished(data=f"upload:{upload.id}")
    path = SharePath.parse(upload.path)
    require_write(state.share, path, actor=actor)

    def record(new: int, old: int) -> None:
        state.recorder.saved(path, author=actor.username, new=new, old=old)

    condition = Precondition.from_headers(if_match, if_none_match)
    with state.recorder.saving(path):
        written = uploads.finish(state.share, upload, condition, taken=record)
    response.status_code = 201 if written.created else 200
    response.headers["ETag"] = written.entry.etag
    return UploadFinished(written=ContentWritten.model_validate(written.entry, from_attributes=True))


@router.delete("/uploads/{upload_id}", status_code=204, responses=error_responses(UploadNotFoundError))
def cancel_upload(upload_id: str, state: StudioState, actor: CurrentActor) -> Response:
    """Give an upload up; what came in of it is deleted."""
    uploads.cancel(state.share, uploads.get(state.share, upload_id, username=actor.username))
    return Response(status_code=204)


def _body(upload: PartialUpload) -> UploadRead:
    return UploadRead(id=upload.id, path=upload.path, size=upload.size, offset=upload.offset, chunk=uploads.PIECE)
