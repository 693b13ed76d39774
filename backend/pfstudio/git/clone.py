"""A repository elsewhere becomes a folder of one's own, with all its history.

It comes in where no share path leads, and is moved into place once it is whole: nobody sees half of one, and what is
canceled leaves nothing behind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pfstudio.accounts.actor import Actor
from pfstudio.flows.access import require_write
from pfstudio.flows.errors import FlowNameTakenError
from pfstudio.flows.names import free_flow_paths, new_flow_path
from pfstudio.git.branches import track
from pfstudio.git.config import facts
from pfstudio.git.errors import InsideRepositoryError, RefNameError
from pfstudio.git.identity import Identity
from pfstudio.git.names import require_branch_name
from pfstudio.git.process import Git
from pfstudio.git.remote_address import RemoteAddress
from pfstudio.git.remote_errors import TransferCanceledError, TransferFailedError
from pfstudio.git.remotes import ORIGIN, add_remote, usable_address
from pfstudio.git.repository import Repository, find_repository
from pfstudio.git.transfer import Access, Transfer
from pfstudio.share.diskspace import use_of
from pfstudio.share.errors import ArchiveTooLargeError, EntryExistsError, PathNotFoundError
from pfstudio.share.files import stat_entry
from pfstudio.share.incoming import Incoming
from pfstudio.share.paths import Share, SharePath

_FIRST_BRANCH = "main"
_HEAD = re.compile(r"^ref: refs/heads/(\S+)\tHEAD$", re.M)
_CHECKOUT_SECONDS = 300.0
_MOST_LISTED = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is cloned, and where to. Without a `name` a free one is found; without a `branch` it is the remote's own."""

    url: str
    address: RemoteAddress
    branch: str | None
    into: SharePath
    name: str | None


@dataclass(frozen=True, slots=True)
class Cloned:
    """`branch` is None where the remote has no commit yet."""

    path: SharePath
    branch: str | None


def prepare(share: Share, *, url: str, branch: str | None, into: SharePath, name: str | None, actor: Actor) -> Wanted:
    """Whether it can be cloned, as far as that is known before anybody is asked.

    Raises:
        ForbiddenError: the actor may not write there.
        RemoteAddressRefusedError, RefNameError, InvalidFlowNameError: none can be there, or be called so.
        PathNotFoundError, NotAFolderError: there is no folder to put it into.
        InsideRepositoryError: that is in a repository itself.
        FlowNameTakenError: something of that name is there.
        StorageFullError, QuotaExceededError: there is no room.
    """
    require_write(share, into, actor=actor)
    address = usable_address(url)
    if branch is not None:
        require_branch_name(branch)
    share.real_folder(into)
    found = find_repository(share, into)
    if found.repository is not None or found.note is not None:
        raise InsideRepositoryError(str(into))
    share.require_room_at(into)
    wanted = Wanted(url.strip(), address, branch, into, name)
    if name is not None:
        _require_free(share, wanted, name, actor)
    return wanted


def clone(share: Share, wanted: Wanted, access: Access, *, actor: Actor, identity: Identity) -> Cloned:
    """Bring it in. Nothing of it is run, and its submodules stay where they are.

    Raises:
        TransferFailedError and its neighbors in `remote_errors`: it could not be done; says why.
        ArchiveTooLargeError, QuotaExceededError: it is more than may come in.
        FlowNameTakenError: something of its name has come meanwhile.
    """
    access = replace(access, most=min(filter(None, (access.most, share.limits.user_bytes, share.limits.flow_bytes))))
    with Incoming(share) as incoming:
        folder = Path(os.path.realpath(incoming.folder))
        repository = _begun(share, wanted, folder)
        branch = _fetched(repository, wanted, access)
        git = Git(_known(repository), writable=True, identity=identity)
        if branch is not None:
            share.require_room_at(wanted.into, use_of(folder).bytes + _size_of(git, branch, access))
            _check_out(git, branch)
        if access.is_canceled():
            raise TransferCanceledError
        incoming.count_bytes(use_of(folder).bytes)
        return Cloned(_placed(share, wanted, incoming, actor), branch)


def _begun(share: Share, wanted: Wanted, folder: Path) -> Repository:
    """An empty repository that knows where it is from."""
    new = Repository(share, wanted.into, folder, (), folder.stat().st_ino)
    made = Git.beginning(new)
    made.run("init", "--quiet", "--template=", f"--initial-branch={_FIRST_BRANCH}", what="make a repository")
    repository = _known(new)
    add_remote(Git(repository, writable=True), ORIGIN, wanted.url)
    return _known(repository)


