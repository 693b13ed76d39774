"""Fetching from, pulling from and pushing to repositories elsewhere.

The command that has the network and may sign in reads no configuration but ours, is held to the machine that was
checked, and may ask for the credentials of that one host.
"""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Literal

from pfstudio.git.branches import track
from pfstudio.git.credentials import StoredCredentials
from pfstudio.git.errors import NoCommitError
from pfstudio.git.handing import HANDING_FOLDER, Handing
from pfstudio.git.host_keys import scan_host_key
from pfstudio.git.identity import Identity
from pfstudio.git.merge import MergeResult, merge
from pfstudio.git.process import OPTIONS, Answer, Git, Reach
from pfstudio.git.remote_address import RemoteAddress, resolve_host, shown_address, ssh_options
from pfstudio.git.remote_errors import (
    CredentialNeededError,
    CredentialRefusedError,
    DetachedHeadError,
    HostKeyChangedError,
    NothingToPullError,
    PushRejectedError,
    SshKeyRefusedError,
    TransferCanceledError,
    TransferFailedError,
    TransferTooLargeError,
    TransferTooSlowError,
)
from pfstudio.git.remotes import address_of
from pfstudio.git.repository import Repository
from pfstudio.git.status import read_status
from pfstudio.share.diskspace import use_of

