"""What a forked worker does: one test, told as events over its own socket."""

from __future__ import annotations

import os
import socket

from pfstudio.sandbox import protocol, testing
from pfstudio.sandbox.emitter import Emitter

EXIT_OK = 0
EXIT_NO_REQUEST = 71


def work(channel: socket.socket) -> int:
    """Run the one request that comes over `channel`; returns the exit code."""
    received = protocol.receive(channel)
    if received is None:
        return EXIT_NO_REQUEST
    request, _ = received
    emitter = Emitter(channel)
    emitter.emit({"event": "started"})
    os.chdir(request["folder"])
    emitter.emit({"event": "finished", "result": testing.run_test(request, emitter)})
    return EXIT_OK