def _known(repository: Repository) -> Repository:
    """The same, with what its `config` says by now; only git itself has written it, where nobody else can."""
    text = (repository.git_folder / "config").read_text(encoding="utf-8", errors="replace")
    return replace(repository, settings=tuple(facts(text)))


def _fetched(repository: Repository, wanted: Wanted, access: Access) -> str | None:
    """Fetch everything, and give the branch that is to be checked out; None where there is no commit."""
    asked = [f"refs/heads/{wanted.branch}"] if wanted.branch else []
    transfer = Transfer(repository, wanted.address, access)
    said = transfer.move(("ls-remote", "--symref", "--", wanted.address.url, "HEAD", *asked)).errors
    if wanted.branch and not re.search(rf"\t{re.escape(asked[0])}$", said, re.M):
        raise TransferFailedError(f"the repository has no branch '{wanted.branch}'")
    refs = f"+refs/heads/*:refs/remotes/{ORIGIN}/*"
    words = ("fetch", "--progress", "--no-recurse-submodules", "--no-write-fetch-head")
    transfer.move((*words, wanted.address.url, refs))
    git = Git(repository)
    if wanted.branch:
        return wanted.branch
    shown = _HEAD.search(said)
    branches = _branches(git)
    for name in (*([shown[1]] if shown else []), _FIRST_BRANCH, *branches):
        with suppress(RefNameError):
            require_branch_name(name)
            if name in branches:
                return name
    return None


def _branches(git: Git) -> list[str]:
    """What was fetched, by name."""
    listed = git.run("for-each-ref", "--format=%(refname:lstrip=3)", f"refs/remotes/{ORIGIN}/", what="list branches")
    return listed.text.splitlines()


def _size_of(git: Git, branch: str, access: Access) -> int:
    """How large the files of a branch are together, before any of them is there."""
    words = ("ls-tree", "-r", "-l", "-z", "--full-tree", f"refs/remotes/{ORIGIN}/{branch}")
    listed = git.run(*words, what="list the files", most=_MOST_LISTED, seconds=120).output
    sizes = [int(size) for size in _sizes(listed) if size.isdigit()]
    limits = git.repository.share.limits
    if listed.count(b"\0") > limits.entries:
        raise ArchiveTooLargeError(f"it holds more than {limits.entries:,} files and folders")
    if sum(sizes) > access.most:
        raise ArchiveTooLargeError(f"its files are larger than {access.most // 1_000_000:,} MB together")
    return sum(sizes)


def _sizes(listed: bytes) -> Iterator[str]:
    for record in listed.split(b"\0"):
        words = record.partition(b"\t")[0].split()
        yield words[-1].decode() if words else ""


def _check_out(git: Git, branch: str) -> None:
    git.run("symbolic-ref", "HEAD", f"refs/heads/{branch}", what="take the branch")
    track(git, branch, ORIGIN, branch)
    theirs = f"refs/remotes/{ORIGIN}/{branch}"
    git.run("reset", "--quiet", "--hard", theirs, what="take the branch", seconds=_CHECKOUT_SECONDS)


def _require_free(share: Share, wanted: Wanted, name: str, actor: Actor) -> None:
    path = wanted.into / new_flow_path(name, actor=actor).name
    if not _is_free(share, path):
        raise FlowNameTakenError(name, _proposal(share, wanted, name, actor))


def _is_free(share: Share, path: SharePath) -> bool:
    try:
        stat_entry(share, path)
    except PathNotFoundError:
        return True
    return False


def _proposal(share: Share, wanted: Wanted, name: str, actor: Actor) -> str | None:
    free = (path.name for path in free_flow_paths(name, actor=actor) if _is_free(share, wanted.into / path.name))
    return next(free, None)


def _placed(share: Share, wanted: Wanted, incoming: Incoming, actor: Actor) -> SharePath:
    if wanted.name is not None:
        path = wanted.into / wanted.name
        try:
            incoming.place(path)
        except EntryExistsError as error:
            proposal = _proposal(share, wanted, wanted.name, actor)
            raise FlowNameTakenError(wanted.name, proposal) from error
        return path
    for proposed in free_flow_paths(wanted.address.name, actor=actor):
        with suppress(EntryExistsError):
            path = wanted.into / proposed.name
            incoming.place(path)
            return path
    raise FlowNameTakenError(wanted.address.name)
