"""Runs git on a repository of a user: in the sandbox of its owner, with a configuration of ours, within limits.

The repository's own `config` is never read. Git takes its configuration from the *common folder* of a repository, so
it is given one in the sandbox's scratch space: our `config`, and links to the objects, refs and logs of the repository.
What only looks gets a read-only view of the repository, and new objects (of a file that is not staged) go to scratch.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import selectors
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pfstudio.git.config import Setting, write_settings
from pfstudio.git.errors import (
    GitLockedError,
    GitOutputTooLargeError,
    GitRefusedError,
    GitTooLongError,
    NoGitHereError,
)
from pfstudio.git.identity import Identity
from pfstudio.git.repository import Repository
from pfstudio.git.slots import slot
from pfstudio.sandbox.isolation import Bind, SandboxSpec, probe, sandbox_command, worker_environment
from pfstudio.sandbox.limits import GIT

_OLDEST = (2, 37)
_KEPT_OF_ERRORS = 16_384
_MOST_OUTPUT = 16 * 2**20
_MEMORY = 2 * 2**30
_FILE_SIZE = 4 * 2**30
_SCRATCH = "/tmp/git"  # noqa: S108 - the sandbox's own, empty one.
_GRACE_SECONDS = 3.0
_STEP_BACK = 5
OPTIONS: Mapping[str, str] = {
    "color.ui": "false",
    "commit.gpgSign": "false",
    "core.askPass": "",
    "core.bigFileThreshold": "32m",
    "core.attributesFile": os.devnull,
    "core.editor": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.quotePath": "false",
    "core.untrackedCache": "false",
    "core.packedGitWindowSize": "32m",
    "core.packedGitLimit": "512m",
    "credential.helper": "",
    "diff.external": "",
    "diff.ignoreSubmodules": "dirty",
    "gc.auto": "0",
    "index.threads": "1",
    "log.showSignature": "false",
    "maintenance.auto": "false",
    "merge.verifySignatures": "false",
    "pack.threads": "1",
    "protocol.allow": "never",
    "submodule.recurse": "false",
    "tag.gpgSign": "false",
}
ENVIRONMENT: Mapping[str, str] = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_ASKPASS": "/bin/false",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_EDITOR": "false",
    "GIT_MERGE_AUTOEDIT": "no",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_SEQUENCE_EDITOR": "false",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
# $1 scratch, $2 the repository's .git, $3 its work tree, $4 our config, $5 whether it may change things, or makes it.
_SETUP = r"""
{close}
ulimit -c 0; ulimit -v {memory} 2>/dev/null; ulimit -f {blocks}; ulimit -t {seconds}
g=$1; d=$2; w=$3; c=$4; may=$5; shift 5
if [ "$may" = init ]; then
  cd "$w" && exec "$@"
elif [ "$may" = yes ]; then
  mkdir -p "$g" "$d/logs"
else
  mkdir -p "$g/new/info"; echo "$g/objects" > "$g/new/info/alternates"; export GIT_OBJECT_DIRECTORY="$g/new"
fi
ln -s "$d/objects" "$d/refs" "$d/logs" "$d/info" "$d/packed-refs" "$d/shallow" "$d/HEAD" "$g"
cd "$w" || exit 126
printf %s "$c" > "$g/config"; echo '.pfstudio-tmp-*' > "$g/excludes"
exec "$@"
"""
# What handed the repository over would be a way out of the sandbox. Other shells close single digits only. Processes
# are counted in there alone: outside, all of the user's would count.
_BASH = "/bin/bash"
_CLOSE = 'ulimit -u 256; for f in /proc/self/fd/*; do n=${f##*/}; ((n > 2)) && eval "exec $n>&-"; done'
# With an index of our own, in which the files that git does not know stand as empty ones.
_WITH_UNTRACKED = """
export GIT_INDEX_FILE="$GIT_COMMON_DIR/index"
cp "$GIT_DIR/index" "$GIT_INDEX_FILE" 2>/dev/null; {add} </dev/null >/dev/null 2>&1
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said. `is_cut` where there was more than was wanted: then it was ended, and `code` says nothing."""

    code: int
    output: bytes
    errors: str
    is_cut: bool = False

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace")

    @property
    def said(self) -> str:
        """The line of what git complained about that says most."""
        lines = [line.strip() for line in self.errors.splitlines() if line.strip()]
        for mark in ("fatal: ", "error: "):
            for line in lines:
                if line.startswith(mark):
                    return line.removeprefix(mark).rstrip(".")
        return lines[-1].rstrip(".") if lines else "it gave no reason"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a command may have beyond the repository: settings, variables, the network, folders of ours."""

    options: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    network: bool = False
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Read-only, by their path in the sandbox."""


NOTHING = Reach()


@functools.cache
def git_version() -> tuple[int, ...]:
    """The version of the machine's git, such as `(2, 39)`; empty where there is none."""
    program = shutil.which("git")
    if program is None:
        return ()
    ended = subprocess.run(  # noqa: S603 - our own words, no shell.
        [program, "version"], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}, timeout=20
    )
    found = re.search(r"(\d+)\.(\d+)", ended.stdout)
    return (int(found[1]), int(found[2])) if found else ()


