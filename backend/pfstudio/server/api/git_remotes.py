"""Remotes of repositories in users' folders, and transfers with them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from pfstudio.audit import service as audit
from pfstudio.audit.acts import Act
from pfstudio.flows.access import require_write
from pfstudio.flows.errors import FlowNameTakenError, InvalidFlowNameError
from pfstudio.git import clone, errors, remote_errors, remotes, transfer
from pfstudio.git.identities import identity_of
from pfstudio.git.transfer import Access
from pfstudio.server import git_transfers
from pfstudio.server.api.git import CHANGING, LOOKING
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.git_work import changing, looking
from pfstudio.server.schemas.git_remotes import (
    GitClone,
    GitCloned,
    GitRemote,
    GitRemoteCreate,
    GitRemotes,
    GitTransferred,
    GitTransferStart,
)
from pfstudio.share.errors import ArchiveTooLargeError, NotAFolderError
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["git"])

_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {}},
        "description": "With `Accept: text/event-stream`: `progress` `{phase, done, total}`, then `finished` with the "
        "result or `failed` with a problem.",
    },
}
_TRANSFERRING = (
    *CHANGING,
    remote_errors.RemoteHostNotFoundError,
    remote_errors.RemoteAddressRefusedError,
    remote_errors.CredentialNeededError,
    remote_errors.CredentialRefusedError,
    remote_errors.SshKeyRefusedError,
    remote_errors.HostKeyUnknownError,
    remote_errors.HostKeyChangedError,
    remote_errors.TransferFailedError,
    remote_errors.TransferTooLargeError,
    remote_errors.TransferTooSlowError,
    remote_errors.TooManyTransfersError,
)
_ANSWERS = {
    **_STREAMED,
    **error_responses(
        *_TRANSFERRING,
        remote_errors.RemoteNotFoundError,
        remote_errors.DetachedHeadError,
        remote_errors.NothingToPullError,
        remote_errors.PushRejectedError,
        errors.WouldOverwriteError,
        errors.ConflictOpenError,
        errors.NoCommitError,
    ),
}
_CLONE_ANSWERS = {
    **_STREAMED,
    **error_responses(
        *_TRANSFERRING,
        FlowNameTakenError,
        InvalidFlowNameError,
        NotAFolderError,
        ArchiveTooLargeError,
        errors.InsideRepositoryError,
        errors.RefNameError,
    ),
}


@router.get("/git/remotes/{path:path}", responses=error_responses(*LOOKING))
def list_git_remotes(path: str, state: StudioState, actor: CurrentActor) -> GitRemotes:
    """The repositories elsewhere that this one knows."""
    found = remotes.list_remotes(looking(state, path).repository)
    return GitRemotes(remotes=[GitRemote.model_validate(remote) for remote in found])


@router.post(
    "/git/remotes/{path:path}",
    status_code=201,
    responses=error_responses(
        *CHANGING,
        remote_errors.RemoteNameRefusedError,
        remote_errors.RemoteAddressRefusedError,
        remote_errors.RemoteExistsError,
    ),
)
def add_git_remote(path: str, body: GitRemoteCreate, state: StudioState, actor: CurrentActor) -> GitRemote:
    """Connect a repository elsewhere; nothing is fetched yet."""
    with changing(state, path, actor) as git:
        return GitRemote.model_validate(remotes.add_remote(git, body.name, body.url))


@router.delete(
    "/git/remotes/{path:path}",
    status_code=204,
    responses=error_responses(*CHANGING, remote_errors.RemoteNotFoundError),
)
def remove_git_remote(
    path: str, state: StudioState, actor: CurrentActor, name: Annotated[str, Query(max_length=100)]
) -> None:
    """Forget a remote. What was merged from it stays."""
    with changing(state, path, actor) as git:
        remotes.remove_remote(git, name)


@router.post("/git/fetch/{path:path}", response_model=GitTransferred, responses=_ANSWERS)
async def fetch_from_remote(
    path: str, body: GitTransferStart, request: Request, state: StudioState, actor: CurrentActor
) -> Response:
    """Bring in what a remote has; no file changes."""
    require_write(state.share, SharePath.parse(path), actor=actor)

    def work(access: Access) -> dict[str, str]:
        with changing(state, path, actor) as git:
            return {"result": transfer.fetch(git, body.remote, access)}

    return await git_transfers.answer(request, state, actor, work)


@router.post("/git/pull/{path:path}", response_model=GitTransferred, responses=_ANSWERS)
async def pull_from_remote(
    path: str, body: GitTransferStart, request: Request, state: StudioState, actor: CurrentActor
) -> Response:
    """Bring in what a remote has, and merge its branch. Changes that are not committed are never overwritten."""
    require_write(state.share, SharePath.parse(path), actor=actor)

    def work(access: Access) -> dict[str, str]:
        with changing(state, path, actor, message="Pulled.") as git:
            return {"result": transfer.pull(git, body.remote, access)}

    return await git_transfers.answer(request, state, actor, work)


@router.post("/git/push/{path:path}", response_model=GitTransferred, responses=_ANSWERS)
async def push_to_remote(
    path: str, body: GitTransferStart, request: Request, state: StudioState, actor: CurrentActor
) -> Response:
    """Give a remote the commits of the current branch."""
    require_write(state.share, SharePath.parse(path), actor=actor)

    def work(access: Access) -> dict[str, str]:
        with changing(state, path, actor) as git:
            branch = transfer.push(git, body.remote, access)
        with state.database.write() as session:
            audit.record(session, actor, Act.GIT_PUSHED, path, {"branch": branch})
        return {"result": branch}

    return await git_transfers.answer(request, state, actor, work)


@router.post(
    "/git/clone",
    status_code=201,
    response_model=GitCloned,
    responses=_CLONE_ANSWERS,
)
async def clone_repository(body: GitClone, request: Request, state: StudioState, actor: CurrentActor) -> Response:
    """A folder of one's own from a repository elsewhere, with its history. Nothing of it is run; closing the request
    cancels it."""
    wanted = await run_in_threadpool(
        lambda: clone.prepare(
            state.share,
            url=body.url,
            branch=(body.branch or "").strip() or None,
            into=SharePath.parse(body.into),
            name=body.name,
            actor=actor,
        )
    )

    def work(access: Access) -> dict[str, str | None]:
        with state.database.read() as session:
            identity = identity_of(session, actor)
        made = clone.clone(state.share, wanted, access, actor=actor, identity=identity)
        state.recorder.changed([made.path], author=actor.username, kind="import", message="Cloned.")
        with state.database.write() as session:
            audit.record(session, actor, Act.GIT_CLONED, str(made.path), {"host": wanted.address.place})
        return {"path": str(made.path), "branch": made.branch}

    return await git_transfers.answer(request, state, actor, work, status=201)
