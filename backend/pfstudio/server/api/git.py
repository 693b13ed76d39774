"""Repositories in users' folders: how they stand, staging, committing, whose name commits bear."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio.accounts.errors import NotYourFolderError
from pfstudio.git import commits, errors, identities, ignoring, staging, work
from pfstudio.git.staging import Selection
from pfstudio.server.deps import CurrentActor, ReadSession, StudioState, WriteSession
from pfstudio.server.errors import error_responses
from pfstudio.server.git_work import changing, status_read, told_status
from pfstudio.server.schemas.git import (
    GitCommit,
    GitCommitted,
    GitDiscarded,
    GitIdentity,
    GitIgnore,
    GitInit,
    GitRestore,
    GitRestored,
    GitSelection,
    GitStatus,
)
from pfstudio.share.errors import PathNotFoundError, StaleFileError
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["git"])

LOOKING = (
    PathNotFoundError,
    errors.NoRepositoryError,
    errors.GitTooLongError,
    errors.TooManyGitCommandsError,
    errors.NoGitHereError,
)
CHANGING = (*LOOKING, NotYourFolderError, errors.GitBusyError, errors.GitLockedError, errors.GitRefusedError)
_SELECTING = (*CHANGING, errors.NothingSelectedError, errors.OutsideRepositoryError, errors.HunkStaleError)


@router.get("/git/status/{path:path}", responses=error_responses(PathNotFoundError, errors.TooManyGitCommandsError))
def read_git_status(path: str, state: StudioState, actor: CurrentActor) -> GitStatus:
    """How the repository at or above a path stands; empty where there is none."""
    return status_read(state, path, actor)


@router.post(
    "/git/init/{path:path}",
    status_code=201,
    responses=error_responses(*CHANGING, errors.RepositoryExistsError, errors.RefNameError, errors.PatternRefusedError),
)
def init_repository(path: str, body: GitInit, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Make a folder a repository. Nothing of it is committed yet."""
    at = SharePath.parse(path)
    work.initialize(state.share, at, actor=actor, branch=body.branch, ignore=body.ignore)
    if body.ignore:
        state.recorder.changed([at / ".gitignore"], author=actor.username, kind="git", message="Made a repository.")
    return status_read(state, path, actor)


@router.post(
    "/git/ignore/{path:path}", responses=error_responses(*CHANGING, errors.PatternRefusedError, StaleFileError)
)
def ignore_files(path: str, body: GitIgnore, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Add lines to the `.gitignore` of a repository; those it has already are left as they are."""
    with changing(state, path, actor) as git:
        added = ignoring.add_lines(git.repository, body.patterns)
    if added is not None:
        state.recorder.changed([added], author=actor.username)
    return status_read(state, path, actor)


@router.post("/git/stage/{path:path}", responses=error_responses(*_SELECTING, errors.ConflictsUnresolvedError))
def stage_changes(path: str, body: GitSelection, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Take files, folders or hunks into the next commit."""
    with changing(state, path, actor) as git:
        staging.stage(git, _selection(body))
    return status_read(state, path, actor)


@router.post("/git/unstage/{path:path}", responses=error_responses(*_SELECTING))
def unstage_changes(path: str, body: GitSelection, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Leave files, folders or hunks out of the next commit. What they hold on disk stays."""
    with changing(state, path, actor) as git:
        staging.unstage(git, _selection(body))
    return status_read(state, path, actor)


@router.post("/git/discard/{path:path}", responses=error_responses(*_SELECTING, errors.ConflictOpenError))
def discard_changes(path: str, body: GitSelection, state: StudioState, actor: CurrentActor) -> GitDiscarded:
    """Make files what is staged of them. What they were is in the trash; for hunks, a copy of the file as it was."""
    with changing(state, path, actor, message="Discarded changes.") as git:
        trashed = staging.discard(git, _selection(body), deleted_by=actor.username)
    return GitDiscarded(trash=trashed, status=status_read(state, path, actor))


@router.post(
    "/git/commit/{path:path}",
    responses=error_responses(
        *CHANGING,
        errors.NothingStagedError,
        errors.NoMessageError,
        errors.NoCommitError,
        errors.ConflictsUnresolvedError,
        errors.ConflictOpenError,
    ),
)
def commit_changes(path: str, body: GitCommit, state: StudioState, actor: CurrentActor) -> GitCommitted:
    """Commit what is staged, by one's own name and address; during a merge, end it."""
    with changing(state, path, actor) as git:
        status = commits.commit(git, body.message, amend=body.amend, sign_off=body.sign_off)
    return GitCommitted(commit=status.commit or "", status=told_status(status, actor))


@router.post(
    "/git/restore/{path:path}",
    responses=error_responses(*CHANGING, errors.RevisionNotFoundError, errors.NotInCommitError),
)
def restore_from_commit(path: str, body: GitRestore, state: StudioState, actor: CurrentActor) -> GitRestored:
    """Make a file or folder what it was in a commit. What came since goes into the trash; nothing is staged."""
    with changing(state, path, actor, message=f"As in commit {body.commit[:12]}.") as git:
        trashed = commits.restore(git, SharePath.parse(path), body.commit, deleted_by=actor.username)
    return GitRestored(trash=trashed, status=status_read(state, path, actor))


@router.get("/git-identity")
def read_git_identity(session: ReadSession, actor: CurrentActor) -> GitIdentity:
    """The name and address of one's commits."""
    return GitIdentity.model_validate(identities.identity_of(session, actor))


@router.put("/git-identity", responses=error_responses(errors.IdentityRefusedError))
def set_git_identity(body: GitIdentity, session: WriteSession, actor: CurrentActor) -> GitIdentity:
    """Have one's commits bear another name and address from now on."""
    actor.require_author()
    return GitIdentity.model_validate(identities.set_identity(session, actor, body.name, body.address))


def _selection(body: GitSelection) -> Selection:
    return Selection(
        paths=[SharePath.parse(path) for path in body.paths],
        file=SharePath.parse(body.file) if body.file else None,
        hunks=body.hunks,
    )
