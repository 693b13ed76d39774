"""A folder as a zip."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.share.archive import zip_folder
from pfstudio.share.errors import NotAFolderError, PathNotFoundError
from pfstudio.share.paths import SharePath
from pfstudio.share.walk import LEFT_OUT

router = APIRouter(tags=["flows"])


@router.get(
    "/export/{path:path}",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/zip": {}}, "description": "The folder; its top folder is the flow's name."},
        **error_responses(PathNotFoundError, NotAFolderError),
    },
)
def export_folder(path: str, state: StudioState, actor: CurrentActor) -> StreamingResponse:
    """The folder as a zip, streamed. `X-Left-Out` says which kinds of files are never in it."""
    at = SharePath.parse(path)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(at.name, safe='')}.zip",
        "X-Content-Type-Options": "nosniff",
        "X-Left-Out": ", ".join(LEFT_OUT),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(zip_folder(state.share, at), media_type="application/zip", headers=headers)
