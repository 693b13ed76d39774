"""What commits and conflicts mean for flows: a reader's diff, and deciding conflicts node by node."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Query

from pfstudio.git import diff, errors, flow_diff, resolution
from pfstudio.git.repository import Repository
from pfstudio.server.api.git import CHANGING, LOOKING
from pfstudio.server.deps import CurrentActor, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.git_work import changing, looking, status_read, told, told_change
from pfstudio.server.schemas.git import (
    GitConflict,
    GitConflictPart,
    GitConflicts,
    GitFlowDiff,
    GitNodeChange,
    GitResolve,
    GitStatus,
    GitTextChange,
    GitValueChange,
    GitWords,
    Side,
)
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["git"])


@router.get(
    "/git/flow-diff/{path:path}",
    responses=error_responses(*LOOKING, errors.RevisionNotFoundError, errors.NotAFlowError),
)
def read_git_flow_diff(
    path: str,
    state: StudioState,
    actor: CurrentActor,
    *,
    staged: Annotated[
        bool | None, Query(description="True: what the next commit changes. False: what is not staged. Else both.")
    ] = None,
    from_: Annotated[str | None, Query(alias="from", max_length=250, description="A branch, tag or commit.")] = None,
    to: Annotated[str | None, Query(max_length=250, description="Without it, what is on disk (or staged).")] = None,
) -> GitFlowDiff:
    """What changed of the flow in a folder: which node, which input, which words. Only with `to`: in that commit."""
    git = looking(state, path)
    what = diff.compared(git, staged=staged, old=from_, new=to)
    found = flow_diff.compare_flows(git, SharePath.parse(path), what)
    return GitFlowDiff(
        path=path,
        flow_file=found.flow_file,
        nodes=[_node(git.repository, node) for node in found.nodes],
        inputs=[GitValueChange.model_validate(value) for value in found.inputs],
        outputs=[GitValueChange.model_validate(value) for value in found.outputs],
        settings=[GitValueChange.model_validate(value) for value in found.settings],
        other_files=[told_change(git.repository, change) for change in found.other_files],
        problem=found.problem,
    )


@router.get("/git/conflicts/{path:path}", responses=error_responses(*LOOKING))
def list_git_conflicts(path: str, state: StudioState, actor: CurrentActor) -> GitConflicts:
    """The files in conflict with their sides; of flow files, also what differs part by part."""
    git = looking(state, path)
    found = resolution.list_conflicts(git)
    files = [_conflict(git.repository, each) for each in found.files]
    return GitConflicts(ours_name=found.ours_name, theirs_name=found.theirs_name, files=files)


@router.post(
    "/git/resolve/{path:path}",
    responses=error_responses(*CHANGING, errors.NotInConflictError, errors.ResolutionRefusedError),
)
def resolve_git_conflict(path: str, body: GitResolve, state: StudioState, actor: CurrentActor) -> GitStatus:
    """Decide one file in conflict: its text, a side, or a side for each part. Commit when none is left."""
    with changing(state, path, actor, message="Resolved a conflict.") as git:
        resolution.resolve(
            git,
            SharePath.parse(body.file),
            content=body.content,
            take=body.take,
            parts=body.parts,
            actor_name=actor.username,
        )
    return status_read(state, path, actor)


def _node(repository: Repository, node: flow_diff.NodeChange) -> GitNodeChange:
    return GitNodeChange(
        name=node.name,
        type=node.type,
        status=node.status,
        line=node.line,
        values=[GitValueChange.model_validate(value) for value in node.values],
        texts=[
            GitTextChange(
                path=told(repository, text.inside),
                status=text.status,
                added_words=text.added_words,
                removed_words=text.removed_words,
                words=None if text.words is None else [GitWords.model_validate(piece) for piece in text.words],
            )
            for text in node.texts
        ],
    )


def _conflict(repository: Repository, found: resolution.ConflictFile) -> GitConflict:
    sides, merge = found.sides, found.merge
    texts = sides.texts or {}
    values: dict[Side, str | None] = {side: texts.get(side) for side in get_args(Side)}
    return GitConflict(
        path=told(repository, found.entry.inside),
        conflict=found.entry.conflict or "other",
        is_binary=sides.texts is None and not sides.is_cut,
        is_cut=sides.is_cut,
        base=values["base"],
        ours=values["ours"],
        theirs=values["theirs"],
        parts=[GitConflictPart.model_validate(part) for part in merge.parts] if merge else None,
        merged=merge.text if merge else None,
    )
