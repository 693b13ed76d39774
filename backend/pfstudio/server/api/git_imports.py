"""A repository elsewhere becomes a flow."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pfstudio.flows import errors, git_errors
from pfstudio.flows.git_address import parse_source
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.git_imports import GitImport
from pfstudio.server.schemas.imports import GitImportStart, ImportedFlow
from pfstudio.share.errors import ArchiveRefusedError, ArchiveTooLargeError

router = APIRouter(tags=["flows"])


@router.post(
    "/import-git",
    status_code=201,
    response_model=ImportedFlow,
    responses={
        200: {
            "content": {"text/event-stream": {}},
            "description": "With `Accept: text/event-stream`: `progress` `{phase, done, total}`, where `phase` is "
            "`connecting`, `receiving` or `writing`, then `finished` with the flow or `failed` with a problem.",
        },
        **error_responses(
            errors.FlowNameTakenError,
            errors.NoFlowFileError,
            ArchiveRefusedError,
            ArchiveTooLargeError,
            git_errors.GitAddressRefusedError,
            git_errors.GitFetchFailedError,
            git_errors.GitHostNotFoundError,
            git_errors.GitTooSlowError,
            git_errors.TooManyImportsError,
            git_errors.GitMissingError,
        ),
    },
)
async def import_repository(
    body: GitImportStart, request: Request, state: StudioState, actor: CurrentActor
) -> Response:
    """A new flow of one's own from a repository, without its history. Nothing of it is run; closing the request
    cancels it."""
    actor.require_write(actor.username)
    importing = GitImport(state, parse_source(body.url, body.branch, body.folder), body.name, actor)
    if "text/event-stream" in request.headers.get("accept", ""):
        return importing.event_answer()
    return await importing.json_answer(request)
