"""The frame of every verb that changes a repository: who may, is there room, and one at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pfstudio.accounts.actor import Actor
from pfstudio.flows.access import require_write
from pfstudio.git.errors import ConflictOpenError, NoRepositoryError, RepositoryExistsError
from pfstudio.git.identity import Identity
from pfstudio.git.ignoring import add_lines
from pfstudio.git.names import require_branch_name
from pfstudio.git.process import NOTHING, Git, Reach
from pfstudio.git.repository import Repository, find_repository, require_repository
from pfstudio.git.serial import alone
from pfstudio.git.status import Status, read_status
from pfstudio.share.paths import Share, SharePath


@contextlib.contextmanager
def working(
    share: Share, path: SharePath, *, actor: Actor, identity: Identity, reach: Reach = NOTHING
) -> Iterator[Git]:
    """Git that may change the repository at or above a path, alone until the block ends.

    Raises:
        ForbiddenError: the actor may not write there.
        NoRepositoryError: there is none.
        GitBusyError: another command works on it.
        StorageFullError, QuotaExceededError: there is no room.
    """
    require_write(share, path, actor=actor)
    repository = require_repository(share, path)
    share.require_room_at(repository.root)
    with alone(repository):
        try:
            yield Git(repository, writable=True, identity=identity, reach=reach)
        finally:
            share.quotas.forget(repository.owner)


def initialize(share: Share, path: SharePath, *, actor: Actor, branch: str, ignore: list[str]) -> Repository:
    """Make a folder a repository; nothing of it is committed yet.

    Raises:
        ForbiddenError: the actor may not write there.
        RepositoryExistsError: it is in one already.
        NoRepositoryError: it has a `.git` that cannot be used.
    """
    require_write(share, path, actor=actor)
    require_branch_name(branch)
    folder = share.real_folder(path)
    share.require_room_at(path)
    found = find_repository(share, path)
    if found.repository is not None:
        raise RepositoryExistsError(str(path))
    if found.note is not None:
        raise NoRepositoryError(str(path), found.note)
    names = folder.relative_to(share.users.resolve() / str(path.owner)).parts
    new = Repository(share, SharePath(path.owner, names), folder, (), folder.stat().st_ino)
    with alone(new):
        Git.beginning(new).run("init", "--quiet", "--template=", f"--initial-branch={branch}", what="make a repository")
        repository = require_repository(share, path)
        if ignore:
            add_lines(repository, ignore)
    return repository


def require_no_merge(git: Git) -> Status:
    """How the repository stands, where nothing is open.

    Raises:
        ConflictOpenError: a merge or its like is.
    """
    status = read_status(git)
    if status.state != "clean" or status.conflicts:
        raise ConflictOpenError(status.state if status.state != "clean" else "in conflict")
    return status
