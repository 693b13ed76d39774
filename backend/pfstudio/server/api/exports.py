"""A folder as a zip, and what it holds by hash."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from pfstudio.flows.manifest import manifest_of
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.manifests import ManifestFileRead, ManifestRead
from pfstudio.share.archive import zip_folder
from pfstudio.share.errors import AboveOwnersError, FolderTooLargeError, NotAFolderError, PathNotFoundError
from pfstudio.share.paths import SharePath
from pfstudio.share.walk import Selection

router = APIRouter(tags=["flows"])


@router.get(
    "/export/{path:path}",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/zip": {}}, "description": "The folder; its top folder is the flow's name."},
        **error_responses(PathNotFoundError, NotAFolderError, AboveOwnersError),
    },
)
def export_folder(
    path: str, state: StudioState, actor: CurrentActor, *, git: bool = False, ignored: bool = True
) -> StreamingResponse:
    """The folder as a zip, streamed; the same folder makes the same bytes. `git` takes repositories' own folders in,
    `ignored=false` leaves out what a `.gitignore` names. `X-Left-Out` says which kinds of files are not taken, the
    zip's comment which of them there were."""
    at = SharePath.parse(path)
    selection = Selection(git=git, ignored=ignored)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(at.name, safe='')}.zip",
        "X-Content-Type-Options": "nosniff",
        "X-Left-Out": ", ".join(selection.kinds),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(zip_folder(state.share, at, selection), media_type="application/zip", headers=headers)


@router.get("/manifest/{path:path}", responses=error_responses(PathNotFoundError, NotAFolderError, FolderTooLargeError))
def read_manifest(path: str, state: StudioState, actor: CurrentActor, *, ignored: bool = True) -> ManifestRead:
    """Every file of a folder with its hash, for `pfstudio pull` and `push`; without what an export leaves out.
    `ignored=false` leaves out what a `.gitignore` names."""
    at = SharePath.parse(path)
    files = [
        ManifestFileRead.model_validate(item, from_attributes=True)
        for item in manifest_of(state.share, at, ignored=ignored)
    ]
    return ManifestRead(path=str(at), files=files)
