"""Branches: list, make, rename, delete, switch."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pfstudio.git.errors import (
    BranchExistsError,
    BranchInUseError,
    BranchNotMergedError,
    GitRefusedError,
    GitTooLongError,
    RevisionNotFoundError,
    WouldOverwriteError,
)
from pfstudio.git.names import find_commit, require_branch_name
from pfstudio.git.process import Answer, Git
from pfstudio.git.status import shown
from pfstudio.git.work import require_no_merge

MOST_BRANCHES = 1_000
_MOST_TAGS = 500
_TRACK_SECONDS = 8.0
_COUNTS = "%(upstream:track,nobracket)"
_FIELDS = (
    *("%(refname)", "%(objectname)", "%(committerdate:unix)", "%(HEAD)", "%(upstream:short)"),
    *(_COUNTS, "%(symref)", "%(contents:subject)"),
)
_OVERWRITTEN = re.compile(r"would be (?:overwritten|removed) by (?:checkout|merge)[^\n]*:\n((?:\t[^\n]*\n?)+)")
_TRACK = re.compile(r"(ahead|behind) (\d+)")


@dataclass(frozen=True, slots=True)
class Branch:
    name: str
    is_remote: bool
    is_current: bool
    commit: str
    subject: str
    at: datetime
    upstream: str | None
    ahead: int
    behind: int
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Branches:
    current: str | None
    branches: list[Branch]
    tags: list[str]
    is_all: bool


def list_branches(git: Git) -> Branches:
    """All branches, one's own first, each kind the newest first; and the newest tags."""
    try:
        answer = _read_branches(git, _FIELDS, seconds=_TRACK_SECONDS)
    except GitTooLongError:  # To count how far each is ahead takes a walk through the history.
        answer = _read_branches(git, [field.replace(_COUNTS, "") for field in _FIELDS], seconds=30)
    rows = [row.split("\x1e", len(_FIELDS) - 1) for row in answer.text.split("\n") if row.count("\x1e") >= 7]
    branches = [_branch(row) for row in rows[:MOST_BRANCHES] if not row[6]]
    branches.sort(key=lambda branch: branch.is_remote)
    tags = git.run_or_cut(
        *("for-each-ref", "--format=%(refname:lstrip=2)", "--sort=-creatordate", f"--count={_MOST_TAGS}", "refs/tags"),
        what="list the tags",
    )
    current = git.try_run("symbolic-ref", "--quiet", "--short", "HEAD", what="find the branch").text.strip()
    return Branches(current or None, branches, tags.text.split(), len(rows) <= MOST_BRANCHES)


def _read_branches(git: Git, fields: Sequence[str], *, seconds: float) -> Answer:
    return git.run_or_cut(
        *("for-each-ref", f"--format={'%1e'.join(fields)}", "--sort=-committerdate"),
        *(f"--count={MOST_BRANCHES + 1}", "refs/heads", "refs/remotes"),
        what="list the branches",
        seconds=seconds,
    )


def make_branch(git: Git, name: str, *, start: str | None = None, switch: bool = True) -> None:
    """Make a branch, and switch to it.

    Raises:
        RefNameError: no branch can be called so.
        BranchExistsError: there is one.
        RevisionNotFoundError: `start` means no commit.
        WouldOverwriteError: switching would overwrite changes; nothing was made.
    """
    require_branch_name(name)
    from_commit = find_commit(git, start or "HEAD") if start or not _is_unborn(git) else None
    _require_free(git, name)
    if from_commit is None:  # Before the first commit, HEAD can only be pointed elsewhere.
        git.run("symbolic-ref", "HEAD", f"refs/heads/{name}", what="make the branch")
        return
    if not switch:
        git.run("branch", "--no-track", name, from_commit, what="make the branch")
        return
    if start is not None:
        require_no_merge(git)
    _switch(git, "--create", name, "--no-track", *([from_commit] if start else []))


def rename_branch(git: Git, name: str, new_name: str) -> None:
    """Rename a branch of one's own; what it pulls from goes along.

    Raises:
        RevisionNotFoundError: there is none.
        RefNameError, BranchExistsError: the new name cannot be used.
    """
    require_branch_name(new_name)
    _require_branch(git, name)
    if new_name == name:
        return
    _require_free(git, new_name)
    git.run("branch", "-m", name, new_name, what="rename the branch")
    _configure(git, "--rename-section", f"branch.{name}", f"branch.{new_name}")


