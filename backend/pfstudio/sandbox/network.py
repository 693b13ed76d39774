"""A sandbox's own network: what is public is reached through a user-mode network, the studio's machine is not.

Loopback is the sandbox's own. Routes to private, link-local and metadata addresses, and to every address of this
machine, are prohibited. Model servers that the admin allows answer at their usual address and port: a helper outside
relays those, and names. Nothing inside has the rights to change a route.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pfstudio.sandbox.errors import SandboxUnavailableError

_HELPER = Path(__file__).resolve().parent / "network_helper.py"
_READY_SECONDS = 10.0
_PROHIBITED = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
    *("168.63.129.16/32",),  # A cloud's metadata at a public address.
)
_FIB = Path("/proc/net/fib_trie")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a limited network lets through besides the public internet: hosts with their ports.

    `own_port` is the studio's; on this machine it is never let through.
    """

    allowed: tuple[tuple[str, int], ...] = ()
    own_port: int | None = None


class LimitedNetwork:
    """The network of one sandbox, up when this returns. `process_inside` is any process of the sandbox.

    Raises:
        SandboxUnavailableError: it could not be made; the sandbox has no network then.
    """

    def __init__(self, process_inside: int, rules: Rules) -> None:
        program = slirp()
        if program is None:
            raise SandboxUnavailableError("slirp4netns, which limits its network, is not installed")
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell.
            [sys.executable, "-I", "-S", str(_HELPER), str(process_inside)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            cwd="/",
            start_new_session=True,
        )
        request = {
            "slirp": program,
            "prohibited": [*_PROHIBITED, *own_addresses()],
            "allowed": rules.allowed,
            "own_port": rules.own_port,
        }
        try:
            self._begin(json.dumps(request).encode() + b"\n")
        except (OSError, SandboxUnavailableError) as error:
            words = self._end_with_words()
            raise SandboxUnavailableError(f"its network: {words or error}") from error

    def _begin(self, request: bytes) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise AssertionError("Pipes were asked for.")
        stdin.write(request)
        stdin.flush()
        ready, _, _ = select.select([stdout], [], [], _READY_SECONDS)
        if not ready or stdout.readline() != b"ready\n":
            raise SandboxUnavailableError("the user-mode network did not start")

    def close(self) -> None:
        """End it; what runs inside has loopback only from now on."""
        self._end_with_words()

    def _end_with_words(self) -> str:
        """The helper ends with its input, and the user-mode network with it."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        words = ""
        for pipe in (self._process.stderr, self._process.stdout):
            if pipe is not None:
                if pipe is self._process.stderr:
                    words = pipe.read().decode(errors="replace").strip()
                pipe.close()
        return words.splitlines()[-1] if words else ""


def slirp() -> str | None:
    return shutil.which("slirp4netns", path=os.environ.get("PATH", os.defpath) + ":/usr/bin:/usr/local/bin")


def own_addresses() -> list[str]:
    """Every address of this machine, as networks of one; a public one is among them on a rented machine."""
    try:
        lines = _FIB.read_text().splitlines()
    except OSError:
        return []
    found = set()
    for line, following in itertools.pairwise(lines):
        if "host LOCAL" in following:
            found.add(line.split()[-1])
    return sorted(f"{address}/32" for address in found if not ipaddress.ip_address(address).is_loopback)


@functools.cache
def why_not_limited() -> str | None:
    """Why the network of sandboxes cannot be limited here, found by trying; None where it can."""
    from pfstudio.sandbox import isolation
    from pfstudio.sandbox.limits import Limits

    if slirp() is None:
        return "slirp4netns is not installed"
    spec = isolation.SandboxSpec(network="limited")
    command, descriptors = isolation.sandbox_command(spec, Limits(), ["sleep", "30"])
    trial = Attachable(command, descriptors)
    try:
        LimitedNetwork(trial.inside(), Rules()).close()
    except (OSError, SandboxUnavailableError) as error:
        return str(error)
    finally:
        trial.end()
    return None


class Attachable:
    """A sandbox that is started for its network alone, to see whether that works."""

    def __init__(self, command: Sequence[str], descriptors: Sequence[int]) -> None:
        self._info, theirs = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell.
                [command[0], "--info-fd", str(theirs), *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                pass_fds=[theirs, *descriptors],
            )
        finally:
            for descriptor in (theirs, *descriptors):
                os.close(descriptor)

    def inside(self) -> int:
        return read_process_inside(self._info)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._info)


def read_process_inside(info: int) -> int:
    """The first process in a sandbox, from what bubblewrap writes to its `--info-fd`.

    Raises:
        SandboxUnavailableError: it ended before it had one.
    """
    text = b""
    while piece := os.read(info, 4096):
        text += piece
    try:
        return int(json.loads(text)["child-pid"])
    except (ValueError, KeyError) as error:
        raise SandboxUnavailableError("bubblewrap ended before it began") from error
