"""A real sshd on loopback, a child of the test, that lets git in by the keys it is given."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SshServer", "ssh_serving"]


@dataclass
class SshServer:
    folder: Path
    port: int

    def url(self, path: Path) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{path}"

    def let_in(self, public_key: str) -> None:
        (self.folder / "authorized_keys").write_text(public_key + "\n")
        (self.folder / "authorized_keys").chmod(0o600)


@contextmanager
def ssh_serving(folder: Path) -> Iterator[SshServer]:
    """Serve until the block ends."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program, "sshd is missing: scripts/prepare.py installs openssh-server."
    with suppress(OSError):  # Where we are root, sshd wants it; else it needs none.
        Path("/run/sshd").mkdir(exist_ok=True)
    folder.mkdir(mode=0o700, parents=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "host"], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = SshServer(folder, port)
    server.let_in("")
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        "PermitUserEnvironment no\nMaxStartups 100\n"
    )
    process = subprocess.Popen(
        [program, "-D", "-e", "-f", folder / "config"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port, process)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 10
    while True:
        assert process.poll() is None, "sshd did not start."
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert time.monotonic() < ends
        time.sleep(0.05)
