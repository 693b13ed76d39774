"""A program of a build apart from the server: it sees its own folders and the system's programs, and no share."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pfstudio.sandbox.isolation import Bind, Network, SandboxSpec
from pfstudio.sandbox.limits import Limits
from pfstudio.sandbox.network import Rules
from pfstudio.sandbox.processes import SandboxedProcess, start

# Variables come over standard input: others read command lines, and some of them hold a password.
_GIVEN = 'set -a; eval "$(cat)"; set +a; exec "$@" </dev/null'


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the programs of one build see and reach; `hidden` folders they see nothing of but what is named here."""

    writable: tuple[Path, ...]
    readable: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()
    network: Network = "host"
    rules: Rules = field(default_factory=Rules)


@contextmanager
def sandboxed(
    command: Sequence[str], variables: Mapping[str, str], around: Surroundings, limits: Limits
) -> Iterator[SandboxedProcess]:
    """The running program, with what it says in one pipe; leaving the block ends it and all that it started.

    Raises:
        SandboxUnavailableError: it could not be started.
    """
    binds = [Bind(place) for place in around.readable] + [Bind(place, writable=True) for place in around.writable]
    spec = SandboxSpec(binds=tuple(binds), hidden=around.hidden, network=around.network)
    running = start(
        spec,
        limits,
        ["/bin/sh", "-c", _GIVEN, "sh", *command],
        subject="Installing the packages",
        rules=around.rules,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        if (given := running.process.stdin) is not None:
            with suppress(OSError):
                given.write("".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()).encode())
                given.close()
        yield running
    finally:
        running.end()
        if running.process.stdout is not None:
            running.process.stdout.close()
