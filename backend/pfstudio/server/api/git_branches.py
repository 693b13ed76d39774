"""Branches, stashes and merges of repositories in users' folders."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pfstudio.git import branches, errors, merge, stash
from pfstudio.git.process import Git
from pfstudio.server.api.git import CHANGING, LOOKING
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.git_work import changing, looking, status_read
from pfstudio.server.schemas.git import (
    GitBranch,
    GitBranchCreate,
    GitBranches,
    GitBranchRename,
    GitMerge,
    GitMerged,
    GitStash,
    GitStashApply,
    GitStashCreate,
    GitStashes,
    GitStatus,
    GitSwitch,
)

router = APIRouter(tags=["git"])

_NAMING = (*CHANGING, errors.RevisionNotFoundError, errors.RefNameError, errors.BranchExistsError)
_MOVING = (*CHANGING, errors.RevisionNotFoundError, errors.WouldOverwriteError, errors.ConflictOpenError)


@router.get("/git/branches/{path:path}", responses=error_responses(*LOOKING))
def list_git_branches(path: str, state: StudioState, actor: CurrentActor) -> GitBranches:
    """All branches, one's own first, and the newest tags."""
    return _branches(looking(state, path))


@router.post(
    "/git/branches/{path:path}",
    status_code=201,
    responses=error_responses(*_NAMING, errors.WouldOverwriteError, errors.ConflictOpenError),
)
def create_git_branch(path: str, body: GitBranchCreate, state: StudioState, actor: CurrentActor) -> GitBranches:
    """Make a branch, and switch to it unless told otherwise."""
    moves = body.switch and body.start is not None
    with changing(state, path, actor, message=f"Switched to branch '{body.name}'." if moves else None) as git:
        branches.make_branch(git, body.name, start=body.start, switch=body.switch)
    return _branches(looking(state, path))


@router.patch("/git/branches/{path:path}", responses=error_responses(*_NAMING))
def rename_git_branch(path: str, body: GitBranchRename, state: StudioState, actor: CurrentActor) -> GitBranches:
    """Rename a branch; what it pulls from goes along."""
    with changing(state, path, actor) as git:
        branches.rename_branch(git, body.name, body.new_name)
    return _branches(looking(state, path))


@router.delete(
    "/git/branches/{path:path}",
    responses=error_responses(
        *CHANGING, errors.RevisionNotFoundError, errors.BranchInUseError, errors.BranchNotMergedError
    ),
)
def delete_git_branch(
    path: str,
    state: StudioState,
    actor: CurrentActor,
    *,
    name: Annotated[str, Query(max_length=250)],
    force: Annotated[bool, Query(description="Also where only it has some commits.")] = False,
) -> GitBranches:
    """Delete a branch that is not the current one."""
    with changing(state, path, actor) as git:
        branches.delete_branch(git, name, force=force)
    return _branches(looking(state, path))


@router.post("/git/switch/{path:path}", responses=error_responses(*_MOVING))
def switch_git_branch(path: str, body: GitSwitch, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Switch to a branch, a remote branch, a tag or a commit. Changes that would be overwritten keep it from that."""
    with changing(state, path, actor, message=f"Switched to '{body.to}'.") as git:
        branches.switch(git, body.to)
    return status_read(state, path, actor)


@router.get("/git/stash/{path:path}", responses=error_responses(*LOOKING))
def list_git_stashes(path: str, state: StudioState, actor: CurrentActor) -> GitStashes:
    """What is put aside, newest first."""
    return GitStashes(stashes=[GitStash.model_validate(each) for each in stash.list_stashes(looking(state, path))])


@router.post(
    "/git/stash/{path:path}",
    responses=error_responses(*CHANGING, errors.NothingToStashError, errors.NoCommitError, errors.ConflictOpenError),
)
def create_git_stash(path: str, body: GitStashCreate, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Put all changes aside."""
    with changing(state, path, actor, message="Put changes aside.") as git:
        stash.push_stash(git, body.message, include_untracked=body.include_untracked)
    return status_read(state, path, actor)


@router.post("/git/stash-apply/{path:path}", responses=error_responses(*_MOVING, errors.StashNotFoundError))
def apply_git_stash(path: str, body: GitStashApply, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Bring back what was put aside. Where that is in conflict, the status says so and the stash stays."""
    with changing(state, path, actor, message="Brought back what was put aside.") as git:
        stash.apply_stash(git, body.commit, drop=body.drop)
    return status_read(state, path, actor)


@router.delete("/git/stash/{path:path}", responses=error_responses(*CHANGING, errors.StashNotFoundError))
def drop_git_stash(
    path: str, state: StudioState, actor: CurrentActor, commit: Annotated[str, Query(max_length=250)]
) -> GitStatus:
    """Forget what was put aside."""
    with changing(state, path, actor) as git:
        stash.drop_stash(git, commit)
    return status_read(state, path, actor)


@router.post("/git/merge/{path:path}", responses=error_responses(*_MOVING, errors.NoCommitError))
def merge_git_branch(path: str, body: GitMerge, state: StudioState, actor: CurrentActor) -> GitMerged:
    """Merge a branch, tag or commit into the current branch."""
    with changing(state, path, actor, message=f"Merged '{body.branch}'.") as git:
        result = merge.merge(git, body.branch)
    return GitMerged(result=result, status=status_read(state, path, actor))


@router.post("/git/abort/{path:path}", responses=error_responses(*CHANGING, errors.NothingToAbortError))
def abort_git_merge(path: str, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Give an open merge up: files are again what they were before it."""
    with changing(state, path, actor, message="Gave the merge up.") as git:
        merge.abort(git)
    return status_read(state, path, actor)


def _branches(git: Git) -> GitBranches:
    found = branches.list_branches(git)
    return GitBranches(
        current=found.current,
        branches=[GitBranch.model_validate(branch) for branch in found.branches],
        tags=found.tags,
        is_all=found.is_all,
    )
