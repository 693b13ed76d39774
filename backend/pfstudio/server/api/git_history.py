"""What a repository's commits hold: the log, single commits, differences, files of then."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from pfstudio.git import commits, diff, errors, log
from pfstudio.git.repository import Repository
from pfstudio.server.api.git import LOOKING
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.git_work import looking, told_change
from pfstudio.server.schemas.git import GitCommitDetails, GitCommitRead, GitDiff, GitFileDiff, GitLog
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["git"])

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_IN_COMMITS = (*LOOKING, errors.RevisionNotFoundError)
Revision = Annotated[str | None, Query(max_length=250, description="A branch, a tag or a commit.")]


@router.get("/git/log/{path:path}", responses=error_responses(*_IN_COMMITS))
def read_git_log(
    path: str,
    state: StudioState,
    actor: CurrentActor,
    *,
    before: Annotated[str | None, Query(max_length=100, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=log.MOST_COMMITS)] = 50,
    every: Annotated[bool, Query(alias="all", description="From all branches and tags, not only from HEAD.")] = False,
    ref: Revision = None,
    file: Annotated[str | None, Query(description="Only commits that changed this file or folder.")] = None,
) -> GitLog:
    """The commits, newest first, with the names that point at them."""
    only = SharePath.parse(file) if file else None
    found, following = log.log(looking(state, path), before=before, limit=limit, every=every, ref=ref, path=only)
    return GitLog(commits=[GitCommitRead.model_validate(commit) for commit in found], next=following)


@router.get("/git/commit/{path:path}", responses=error_responses(*_IN_COMMITS))
def read_git_commit(
    path: str, state: StudioState, actor: CurrentActor, commit: Annotated[str, Query(alias="id", max_length=250)]
) -> GitCommitDetails:
    """One commit and the files it changed; of a merge, what differs from its first parent."""
    git = looking(state, path)
    found = log.details(git, commit)
    told = GitCommitRead.model_validate(found.commit).model_dump()
    files = [told_change(git.repository, change) for change in found.files[: diff.MOST_FILES]]
    return GitCommitDetails(**told, files=files, is_all=found.is_all and len(files) == len(found.files))


@router.get("/git/diff/{path:path}", responses=error_responses(*_IN_COMMITS))
def read_git_diff(
    path: str,
    state: StudioState,
    actor: CurrentActor,
    *,
    file: Annotated[list[str] | None, Query(description="Only these files or folders.", max_length=200)] = None,
    staged: Annotated[
        bool | None, Query(description="True: what the next commit changes. False: what is not staged. Else both.")
    ] = None,
    from_: Annotated[str | None, Query(alias="from", max_length=250, description="A branch, tag or commit.")] = None,
    to: Annotated[str | None, Query(max_length=250, description="Without it, what is on disk (or staged).")] = None,
) -> GitDiff:
    """How files differ. Only with `to`: what that commit changed. Long texts and many files are cut."""
    git = looking(state, path)
    what = diff.compared(git, staged=staged, old=from_, new=to)
    inside = [git.repository.inside(SharePath.parse(each)) for each in file or []]
    files, is_all = diff.diff(git, what, inside)
    return GitDiff(files=[told_diff(git.repository, each) for each in files], is_all=is_all)


@router.get(
    "/git/content/{path:path}",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": _BYTES}, "description": "The bytes of then."},
        **error_responses(*_IN_COMMITS, errors.NotInCommitError),
    },
)
def read_git_content(
    path: str, state: StudioState, actor: CurrentActor, commit: Annotated[str, Query(max_length=250)]
) -> Response:
    """A file as it was in a commit, as an attachment that no browser will run."""
    content = commits.read_file(looking(state, path), SharePath.parse(path), commit)
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def told_diff(repository: Repository, found: diff.FileDiff) -> GitFileDiff:
    """How a file differs, as it is told."""
    change = told_change(repository, found.change).model_dump()
    return GitFileDiff(**change, is_binary=found.is_binary, is_cut=found.is_cut, text=found.text)
