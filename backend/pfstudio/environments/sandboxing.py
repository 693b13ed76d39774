"""A program of a build apart from the server: it sees its own folders and the system's programs, and no share."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pfstudio.sandbox.isolation import Bind, SandboxSpec, probe, sandbox_command, worker_environment
from pfstudio.sandbox.limits import Limits

# Variables come over standard input: others read command lines, and some of them hold a password.
_GIVEN = 'set -a; eval "$(cat)"; set +a; exec "$@" </dev/null'


@contextmanager
def sandboxed(
    command: Sequence[str],
    variables: Mapping[str, str],
    *,
    writable: Sequence[Path],
    readable: Sequence[Path],
    hidden: Sequence[Path],
    limits: Limits,
) -> Iterator[subprocess.Popen[bytes]]:
    """The running process, with what it says in one pipe; its network is the machine's, since indexes are."""
    given = ["/bin/sh", "-c", _GIVEN, "sh", *command]
    descriptors: list[int] = []
    isolated = probe().active
    if isolated:
        binds = [Bind(place) for place in readable] + [Bind(place, writable=True) for place in writable]
        given, descriptors = sandbox_command(SandboxSpec(binds=tuple(binds), hidden=tuple(hidden)), limits, given)
    environment = {} if isolated else {**worker_environment(isolated=False), "HOME": str(writable[-1])}
    try:
        process = subprocess.Popen(  # noqa: S603 - our own words; what users wrote stands in files.
            given,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            pass_fds=descriptors,
            start_new_session=True,
        )
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.write("".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()).encode())
            process.stdin.close()
    yield process
