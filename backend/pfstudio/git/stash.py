"""Changes put aside, and brought back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from pfstudio.git.branches import overwritten
from pfstudio.git.errors import (
    GitRefusedError,
    NoCommitError,
    NothingToStashError,
    StashNotFoundError,
    WouldOverwriteError,
)
from pfstudio.git.process import Git
from pfstudio.git.work import require_no_merge

_MOST = 200
_ON = re.compile(r"(?:WIP on|On) ([^:]+): ?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stash:
    commit: str
    message: str
    branch: str | None
    at: datetime


def list_stashes(git: Git) -> list[Stash]:
    """All that is put aside, newest first."""
    answer = git.try_run(
        *("stash", "list", "-z", f"--max-count={_MOST}", "--format=%H%x1e%ct%x1e%gs"), what="list the stashes"
    )
    rows = [record.split("\x1e", 2) for record in answer.text.split("\0") if record.count("\x1e") >= 2]
    return [_stash(*row) for row in rows]


def push_stash(git: Git, message: str, *, include_untracked: bool) -> None:
    """Put all changes aside.

    Raises:
        NothingToStashError: nothing is changed.
        NoCommitError: there is nothing that files could be put back to.
        ConflictOpenError: a merge is open.
    """
    status = require_no_merge(git)
    if status.commit is None:
        raise NoCommitError("put changes aside from")
    known = [entry for entry in status.entries if entry.worktree != "untracked"]
    if not known and not (include_untracked and status.entries):
        raise NothingToStashError
    options = ["--include-untracked"] if include_untracked else []
    said = ["--message", " ".join(message.split())] if message.strip() else []
    git.run("stash", "push", "--quiet", *options, *said, what="put the changes aside", seconds=120)


def apply_stash(git: Git, commit: str, *, drop: bool) -> None:
    """Bring back what was put aside. Where it is in conflict with what is there now, the stash stays.

    Raises:
        StashNotFoundError: there is no such stash.
        WouldOverwriteError: it would overwrite changes; nothing was changed.
    """
    require_no_merge(git)
    place = _place(git, commit)
    answer = git.try_run("stash", "pop" if drop else "apply", "--quiet", place, what="bring it back", seconds=120)
    if answer.code == 0:
        return
    files = overwritten(answer) or _existing(answer.errors)
    if files:
        raise WouldOverwriteError("bring it back", files)
    if git.run("ls-files", "--unmerged", what="look for conflicts").output:
        return  # The status tells them.
    raise GitRefusedError("bring it back", answer.said)


def drop_stash(git: Git, commit: str) -> None:
    """Forget what was put aside.

    Raises:
        StashNotFoundError: there is no such stash.
    """
    git.run("stash", "drop", "--quiet", _place(git, commit), what="forget the stash")


def _place(git: Git, commit: str) -> str:
    """`stash@{n}` of a stash: the number changes whenever another one goes."""
    for number, stash in enumerate(list_stashes(git)):
        if stash.commit == commit:
            return f"stash@{{{number}}}"
    raise StashNotFoundError(commit)


def _stash(commit: str, at: str, text: str) -> Stash:
    found = _ON.match(text)
    branch = found[1] if found and found[1] != "(no branch)" else None
    message = found[2] if found else text
    return Stash(commit, message[:1_000], branch, datetime.fromtimestamp(int(at), UTC))


def _existing(errors: str) -> list[str]:
    """Files that are there already and were put aside as ones that git did not know."""
    return [line.partition(" already exists")[0] for line in errors.splitlines() if " already exists, no check" in line]
