"""A worker of a batch: loads the flow once, then runs the lines it is handed, one at a time."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Mapping
from io import TextIOWrapper
from json import loads
from os import _exit, getpid
from pathlib import Path
from time import monotonic
from typing import Any

from pfstudio.connections.types import Connection, ConnectionNotFoundError, connection_from_fields
from pfstudio.engine.failures import run_error
from pfstudio.engine.loading import load_executor
from pfstudio.engine.ports import LineExecutor
from pfstudio.sandbox.batch_errors import ForwardedError
from pfstudio.sandbox.batch_frames import Frame, FrameReader, pieces, receive
from pfstudio.sandbox.batch_lines import LineRunner
from pfstudio.sandbox.batch_load import cpu_seconds, private_memory
from pfstudio.sandbox.batch_watch import Watch
from pfstudio.sandbox.scrubbing import Scrubber

EXIT_PARENT_GONE = 73
_NODES_AT_ONCE = 2


class Channel:
    """The worker's end of its socket. Frames may be sent from any thread; only the main thread receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = FrameReader()
        self._waiting: deque[Frame] = deque()
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._owner = getpid()

    def send(self, head: Mapping[str, Any], body: bytes = b"") -> None:
        """Send one frame; a process that the user's code forked off ends here, for it must not speak for us."""
        if getpid() != self._owner:
            _exit(0)
        with self._lock:
            try:
                for piece in pieces(head, body):
                    self._connection.sendall(piece)
            except OSError:
                _exit(EXIT_PARENT_GONE)

    def receive(self) -> Frame:
        """The next frame; waits for it."""
        with self._asking:
            while not self._waiting:
                self._fill()
            return self._waiting.popleft()

    def ask(self, question: Mapping[str, Any]) -> Frame:
        """Send a question and wait for its answer; frames that come in between wait for `receive`."""
        with self._asking:
            self.send(question)
            while True:
                answer = next((frame for frame in self._waiting if frame[0].get("do") == "answer"), None)
                if answer is not None:
                    self._waiting.remove(answer)
                    return answer
                self._fill()

    def _fill(self) -> None:
        frames: list[Frame] = []
        if not receive(self._connection, self._reader, frames):
            _exit(EXIT_PARENT_GONE)
        self._waiting.extend(frames)


class AskedConnections:
    """A connection source whose connections are the caller's, asked for over the channel."""

    def __init__(self, channel: Channel, known: Mapping[str, Mapping[str, Any]]) -> None:
        self._channel = channel
        self._known = dict(known)

    def get(self, name: str) -> Connection:
        if name not in self._known:
            head, _ = self._channel.ask({"event": "connection", "name": name})
            if head.get("missing"):
                raise ConnectionNotFoundError(name)
            if "message" in head:
                raise ForwardedError(head["message"])
            self._known[name] = head["fields"]
        return connection_from_fields({"name": name, **self._known[name]})


def work(connection: socket.socket, setup: Mapping[str, Any], hello: Mapping[str, Any]) -> int:
    """Serve one batch until its other end closes; returns the exit code."""
    channel = Channel(connection)
    take_surroundings(setup)
    scrubber = Scrubber(AskedConnections(channel, hello["connections"]))
    started = monotonic()
    runner = LineRunner(setup, channel.send)
    try:
        executor = _load(setup, scrubber, runner)
    except BaseException as error:
        channel.send({"event": "refused", "error": _error_fields(error, Path(setup["flow"]).parent)})
        return 0
    ready = {"event": "ready", "aggregation": executor.has_aggregation, "flow_id": executor.flow.id}
    ready |= {"seconds": monotonic() - started, "cpu": cpu_seconds()}
    ready["memory"] = private_memory() if hello["weigh"] else 0
    gc.enable()
    runner.begin(executor, scrubber.scrub)
    channel.send(ready)
    _serve(channel, runner, executor, setup)
    return 0


def show_prints_at_once() -> None:
    """What is printed outside of nodes is seen as it comes, also when the process ends without a farewell."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace", line_buffering=True)


def take_surroundings(setup: Mapping[str, Any]) -> None:
    """The caller's search path, environment and current folder become this process's."""
    sys.path[:] = setup["path"]
    if dict(os.environ) != setup["environ"]:
        os.environ.clear()
        os.environ.update(setup["environ"])
    with contextlib.suppress(OSError):
        os.chdir(setup["cwd"])


def _load(setup: Mapping[str, Any], connections: Scrubber, runner: LineRunner) -> LineExecutor:
    _install_model_calls(setup)
    return load_executor(
        Path(setup["flow"]),
        connections=connections,
        variant=setup["variant"],
        environment_variables=setup["environment_variables"],
        init=setup["init"] or None,
        node_overrides=setup["node_overrides"] or None,
        observer=runner,
        concurrency=_NODES_AT_ONCE,
    )


def _install_model_calls(setup: Mapping[str, Any]) -> None:
    """Answer model calls from recordings and earlier runs, where that was asked for, and keep them for later ones."""
    given: Mapping[str, str | None] = setup["model_calls"]
    if not any(place for kind, place in given.items() if kind != "keep" or setup["uses_models"]):
        return
    install = importlib.import_module("pfstudio.models.recordings").install
    install(**{key: Path(value) if value else None for key, value in given.items()}, session=setup["run_id"])


def _serve(channel: Channel, runner: LineRunner, executor: LineExecutor, setup: Mapping[str, Any]) -> None:
    watch = Watch(runner, channel.send, setup["line_timeout"])
    to_aggregate: list[bytes] = []
    while True:
        head, body = channel.receive()
        if head["do"] == "lines":
            watch.take(loads(body))
            del body
            while (line := watch.next_line()) is not None:
                runner.run(*line)
        elif head["do"] == "to_aggregate":
            to_aggregate.append(body)
        elif head["do"] == "aggregate":
            from pfstudio.sandbox.batch_aggregation import aggregate

            channel.send(*aggregate(executor, to_aggregate, runner))


def _error_fields(error: BaseException, folder: Path) -> dict[str, Any]:
    failure = run_error(error, folder)
    return {name: getattr(failure, name) for name in ("message", "type", "code", "file", "line", "traceback", "record")}
