"""A real studio process, started as a person starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

USERNAME = "ada"


@dataclass
class Studio:
    """A running `pfstudio serve`; `link` signs the first user in, once."""

    address: str
    data: Path
    link: str
    process: subprocess.Popen[bytes]
    command: list[str]
    environment: dict[str, str]

    @property
    def home(self) -> Path:
        return self.data / "share/Users" / USERNAME / "promptflow"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_studio(data: Path, *, port: int = 0, **settings: str) -> Studio:
    port = port or free_port()
    command = [
        str(Path(sys.executable).parent / "pfstudio"),
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
        "--no-browser",
    ]
    environment = {**os.environ, "USER": USERNAME, "LOGNAME": USERNAME, **settings}
    log = data.parent / f"{data.name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"http://\S+#token=\S+\s", log.read_text()):
            link = found.group().strip()
            return Studio(link.split("/sign-in")[0], data, link, process, command, environment)
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"The studio printed no link:\n{log.read_text()}")


def stop_studio(studio: Studio) -> None:
    studio.process.send_signal(signal.SIGINT)
    studio.process.wait(timeout=20)


def restart_studio(studio: Studio) -> None:
    """Start a stopped studio again, at the same address."""
    with studio.data.parent.joinpath(f"{studio.data.name}.log").open("a") as output:
        studio.process = subprocess.Popen(
            studio.command, env=studio.environment, stdout=output, stderr=subprocess.STDOUT
        )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and studio.process.poll() is None:
        try:
            urllib.request.urlopen(f"{studio.address}/api/health", timeout=2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    studio.process.kill()
    raise AssertionError("The studio did not come back.")
