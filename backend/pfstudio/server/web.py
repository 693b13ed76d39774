"""The web process: a child of the supervisor, on whose listening socket it answers.

`python -m pfstudio.server SOCKET REPORT ALIVE [--with-link]` with three inherited file descriptors. One JSON line
to REPORT says that it is ready, or why it cannot be. SIGTERM ends it within seconds, SIGUSR1 lets it finish what it has
begun while its successor takes what is new.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

import uvicorn

from pfstudio.errors import PromptflowException
from pfstudio.sandbox.devices import protect_devices
from pfstudio.server import logs
from pfstudio.server.app import create_app
from pfstudio.server.deps import Studio
from pfstudio.server.protocol import BoundedProtocol
from pfstudio.server.settings import read_settings, variable_of
from pfstudio.server.startup import prepare_accounts

KEEP_ALIVE_SECONDS = 5
STOP_SECONDS = 3
DRAIN_SECONDS = 600
_PR_SET_PDEATHSIG = 1
# How long a thread may keep the interpreter while others wait. Requests are many short calls of the system, after each
# of which they wait for it again; with Python's usual 5 ms, one that computes makes all of them slow.
_SWITCH_SECONDS = 0.0005


class WebServer(uvicorn.Server):
    """uvicorn that leaves signals to us and says when it is ready."""

    def __init__(self, config: uvicorn.Config, studio: Studio, report: int, link: str | None) -> None:
        super().__init__(config)
        self._studio = studio
        self._report = report
        self._link = link
        self._is_draining = False

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.stop)
        loop.add_signal_handler(signal.SIGUSR1, lambda: loop.create_task(self.drain(sockets or [])))
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        await super().startup(sockets)
        _say(self._report, {"ready": True, "link": self._link})
        gc.freeze()  # What was loaded to get here stays; without this, each full collection would walk all of it.
        gc.enable()

    def stop(self) -> None:
        """End now: streams are closed, and answers under way get a few seconds."""
        self._studio.stopping.set()
        self.force_exit = self._is_draining  # Its wait for what it has begun cannot be shortened any more.
        self.should_exit = True

    async def drain(self, sockets: list[socket.socket]) -> None:
        """Take no new connections, answer on those there are until they are idle, then end."""
        for server in self.servers:
            server.close()
        for listening in sockets:
            listening.close()
        self._studio.stopping.set()
        self._is_draining = True
        self.config.timeout_graceful_shutdown = DRAIN_SECONDS
        # An idle connection is closed by its keep-alive time, never under a request that is on its way.
        await asyncio.sleep(KEEP_ALIVE_SECONDS + 1)
        self.should_exit = True


def main(arguments: list[str]) -> int:
    listening, report, alive = (int(text) for text in arguments[:3])
    sys.setswitchinterval(_SWITCH_SECONDS)
    protect_devices()
    _die_with_parent(alive)
    settings = read_settings(os.environ)
    for secret in ("secret_key", "admin_password", "database_url"):
        os.environ.pop(variable_of(secret), None)
    logs.configure(access_log=settings.access_log)
    app = create_app(settings)
    studio: Studio = app.state.studio
    try:
        link = prepare_accounts(studio, with_link="--with-link" in arguments)
    except PromptflowException as error:
        _say(report, {"ready": False, "error": str(error)})
        return 1
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="websockets-sansio",
        ws_max_size=1024 * 1024,
        ws_per_message_deflate=False,  # It would cost a key stroke its speed, and memory for each connection.
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=settings.access_log,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    WebServer(config, studio, report, link).run(sockets=[socket.socket(fileno=listening)])
    return 0


def _say(report: int, message: dict[str, object]) -> None:
    with contextlib.suppress(OSError):
        os.write(report, json.dumps(message).encode() + b"\n")
        os.close(report)


def _die_with_parent(alive: int) -> None:
    """End this process when the supervisor ends, however it ends."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    def wait() -> None:
        os.read(alive, 1)  # The supervisor never writes: this returns when its end is closed.
        os._exit(1)

    threading.Thread(target=wait, name="alive", daemon=True).start()
