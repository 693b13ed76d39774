"""Terminals, as their page has them over the WebSocket: the first prompt, a key's echo, a flood of output."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from benchmarks.studio import start, stop, token_of
from benchmarks.table import Row

KEYS = 100
FLOOD = 50_000_000


def measure(folder: Path, rounds: int) -> list[Row]:
    process, port, _ = start(folder / "terminals")
    try:
        token = token_of(port)
        prompts = []
        for _ in range(rounds + 1):
            seconds, socket = _open(port, token)
            prompts.append(seconds)
            if len(prompts) <= rounds:
                socket.send(b"exit\n")
                socket.close()
        echo, rate = _echo(socket), _flood(socket)
        socket.close()
    finally:
        stop(process)
    return [
        Row("terminal: first prompt (median)", "ms", statistics.median(prompts[1:]) * 1000, 300),
        Row(f"terminal: a key's echo (median of {KEYS})", "ms", echo * 1000, 15),
        Row("terminal: 10 MB of output", "s", 10e6 / rate, 1),
    ]


def _open(port: int, token: str) -> tuple[float, ClientConnection]:
    """Seconds from asking to the shell's prompt."""
    own = f"127.0.0.1:{port}"
    began = time.perf_counter()
    socket = connect(
        f"ws://{own}/api/terminal",
        origin=f"http://{own}",  # type: ignore[arg-type]  # A plain text in the protocol.
        subprotocols=["pfstudio.terminal"],  # type: ignore[list-item]
        additional_headers={"Authorization": f"Bearer {token}"},
        compression=None,
        max_size=None,
    ).__enter__()
    _read_until(socket, b"$ ")
    return time.perf_counter() - began, socket


def _echo(socket: ClientConnection) -> float:
    times = []
    for _ in range(KEYS):
        began = time.perf_counter()
        socket.send(b"x")
        _read_until(socket, b"x")
        times.append(time.perf_counter() - began)
    socket.send(b"\x15")
    return statistics.median(times)


def _flood(socket: ClientConnection) -> float:
    socket.send(f"head -c {FLOOD} /dev/zero | tr '\\0' y | fold -w 79; echo do''ne\n".encode())
    began = time.perf_counter()
    size = _read_until(socket, b"done\r\n")
    return size / (time.perf_counter() - began)


def _read_until(socket: ClientConnection, wanted: bytes) -> int:
    size, end = 0, b""
    while wanted not in end:
        data = socket.recv(timeout=60)
        if isinstance(data, bytes):
            size += len(data)
            end = (end + data)[-200:]
            socket.send(json.dumps({"type": "shown", "count": len(data)}))
    return size
