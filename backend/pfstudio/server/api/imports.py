"""A folder or a zip becomes a flow."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from pfstudio.flows import errors
from pfstudio.flows.importing import Import
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.multipart import receive_import
from pfstudio.server.schemas.imports import ImportedFlow
from pfstudio.share.errors import ArchiveRefusedError, ArchiveTooLargeError
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["flows"])

_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {
                    "name": {"type": "string", "description": "Name of the new flow; a free one is found without it."},
                    "files": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "description": "Each file's `filename` is its path; or a single zip.",
                    },
                },
            }
        }
    },
}


@router.post(
    "/import",
    status_code=201,
    responses=error_responses(
        errors.FlowNameTakenError, errors.NoFlowFileError, ArchiveRefusedError, ArchiveTooLargeError
    ),
    openapi_extra={"requestBody": _BODY},
)
async def import_flow(request: Request, state: StudioState, actor: CurrentActor) -> ImportedFlow:
    """A new flow of one's own from a folder's files or one zip; all of it or nothing."""
    incoming = await run_in_threadpool(Import, state.share, actor=actor)
    imported = await receive_import(request, incoming)
    state.recorder.changed([SharePath.parse(imported.path)], author=actor.username, kind="import")
    return ImportedFlow.model_validate(imported, from_attributes=True)
