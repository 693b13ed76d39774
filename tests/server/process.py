"""`pfstudio serve` as a process, for tests of how it starts and ends."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PFSTUDIO = str(Path(sys.executable).with_name("pfstudio"))


@dataclass
class Serving:
    """A started studio. `said` is its standard output so far."""

    process: subprocess.Popen[str]
    address: str
    said: str
    errors: Path

    @property
    def link_token(self) -> str:
        found = re.search(r"#token=(\S+)", self.said)
        assert found, self.said
        return found.group(1)

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1].partition("/")[0])

    def web_processes(self) -> list[int]:
        """The web processes that are its children."""
        return children_of(self.process.pid)

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(20)


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PFSTUDIO_")}
    return {**kept, "PFSTUDIO_BROWSER": "off", "USER": "ada", "LOGNAME": "ada", **variables}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself."""
    return subprocess.run(
        [PFSTUDIO, *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def serving(data: Path, *arguments: str, **variables: str) -> Iterator[Serving]:
    """A studio on a free port, ended at the end."""
    errors = data.with_name(f"{data.name}.stderr")
    with errors.open("w") as stream:
        process = subprocess.Popen(
            [PFSTUDIO, "serve", "--data", str(data), "--port", "0", *arguments],
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
            bufsize=1,
        )
    try:
        said = _read_until_ready(process)
        found = re.search(r"runs at (http://\S+)", said)
        assert found, said + errors.read_text()
        yield Serving(process, found.group(1), said, errors)
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = b""
    while b"\n" not in said and select.select([process.stdout], [], [], 30)[0]:
        chunk = os.read(process.stdout.fileno(), 65536)  # The greeting is written at once.
        if not chunk:
            break
        said += chunk
    return said.decode()


def children_of(parent: int) -> list[int]:
    """Its direct children that run."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # Gone before, or while, it was read.
        return False


def wait_until(condition: object, seconds: float = 15.0) -> None:
    """Wait for `condition()` to be true."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
