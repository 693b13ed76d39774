"""Merging another branch in, and giving a merge up."""

from __future__ import annotations

from typing import Literal

from pfstudio.git.branches import overwritten
from pfstudio.git.errors import GitRefusedError, NoCommitError, NothingToAbortError, WouldOverwriteError
from pfstudio.git.names import find_commit
from pfstudio.git.process import Git
from pfstudio.git.status import read_status
from pfstudio.git.work import require_no_merge

MergeResult = Literal["up to date", "fast forward", "merged", "conflicts"]
_SECONDS = 120.0


def merge(git: Git, branch: str, *, said: str | None = None) -> MergeResult:
    """Merge a branch, tag or commit into the current branch; `said` is how the message calls it.

    Raises:
        RevisionNotFoundError: there is no such commit.
        ConflictOpenError: another merge is open.
        WouldOverwriteError: it would overwrite changes; nothing was changed.
    """
    status = require_no_merge(git)
    if status.commit is None:
        raise NoCommitError("merge into")
    commit = find_commit(git, branch)
    into = f" into {status.branch}" if status.branch and status.branch not in ("main", "master") else ""
    named = said or f"branch '{branch}'"
    message = f"Merge {named}{into}"
    answer = git.try_run(
        "merge", "--no-edit", "--no-verify-signatures", "-m", message, commit, what="merge", seconds=_SECONDS
    )
    if answer.code == 0:
        if "Already up to date" in answer.text:
            return "up to date"
        return "fast forward" if "Fast-forward" in answer.text else "merged"
    files = overwritten(answer)
    if files:
        raise WouldOverwriteError("merge", files)
    if read_status(git).conflicts:
        return "conflicts"
    raise GitRefusedError("merge", answer.said)


def abort(git: Git) -> None:
    """Give up an open merge, or what is like it; files are again what they were before it.

    Raises:
        NothingToAbortError: none is open.
    """
    status = read_status(git)
    words = {"merging": "merge", "rebasing": "rebase", "picking": "cherry-pick", "reverting": "revert"}
    if status.state in words:
        git.run(words[status.state], "--abort", what="give it up", seconds=_SECONDS)
    elif status.conflicts:  # Of a stash that was brought back: it is still there.
        git.run("reset", "--merge", "--quiet", what="give it up", seconds=_SECONDS)
    else:
        raise NothingToAbortError
