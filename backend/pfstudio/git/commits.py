"""Making commits, and bringing files back from one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from pfstudio.git.errors import (
    ConflictOpenError,
    ConflictsUnresolvedError,
    GitRefusedError,
    NoCommitError,
    NoMessageError,
    NothingStagedError,
    NotInCommitError,
)
from pfstudio.git.names import find_commit
from pfstudio.git.process import Git
from pfstudio.git.staging import put_into_trash
from pfstudio.git.status import Status, read_status, shown
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import SharePath

_MOST = 20_000
LARGEST_CONTENT = 50_000_000


def commit(git: Git, message: str, *, amend: bool = False, sign_off: bool = False) -> Status:
    """Commit what is staged, and tell how the repository stands then.

    During a merge the message may be left out: git's own is taken.

    Raises:
        NothingStagedError, NoMessageError, NoCommitError: there is nothing to do it with.
        ConflictsUnresolvedError: files are in conflict.
        ConflictOpenError: the last commit cannot be amended during a merge.
    """
    before = read_status(git)
    if before.conflicts:
        raise ConflictsUnresolvedError([shown(entry.inside) for entry in before.conflicts])
    if amend and before.state != "clean":
        raise ConflictOpenError(before.state)
    if amend and before.commit is None:
        raise NoCommitError("amend")
    keeps = amend or before.state != "clean"
    if not message.strip() and not keeps:
        raise NoMessageError
    if not keeps and not any(entry.index for entry in before.entries) and before.is_all:
        raise NothingStagedError
    said = ("--file=-",) if message.strip() else ("--no-edit",)
    options = [*(["--amend"] if amend else []), *(["--signoff"] if sign_off else [])]
    answer = git.try_run(
        *("commit", "--quiet", "--no-verify", "--cleanup=whitespace", *options, *said),
        what="make a commit",
        stdin=message.encode(errors="replace"),
        seconds=60,
    )
    if answer.code == 1 and not answer.errors.strip():
        raise NothingStagedError
    if answer.code != 0:
        raise GitRefusedError("make a commit", answer.said)
    return read_status(git)


def restore(git: Git, path: SharePath, name: str, *, deleted_by: str) -> list[str]:
    """Make a file or folder what it was in a commit; what came since goes into the trash. Nothing is staged by it.

    Raises:
        RevisionNotFoundError: there is no such commit.
        NotInCommitError: it was not there then.
    """
    inside = git.repository.inside(path)
    commit_id = find_commit(git, name)
    if inside and not git.run("ls-tree", "-z", commit_id, "--", inside, what="look into the commit").output:
        raise NotInCommitError(str(path), commit_id)
    changed = _changed_since(git, commit_id, inside)
    trashed = put_into_trash(git, _there(git, [name for name, _ in changed]), deleted_by=deleted_by)
    if any(status != "A" for _, status in changed):
        git.run(
            *("restore", f"--source={commit_id}", "--worktree", "--no-overlay", "--", inside or "."),
            what="bring the files back",
            seconds=60,
        )
    return trashed


def read_file(git: Git, path: SharePath, name: str) -> bytes:
    """The bytes of a file in a commit.

    Raises:
        RevisionNotFoundError: there is no such commit.
        NotInCommitError: it was not there then.
        GitOutputTooLargeError: it is larger than is told.
    """
    inside = git.repository.inside(path)
    commit_id = find_commit(git, name)
    answer = git.try_run("cat-file", "blob", f"{commit_id}:{inside}", what="read the file", most=LARGEST_CONTENT)
    if answer.is_cut or answer.code != 0:
        raise NotInCommitError(str(path), commit_id)
    return answer.output


def _changed_since(git: Git, commit_id: str, inside: str) -> list[tuple[str, str]]:
    """Files that differ now from a commit, each with git's letter for it."""
    fields = iter(
        git.run(
            *("diff", "--name-status", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"),
            *("--ignore-submodules=all", commit_id, "--", inside or "."),
            what="compare with the commit",
        ).output.split(b"\0")
    )
    return [(os.fsdecode(next(fields)), letter.decode()) for letter in fields if letter]


def _there(git: Git, inside: Sequence[str]) -> list[str]:
    """Those that are on disk, also where git does not know them any more."""
    repository, found = git.repository, []
    for name in inside:
        with suppress(PathNotFoundError), repository.share.locate(repository.path(name), follow_leaf=False) as located:
            if located.info is not None:
                found.append(name)
    return found