class Git:
    """Git on one repository. Without `writable` nothing of it can change."""

    def __init__(
        self,
        repository: Repository,
        *,
        writable: bool = False,
        identity: Identity | None = None,
        reach: Reach = NOTHING,
    ) -> None:
        if git_version() < _OLDEST:
            raise NoGitHereError
        self.repository = repository
        self.writable = writable
        self._identity = identity
        self._reach = reach
        self._begins = False

    @classmethod
    def beginning(cls, repository: Repository) -> Git:
        """For the one command that makes a repository where there is none yet."""
        git = cls(repository, writable=True)
        git._begins = True
        return git

    def run(
        self,
        *arguments: str,
        what: str,
        stdin: bytes = b"",
        seconds: float = 30.0,
        most: int = _MOST_OUTPUT,
        ok: Sequence[int] = (0,),
    ) -> Answer:
        """Run one command; `what` it does is told when it fails, such as `make a commit`.

        Raises:
            GitRefusedError: its exit code is none of `ok`.
            GitLockedError: somebody else's git holds the index.
            GitTooLongError: it took too long.
            GitOutputTooLargeError: it said more than `most`.
        """
        answer = self.try_run(*arguments, what=what, stdin=stdin, seconds=seconds, most=most)
        if answer.is_cut:
            raise GitOutputTooLargeError(what)
        if answer.code not in ok:
            raise GitRefusedError(what, answer.said)
        return answer

    def run_or_cut(
        self, *arguments: str, what: str, seconds: float = 30.0, most: int = _MOST_OUTPUT, with_untracked: bool = False
    ) -> Answer:
        """The same, but too much output is cut. `with_untracked` lets it take files for known that are not.

        Raises:
            GitRefusedError, GitLockedError, GitTooLongError: as `run`.
        """
        answer = self.try_run(*arguments, what=what, seconds=seconds, most=most, with_untracked=with_untracked)
        if answer.code != 0 and not answer.is_cut:
            raise GitRefusedError(what, answer.said)
        return answer

    def try_run(
        self,
        *arguments: str,
        what: str,
        stdin: bytes = b"",
        seconds: float = 30.0,
        most: int = _MOST_OUTPUT,
        with_untracked: bool = False,
    ) -> Answer:
        """The same, whatever its exit code; too much output is cut.

        Raises:
            GitLockedError, GitTooLongError: as `run`.
        """
        git = ["git", *_options({**OPTIONS, **self._reach.options})]
        names_paths = "--" in arguments or "--pathspec-from-file=-" in arguments
        program = [*git, *(["--literal-pathspecs"] if names_paths else []), *arguments]
        if with_untracked:
            first = _WITH_UNTRACKED.format(add=shlex.join([*git, "add", "--no-all", "--intent-to-add", "."]))
            program = ["/bin/sh", "-c", first, "sh", *program]
        with self._started(program, stdin, seconds) as process:
            answer = _listen(process, what, seconds, most)
        if answer.code != 0 and re.search(r"\.lock': File exists", answer.errors):
            raise GitLockedError(str(self.repository.root))
        return answer

    @contextlib.contextmanager
    def _started(self, program: Sequence[str], stdin: bytes, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
        with contextlib.ExitStack() as stack:
            stack.enter_context(slot(self.repository.owner))
            given = stack.enter_context(tempfile.TemporaryFile())
            given.write(stdin)
            given.seek(0)
            isolated = probe().active
            scratch = _SCRATCH if isolated else stack.enter_context(tempfile.TemporaryDirectory(prefix="pfstudio-git-"))
            command = self._command(scratch, program, seconds, isolated=isolated)
            environment = self._environment(scratch)
            descriptors: list[int] = []
            if isolated:
                command, descriptors = sandbox_command(self._spec(environment), GIT, command)
            try:
                process = subprocess.Popen(  # noqa: S603 - our own words, no shell of the user's.
                    command,
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env={} if isolated else {**worker_environment(isolated=False), "HOME": scratch, **environment},
                    pass_fds=descriptors,
                    start_new_session=True,
                )
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)
            try:
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, process.pid, _STEP_BACK)
                yield process
            finally:
                _end(process)

    def _spec(self, environment: Mapping[str, str]) -> SandboxSpec:
        repository = self.repository
        root = Path(os.path.realpath(repository.share.root))
        own = [Bind(folder, at=Path(path)) for path, folder in self._reach.folders.items()]
        return SandboxSpec(
            binds=(Bind(repository.folder, self.writable, below=root), *own),
            variables=environment,
            network="host" if self._reach.network else "none",
            closes_descriptors=Path(_BASH).exists(),
        )

    def _command(self, scratch: str, program: Sequence[str], seconds: float, *, isolated: bool) -> list[str]:
        repository = self.repository
        own = [Setting("core", None, "excludesfile", f"{scratch}/excludes")]
        config = write_settings([*repository.settings, *own])
        has_bash = isolated and Path(_BASH).exists()
        setup = _SETUP.format(
            memory=_MEMORY // 1024,
            blocks=_FILE_SIZE // 1024 if has_bash else _FILE_SIZE // 512,
            seconds=int(seconds) + 2,
            close=_CLOSE if has_bash else "",
        )
        # Ended from inside by a signal that git hears, it takes its lock files away.
        timed = ["timeout", "-s", "TERM", "-k", "2", f"{seconds:.1f}"] if isolated else []
        arguments = [scratch, str(repository.git_folder), str(repository.folder), config]
        may = "init" if self._begins else "yes" if self.writable else "no"
        return [_BASH if has_bash else "/bin/sh", "-c", setup, "sh", *arguments, may, *timed, *program]

    def _environment(self, scratch: str) -> dict[str, str]:
        repository = self.repository
        return {
            **ENVIRONMENT,
            "GIT_DIR": str(repository.git_folder),
            **({} if self._begins else {"GIT_COMMON_DIR": scratch}),
            "GIT_WORK_TREE": str(repository.folder),
            **({} if self.writable else {"GIT_OPTIONAL_LOCKS": "0"}),
            **(self._identity.variables() if self._identity else _NOBODY),
            **self._reach.environment,
        }


