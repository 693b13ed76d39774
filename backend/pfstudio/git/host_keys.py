"""The key that an SSH server shows which is not known yet."""

from __future__ import annotations

import os
import subprocess

from pfstudio.errors import PromptflowException
from pfstudio.git.remote_address import RemoteAddress
from pfstudio.git.remote_errors import HostKeyRefusedError, HostKeyUnknownError, TransferFailedError
from pfstudio.git.ssh_keys import fingerprint, require_host_key
from pfstudio.sandbox.isolation import SandboxSpec, probe, sandbox_command, worker_environment
from pfstudio.sandbox.limits import GIT

_SECONDS = 20


def scan_host_key(address: RemoteAddress, machine: str) -> PromptflowException:
    """The error that proposes to trust the server by its key; another one where it shows none."""
    command = ["ssh-keyscan", "-T", "10", "-p", str(address.port), "-t", "ed25519,ecdsa,rsa", machine]
    descriptors: list[int] = []
    isolated = probe().active
    if isolated:
        command, descriptors = sandbox_command(SandboxSpec(network="host"), GIT, command)
    environment = {} if isolated else worker_environment(isolated=False)
    try:
        ended = subprocess.run(  # noqa: S603 - our own words; the machine is an address that was checked.
            command,
            env=environment,
            pass_fds=descriptors,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return TransferFailedError(f"'{address.known_host}' showed no key by which it could be known")
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    for kind in ("ssh-ed25519", "ecdsa-", "ssh-rsa"):
        for line in ended.stdout.splitlines():
            _, _, key = line.partition(" ")
            if key.startswith(kind):
                try:
                    return HostKeyUnknownError(address.known_host, require_host_key(key), fingerprint(key))
                except HostKeyRefusedError:
                    continue
    return TransferFailedError(f"'{address.known_host}' showed no key by which it could be known")
