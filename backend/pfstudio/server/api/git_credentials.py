"""What git signs in with elsewhere: one's tokens, one's SSH key, and the servers that one trusts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pfstudio.audit import service as audit
from pfstudio.audit.acts import Act
from pfstudio.git import credentials, remote_errors
from pfstudio.server.deps import CurrentActor, ReadSession, StudioState, WriteSession
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.git_remotes import (
    GitCredentialRead,
    GitCredentials,
    GitHostKeyRead,
    GitHostKeyTrust,
    GitTokenCreate,
)

router = APIRouter(tags=["git"])


@router.get("/git-credentials")
def list_git_credentials(session: ReadSession, actor: CurrentActor) -> GitCredentials:
    """One's own. No secret is among it."""
    return GitCredentials(
        credentials=[
            GitCredentialRead.model_validate(item) for item in credentials.list_credentials(session, actor=actor)
        ],
        host_keys=[GitHostKeyRead.model_validate(item) for item in credentials.list_host_keys(session, actor=actor)],
    )


@router.post(
    "/git-credentials",
    status_code=201,
    responses=error_responses(remote_errors.CredentialInvalidError, remote_errors.RemoteAddressRefusedError),
)
def create_git_credential(
    body: GitTokenCreate, session: WriteSession, state: StudioState, actor: CurrentActor
) -> GitCredentialRead:
    """Store a token for a host, or make an SSH key; each in place of the one there was."""
    actor.require_author()
    if body.kind == "ssh_key":
        made = credentials.make_ssh_key(session, state.vault, actor=actor)
    else:
        made = credentials.save_token(
            session, state.vault, host=body.host, username=body.username, token=body.token, actor=actor
        )
    audit.record(session, actor, Act.GIT_CREDENTIAL_STORED, made.origin or "ssh")
    return GitCredentialRead.model_validate(made)


@router.delete(
    "/git-credentials/{number}",
    status_code=204,
    responses=error_responses(remote_errors.CredentialNotFoundError),
)
def delete_git_credential(number: int, session: WriteSession, actor: CurrentActor) -> None:
    """Forget a credential."""
    gone = credentials.delete_credential(session, number, actor=actor)
    audit.record(session, actor, Act.GIT_CREDENTIAL_DELETED, gone.origin or "ssh")


@router.post(
    "/git-host-keys",
    status_code=201,
    responses=error_responses(remote_errors.HostKeyRefusedError, remote_errors.CredentialInvalidError),
)
def trust_git_host(body: GitHostKeyTrust, session: WriteSession, actor: CurrentActor) -> GitHostKeyRead:
    """Know an SSH server by its key from now on."""
    actor.require_author()
    return GitHostKeyRead.model_validate(credentials.trust_host_key(session, host=body.host, key=body.key, actor=actor))


@router.delete("/git-host-keys", status_code=204, responses=error_responses(remote_errors.CredentialNotFoundError))
def forget_git_host(session: WriteSession, actor: CurrentActor, host: Annotated[str, Query(max_length=300)]) -> None:
    """Stop knowing an SSH server."""
    credentials.forget_host_key(session, host, actor=actor)