_SECONDS = 900.0
_LOOK_SECONDS = 0.5
_KEPT = 16_384
_PERCENT = re.compile(r"(?:Receiving|Writing|Compressing) objects: +\d+% \((\d+)/(\d+)\)")
_REJECTED = re.compile(r"\[(?:remote )?rejected\] [^\n]*\((?P<why>[^\n]*)\)")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transfer is; `total` is 0 where nobody knows."""

    phase: Literal["connecting", "moving"]
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Access:
    """With whose credentials, to which machines, how much; who hears of it and may end it."""

    credentials: StoredCredentials
    private: bool
    most: int
    told: Callable[[Progress], None] = lambda _progress: None
    is_canceled: Callable[[], bool] = lambda: False


def fetch(git: Git, remote: str | None, access: Access) -> str:
    """Bring in all branches of a remote; gives its name.

    Raises:
        RemoteNotFoundError, RemoteAddressRefusedError: there is no such remote that can be asked.
        TransferFailedError and its neighbors in `remote_errors`: it could not be done; says why.
    """
    name, address = address_of(git.repository, remote)
    refs = f"+refs/heads/*:refs/remotes/{name}/*"
    words = ("fetch", "--progress", "--prune", "--no-recurse-submodules", "--no-write-fetch-head", address.url, refs)
    Transfer(git.repository, address, access).move(words)
    return name


def pull(git: Git, remote: str | None, access: Access) -> MergeResult:
    """Fetch, and merge the branch that the current one goes with.

    Raises:
        DetachedHeadError, NothingToPullError: there is no such branch, here or there.
        WouldOverwriteError, ConflictOpenError: it cannot be merged now; what was fetched stays.
    """
    status = read_status(git)
    if status.branch is None or status.is_detached:
        raise DetachedHeadError
    name = fetch(git, remote, access)
    theirs = status.upstream if status.upstream and status.upstream.startswith(f"{name}/") else None
    branch = theirs.partition("/")[2] if theirs else status.branch
    ref = f"refs/remotes/{name}/{branch}"
    if git.try_run("show-ref", "--verify", "--quiet", "--", ref, what="find the branch").code != 0:
        raise NothingToPullError(branch)
    if status.upstream is None:
        track(git, status.branch, name, branch)
    if status.commit is None:
        git.run("reset", "--keep", ref, what="take the branch")
        return "fast forward"
    return merge(git, ref, said=f"branch '{branch}' of {name}")


def push(git: Git, remote: str | None, access: Access) -> str:
    """Give a remote the commits of the current branch; gives the branch's name. It pulls from there from now on.

    Raises:
        DetachedHeadError, NoCommitError: there is nothing to push.
        PushRejectedError: the remote did not take it; says why.
    """
    name, address = address_of(git.repository, remote)
    status = read_status(git)
    if status.branch is None or status.is_detached:
        raise DetachedHeadError
    if status.commit is None:
        raise NoCommitError("push")
    upstream = status.upstream or ""
    theirs = upstream.partition("/")[2] if upstream.startswith(f"{name}/") else status.branch
    words = ("push", "--progress", "--no-verify", "--recurse-submodules=no", address.url)
    Transfer(git.repository, address, access).move((*words, f"refs/heads/{status.branch}:refs/heads/{theirs}"))
    git.run("update-ref", f"refs/remotes/{name}/{theirs}", status.commit, what="note what was pushed")
    if status.upstream is None:
        track(git, status.branch, name, theirs)
    return status.branch


class Transfer(Git):
    """The one command with the network."""

    def __init__(self, repository: Repository, address: RemoteAddress, access: Access) -> None:
        super().__init__(repository, writable=True, identity=Identity("nobody", "nobody@localhost"))
        self._address = address
        self._access = access
        self._looked = 0.0

    def move(self, words: tuple[str, ...]) -> Answer:
        """Run it to its end; `errors` of the answer is all that it said."""
        access, address = self._access, self._address
        access.told(Progress("connecting"))
        machines = resolve_host(address, private=access.private)
        with Handing(access.credentials, only=address.origin) as handing:
            self._reach = _reach(address, machines, handing)
            options = {**OPTIONS, **self._reach.options}
            program = ["git", *(part for name, value in options.items() for part in ("-c", f"{name}={value}")), *words]
            with self._started(program, b"", _SECONDS) as process:
                answer = self._listen(process)
            if handing.asked:
                access.credentials.used(sorted(handing.asked))
            if answer.code != 0:
                raise _failure(answer, address, machines, handing, has_key=access.credentials.key() is not None)
        return answer

    def _listen(self, process: subprocess.Popen[bytes]) -> Answer:
        ends, said = time.monotonic() + _SECONDS, bytearray()
        with selectors.DefaultSelector() as selector:
            for stream in (process.stdout, process.stderr):
                selector.register(pipe_of(stream), selectors.EVENT_READ)
            while selector.get_map():
                self._check(ends)
                for key, _ in selector.select(_LOOK_SECONDS):
                    piece = os.read(key.fd, 65536)
                    if not piece:
                        selector.unregister(key.fileobj)
                    said = (said + piece)[-_KEPT:]
                    for done, total in _PERCENT.findall(piece.decode(errors="replace"))[-1:]:
                        self._access.told(Progress("moving", int(done), int(total)))
        return Answer(process.wait(10), b"", said.decode(errors="replace"))

    def _check(self, ends: float) -> None:
        now = time.monotonic()
        if self._access.is_canceled():
            raise TransferCanceledError
        if now > ends:
            raise TransferTooSlowError(_SECONDS)
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        self.repository.share.disk.require_room()
        if use_of(self.repository.git_folder).bytes > self._access.most:
            raise TransferTooLargeError(self._access.most)


def pipe_of(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("A pipe was asked for.")
    return stream


def _reach(address: RemoteAddress, machines: list[str], handing: Handing) -> Reach:
    environment = {**handing.environment(), "GIT_ALLOW_PROTOCOL": address.scheme}
    options = {
        f"protocol.{address.scheme}.allow": "always",
        **handing.configuration(),
        "fetch.fsckObjects": "true",
        "fetch.bundleURI": "",
        "transfer.bundleURI": "false",
    }
    if address.scheme == "ssh":
        environment["GIT_SSH_COMMAND"] += f" {ssh_options(address, machines[0])}"
    else:
        options |= {
            "http.curloptResolve": f"{address.host}:{address.port}:{','.join(machines)}",
            "http.followRedirects": "false",
            "http.lowSpeedLimit": "500",
            "http.lowSpeedTime": "30",
            "http.proxy": "",
        }
    return Reach(options, environment, network=True, folders={HANDING_FOLDER: handing.folder})


def _failure(
    answer: Answer, address: RemoteAddress, machines: list[str], handing: Handing, *, has_key: bool
) -> Exception:
    """What git's words mean."""
    said = answer.errors
    if found := _REJECTED.search(said):
        first = found["why"] in ("fetch first", "non-fast-forward")
        return PushRejectedError("it has commits that you do not have; pull first" if first else found["why"])
    if address.scheme == "ssh":
        if "IDENTIFICATION HAS CHANGED" in said:
            return HostKeyChangedError(address.known_host)
        if "Host key verification failed" in said:
            return scan_host_key(address, machines[0])
        if "Permission denied" in said:
            return SshKeyRefusedError(address.place, has_key=has_key)
    elif re.search(r"could not read (Username|Password)|Authentication failed|error: 40[13]|prompts disabled", said):
        refused = address.origin in handing.asked
        return CredentialRefusedError(address.origin) if refused else CredentialNeededError(address.origin)
    if re.search(r"' not found|error: 404|not appear to be a git repository", said):
        return TransferFailedError("there is no repository at this address, or you may not see it")
    if "requested URL returned error: 30" in said:
        return TransferFailedError("the server sends elsewhere, which is not followed; use the address it shows itself")
    return TransferFailedError(f"git could not do it: {shown_address(answer.said)}")
