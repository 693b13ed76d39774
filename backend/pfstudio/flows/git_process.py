"""Git on a repository that a stranger filled, which is run apart from the server and can run nothing in turn.

It sees the scratch folder and the system's programs, reads no configuration but what stands here, knows no hooks,
filters, helpers or credentials, speaks HTTP only, and never makes a work tree.
"""

from __future__ import annotations

import functools
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pfstudio.flows.git_errors import GitMissingError, GitTooSlowError, ImportCanceledError
from pfstudio.sandbox.isolation import SandboxSpec, probe, sandbox_command, worker_environment
from pfstudio.sandbox.limits import Limits
from pfstudio.share.diskspace import use_of
from pfstudio.share.errors import ArchiveTooLargeError

_LOOK_SECONDS = 0.2
_KEPT = 16_384
_MEMORY = 2 * 2**30
_OLDEST = (2, 37)  # Older ones take no addresses, and would look the host up once more.
_OPTIONS = {
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "core.bigFileThreshold": "32m",
    "core.packedGitWindowSize": "32m",
    "core.packedGitLimit": "256m",
    "credential.helper": "",
    "fetch.fsckObjects": "false",  # Names are checked when they come in, whoever sent them.
    "fetch.bundleURI": "",
    "filter.lfs.smudge": "",
    "filter.lfs.process": "",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "500",
    "http.lowSpeedTime": "30",
    "index.threads": "1",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "protocol.allow": "never",
    "protocol.ext.allow": "never",
    "protocol.file.allow": "never",
    "protocol.http.allow": "always",
    "protocol.https.allow": "always",
    "submodule.recurse": "false",
    "transfer.bundleURI": "false",
}
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "http:https",
    "GIT_ASKPASS": "/bin/false",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# Each process is bound by the kernel, whatever it does between two looks.
_LIMITED = 'ulimit -c 0; ulimit -v {memory} 2>/dev/null; ulimit -f {blocks}; ulimit -t {seconds}; exec "$@"'


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an import may take, and who may end it sooner."""

    size: int
    seconds: float
    is_canceled: Callable[[], bool] = lambda: False
    require_room: Callable[[], None] = lambda: None


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


class GitProcesses:
    """Runs git on the bare repository in `folder`. Not for use from several threads at once."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        if git_version() < _OLDEST:
            raise GitMissingError
        self.folder = folder
        self._bounds = bounds
        self._ends_at = time.monotonic() + bounds.seconds
        self._measured = 0.0

    def run(self, *arguments: str, said: Callable[[str], None] = lambda _text: None) -> tuple[int, str]:
        """Its exit code and the end of what it said; `said` hears each line when it is said.

        Raises:
            ArchiveTooLargeError, GitTooSlowError, ImportCanceledError: it was ended.
        """
        text = b""
        with self.started(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as git:
            stream = git.stderr
            if stream is None:
                raise AssertionError("A pipe was asked for.")
            looked = 0.0
            while True:
                ready, _, _ = select.select([stream], [], [], _LOOK_SECONDS)
                if time.monotonic() - looked >= _LOOK_SECONDS:
                    self.check()
                    looked = time.monotonic()
                piece = os.read(stream.fileno(), 65536) if ready else b""
                if ready and not piece:
                    break
                for line in piece.replace(b"\r", b"\n").split(b"\n"):
                    said(line.decode(errors="replace"))
                text = (text + piece)[-_KEPT:]
            code = git.wait()
        self._measured = 0.0  # What ended at the limit of the file size is looked at, however soon that was.
        self.check()
        return code, text.decode(errors="replace")

    @contextmanager
    def started(
        self, arguments: Sequence[str], *, stdin: int, stdout: int, stderr: int
    ) -> Iterator[subprocess.Popen[bytes]]:
        """The running process; leaving the block ends it and all that it started."""
        command = self._command(arguments)
        descriptors: list[int] = []
        isolated = probe().active
        if isolated:
            spec = SandboxSpec(flow_folder=self.folder, writable=True)
            command, descriptors = sandbox_command(spec, Limits(), command)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own words, no shell of the user's.
                command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env={} if isolated else {**worker_environment(isolated=False), "HOME": str(self.folder)},
                cwd=None if isolated else self.folder,
                pass_fds=descriptors,
                start_new_session=True,
            )
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        try:
            yield process
        finally:
            _end(process)

    def check(self) -> None:
        """Whether it may go on.

        Raises:
            ArchiveTooLargeError, GitTooSlowError, ImportCanceledError: it may not.
            StudioReadOnlyError: the disk is nearly full.
        """
        bounds = self._bounds
        if bounds.is_canceled():
            raise ImportCanceledError
        if time.monotonic() > self._ends_at:
            raise GitTooSlowError(bounds.seconds)
        bounds.require_room()
        now = time.monotonic()
        if now - self._measured < _LOOK_SECONDS:
            return
        self._measured = now
        if use_of(self.folder).bytes > bounds.size:
            raise ArchiveTooLargeError(f"the repository is larger than {bounds.size // 1_000_000:,} MB")

    def _command(self, arguments: Sequence[str]) -> list[str]:
        limits = _LIMITED.format(
            memory=_MEMORY // 1024, blocks=self._bounds.size // 512 + 1, seconds=int(self._bounds.seconds) + 1
        )
        variables = [f"{name}={value}" for name, value in {**_ENVIRONMENT, "GIT_DIR": str(self.folder)}.items()]
        options = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
        return ["/bin/sh", "-c", limits, "sh", "env", *variables, "git", *options, *arguments]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