_NOBODY = Identity("nobody", "nobody@localhost").variables()


def _options(options: Mapping[str, str]) -> list[str]:
    return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]


def _listen(process: subprocess.Popen[bytes], what: str, seconds: float, most: int) -> Answer:
    """All that a process says until its end; a little more time than it was given, so that it can end by itself."""
    ends = time.monotonic() + seconds + _GRACE_SECONDS
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            selector.register(_pipe(stream), selectors.EVENT_READ)
        while selector.get_map():
            left = ends - time.monotonic()
            if left <= 0:
                raise GitTooLongError(what, seconds)
            for key, _ in selector.select(left):
                piece = os.read(key.fd, 65536)
                if not piece:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stdout:
                    output += piece
                else:
                    errors = (errors + piece)[-_KEPT_OF_ERRORS:]
            if len(output) > most:
                return Answer(-1, bytes(output[:most]), "", is_cut=True)
    try:
        code = process.wait(max(0.1, ends - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise GitTooLongError(what, seconds) from error
    if code in (124, 137) or code == -signal.SIGKILL:
        raise GitTooLongError(what, seconds)
    return Answer(code, bytes(output), errors.decode(errors="replace"))


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("A pipe was asked for.")
    return stream


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started; outside of a sandbox git may take its lock files away first."""
    if process.poll() is None:
        for number, seconds in ((signal.SIGTERM, 1.0), (signal.SIGKILL, None)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
                break
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
