"""What the routes of git share: the frame of a change, and a status as it is told."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from pfstudio.accounts.actor import Actor
from pfstudio.git import work
from pfstudio.git.diff import FileChange
from pfstudio.git.identities import identity_of
from pfstudio.git.process import NOTHING, Git, Reach
from pfstudio.git.repository import Repository, find_repository, require_repository
from pfstudio.git.status import Status, refresh, shown, status_of
from pfstudio.server.deps import Studio
from pfstudio.server.schemas.git import GitEntry, GitFileChange, GitIgnoreProposal, GitStatus
from pfstudio.share.paths import SharePath

SLOW_SECONDS = 1.5
"""A status that took longer may have read many files again, which git notes for the next time if it may."""


def looking(state: Studio, path: str) -> Git:
    """Git that can only look at the repository at or above a path.

    Raises:
        NoRepositoryError: there is none.
    """
    return Git(require_repository(state.share, SharePath.parse(path)))


@contextlib.contextmanager
def changing(
    state: Studio, path: str, actor: Actor, *, message: str | None = None, reach: Reach = NOTHING
) -> Iterator[Git]:
    """Git that may change the repository at or above a path, alone. With a `message` it may change files: how they
    were is in the history before, and how they are afterwards, whatever becomes of the block.

    Raises:
        ForbiddenError: the actor may not write there.
        NoRepositoryError: there is none.
        GitBusyError: another command works on it.
    """
    with state.database.read() as session:
        identity = identity_of(session, actor)
    with work.working(state.share, SharePath.parse(path), actor=actor, identity=identity, reach=reach) as git:
        root = git.repository.root
        if message is not None:
            _look(state, root)
        try:
            yield git
        finally:
            if message is not None:
                state.recorder.changed([root], author=actor.username, kind="git", message=message)


def _look(state: Studio, root: SharePath) -> None:
    """Let the history take in what is there now, of a repository that holds flows as well of each of them."""
    if len(root.parts) < 2:
        for unit in state.recorder.units(root.owner):
            if unit.is_within(root):
                state.recorder.look(unit, seconds=0)
    state.recorder.look(root)


def status_read(state: Studio, path: str, actor: Actor) -> GitStatus:
    """How the repository at or above a path stands, as it is told."""
    found = find_repository(state.share, SharePath.parse(path))
    begun = time.monotonic()
    status = status_of(found)
    if found.repository and actor.may_write(found.repository.owner) and time.monotonic() - begun > SLOW_SECONDS:
        refresh(found.repository)
    return told_status(status, actor)


def told_status(status: Status, actor: Actor) -> GitStatus:
    """A status as it is told."""
    repository = status.repository
    entries = [
        GitEntry(
            path=told(repository, entry.inside),
            old_path=told(repository, entry.old_inside) if entry.old_inside is not None else None,
            index=entry.index,
            worktree=entry.worktree,
            is_conflicted=entry.is_conflicted,
            conflict=entry.conflict,
        )
        for entry in status.entries
        if repository is not None
    ]
    return GitStatus(
        repository=str(repository.root) if repository else None,
        note=status.note,
        branch=status.branch,
        is_detached=status.is_detached,
        commit=status.commit,
        upstream=status.upstream,
        ahead=status.ahead,
        behind=status.behind,
        state=status.state,
        merging=status.merging,
        entries=entries,
        entry_count=status.entry_count,
        is_all=status.is_all,
        stash_count=status.stash_count,
        ignore_proposals=[GitIgnoreProposal.model_validate(proposal) for proposal in status.proposals],
        is_writable=repository is not None and actor.may_write(repository.owner),
    )


def told(repository: Repository | None, inside: str) -> str:
    """The share path of a file of a repository, as text."""
    return shown(repository.told(inside)) if repository else shown(inside)


def told_change(repository: Repository, change: FileChange) -> GitFileChange:
    """That a file differs, as it is told."""
    return GitFileChange(
        path=told(repository, change.inside),
        old_path=told(repository, change.old_inside) if change.old_inside is not None else None,
        status=change.status,
        added=change.added,
        removed=change.removed,
    )
