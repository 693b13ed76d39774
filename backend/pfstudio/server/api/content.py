"""The bytes of the share's files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from pfstudio.flows.access import require_write
from pfstudio.server.content import RequestConditions, content_response, receive_body
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.events import hub_of
from pfstudio.server.schemas.files import ContentWritten
from pfstudio.share import errors
from pfstudio.share.content import Precondition, begin_write, open_file
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["files"])

_BYTES = {"schema": {"type": "string", "format": "binary"}}


@router.head("/content/{path:path}", include_in_schema=False)
@router.get(
    "/content/{path:path}",
    response_class=Response,
    responses={
        200: {
            "content": {"application/octet-stream": _BYTES},
            "description": "The bytes, with their `ETag` and, where known, who wrote them in `Written-By`.",
        },
        206: {"content": {"application/octet-stream": _BYTES}, "description": "The asked range."},
        304: {"description": "Still what `If-None-Match` says."},
        **error_responses(errors.PathNotFoundError, errors.NotReadableError),
    },
)
def read_content(path: str, request: Request, state: StudioState, actor: CurrentActor) -> Response:
    """The content of a file, as an attachment that no browser will run."""
    opened = open_file(state.share, SharePath.parse(path))
    answer = content_response(opened, RequestConditions.of(request))
    if writer := hub_of(state).writers.of(opened.entry.etag):
        answer.headers["Written-By"] = writer
    return answer


@router.put(
    "/content/{path:path}",
    status_code=200,
    response_model=ContentWritten,
    responses={
        201: {"model": ContentWritten, "description": "The file is new."},
        **error_responses(
            errors.PathNotFoundError,
            errors.StaleFileError,
            errors.FileTooLargeError,
            errors.ReservedPathError,
            errors.InvalidNameError,
            errors.DiskFullError,
        ),
    },
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES}}},
)
async def write_content(
    path: str,
    request: Request,
    response: Response,
    state: StudioState,
    actor: CurrentActor,
    *,
    if_match: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header()] = None,
    executable: bool | None = None,
) -> ContentWritten:
    """Replace or create a file, whole and at once. With `If-Match` or `If-None-Match`, only where it still fits; with
    `executable`, it may be executed or not, else that stays as it was."""
    at = SharePath.parse(path)
    await run_in_threadpool(require_write, state.share, at, actor=actor)
    condition = Precondition.from_headers(if_match, if_none_match)
    upload = await run_in_threadpool(begin_write, state.share, at, condition)
    if executable is not None:
        upload.set_executable(executable=executable)
    async with receive_body(request, upload):
        written = await run_in_threadpool(state.recorder.commit, upload, at, author=actor.username)
    response.status_code = 201 if written.created else 200
    response.headers["ETag"] = written.entry.etag
    hub_of(state).writers.add(written.entry.etag, actor.username)
    return ContentWritten.model_validate(written.entry, from_attributes=True)