def delete_branch(git: Git, name: str, *, force: bool = False) -> None:
    """Delete a branch of one's own.

    Raises:
        RevisionNotFoundError: there is none.
        BranchInUseError: it is the current one.
        BranchNotMergedError: only it has some commits, and `force` is not said.
    """
    _require_branch(git, name)
    if git.try_run("symbolic-ref", "--quiet", "HEAD", what="find the branch").text.strip() == f"refs/heads/{name}":
        raise BranchInUseError(name)
    answer = git.try_run("branch", "-D" if force else "-d", "--", name, what="delete the branch")
    if answer.code != 0:
        if "not fully merged" in answer.errors:
            raise BranchNotMergedError(name)
        raise GitRefusedError("delete the branch", answer.said)
    _configure(git, "--remove-section", f"branch.{name}")


def switch(git: Git, to: str) -> None:
    """Switch to a branch; a remote one becomes one of one's own that pulls from it; a tag or commit is detached.

    Raises:
        RevisionNotFoundError: there is nothing of this name.
        WouldOverwriteError: it would overwrite changes; nothing was changed.
        ConflictOpenError: a merge is open.
    """
    require_no_merge(git)
    if _has_ref(git, f"refs/heads/{to}"):
        _switch(git, "--no-guess", to)
        return
    remote, _, short = to.partition("/")
    if short and _has_ref(git, f"refs/remotes/{to}"):
        require_branch_name(short)
        if _has_ref(git, f"refs/heads/{short}"):
            _switch(git, "--no-guess", short)
            return
        _switch(git, "--create", short, "--no-track", f"refs/remotes/{to}")
        track(git, short, remote, short)
        return
    _switch(git, "--detach", find_commit(git, to))


def track(git: Git, branch: str, remote: str, theirs: str) -> None:
    """Note in the repository's configuration what a branch pulls from."""
    _configure(git, f"branch.{branch}.remote", remote)
    _configure(git, f"branch.{branch}.merge", f"refs/heads/{theirs}")


def overwritten(answer: Answer) -> list[str]:
    """The files, inside the repository, for whose sake git did nothing."""
    found = _OVERWRITTEN.findall(answer.errors)
    return [shown(line.strip()) for block in found for line in block.splitlines() if line.strip()]


def _switch(git: Git, *arguments: str) -> None:
    answer = git.try_run("switch", "--quiet", *arguments, what="switch", seconds=120)
    if answer.code == 0:
        return
    files = overwritten(answer)
    if files:
        raise WouldOverwriteError("switch", files)
    raise GitRefusedError("switch", answer.said)


def _branch(row: list[str]) -> Branch:
    ref, commit, at, head, upstream, track_text, _, subject = row
    is_remote = ref.startswith("refs/remotes/")
    counts = {word: int(number) for word, number in _TRACK.findall(track_text)}
    moment = datetime.fromtimestamp(0, UTC)
    with suppress(ValueError, OverflowError, OSError):
        moment = datetime.fromtimestamp(int(at), UTC)
    return Branch(
        name=ref.removeprefix("refs/remotes/").removeprefix("refs/heads/"),
        is_remote=is_remote,
        is_current=head == "*",
        commit=commit,
        subject=subject[:1_000],
        at=moment,
        upstream=upstream or None,
        ahead=counts.get("ahead", 0),
        behind=counts.get("behind", 0),
        is_gone=track_text == "gone",
    )


def _require_free(git: Git, name: str) -> None:
    taken = git.run("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", what="list the branches")
    for other in taken.text.splitlines():
        same = other.casefold() == name.casefold()
        if same or other.startswith(f"{name}/") or name.startswith(f"{other}/"):
            raise BranchExistsError(name)


def _require_branch(git: Git, name: str) -> None:
    if not _has_ref(git, f"refs/heads/{name}"):
        raise RevisionNotFoundError(name)


def _has_ref(git: Git, ref: str) -> bool:
    if any(ord(letter) <= 0x20 for letter in ref) or os.path.normpath(ref) != ref:
        return False
    return git.try_run("show-ref", "--verify", "--quiet", "--", ref, what="find the branch").code == 0


def _is_unborn(git: Git) -> bool:
    return git.try_run("rev-parse", "--verify", "--quiet", "HEAD", what="find the last commit").code != 0


def _configure(git: Git, *arguments: str) -> None:
    """Change the repository's own configuration; where it has no such part, nothing is to be done."""
    git.try_run("config", "--file", f"{git.repository.git_folder}/config", *arguments, what="note it")
