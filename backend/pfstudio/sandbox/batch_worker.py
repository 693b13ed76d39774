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
from collections.abc import Callable, Mapping
from io import TextIOWrapper
from json import loads
from os import _exit, getpid
from pathlib import Path
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

    def own(self) -> None:
        """A fork of the process that made this speaks for itself from now on."""
        self._owner = getpid()

    def close(self) -> None:
        self._connection.close()

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

    def __init__(self, ask: Callable[[Mapping[str, Any]], Frame], known: Mapping[str, Mapping[str, Any]]) -> None:
        self._ask = ask
        self._known = dict(known)

    def get(self, name: str) -> Connection:
        if name not in self._known:
            head, _ = self._ask({"event": "connection", "name": name})
            if head.get("missing"):
                raise ConnectionNotFoundError(name)
            if "message" in head:
                raise ForwardedError(head["message"])
            self._known[name] = head["fields"]
        return connection_from_fields({"name": name, **self._known[name]})


class LoadedFlow:
    """A flow in this process, and in forks of it, each of which serves the batch over a channel of its own."""

    _executor: LineExecutor

    def __init__(self, connection: socket.socket, setup: Mapping[str, Any], hello: Mapping[str, Any]) -> None:
        self._channel = Channel(connection)
        self._setup = setup
        self._scrubber = Scrubber(AskedConnections(self._ask, hello["connections"]))
        self._runner = LineRunner(setup, self._send)

    def load(self) -> bool:
        """Load it; where that fails the batch is told."""
        take_surroundings(self._setup)
        try:
            self._executor = _load(self._setup, self._scrubber, self._runner)
        except BaseException as error:
            self._send({"event": "refused", "error": _error_fields(error, Path(self._setup["flow"]).parent)})
            return False
        return True

    @property
    def is_object(self) -> bool:
        """Whether lines are calls of an object of the user's, which each worker is to make for itself."""
        return self._executor.is_object

    def disconnect(self) -> None:
        """Speak no more; a fork of this process does."""
        self._channel.close()

    def reconnect(self) -> None:
        """In a fork: go on speaking over the channel of the process it comes from."""
        self._channel.own()

    def connect(self, connection: socket.socket) -> None:
        """In a fork: speak over a channel of its own."""
        self._channel = Channel(connection)
        self._runner.take_logs()  # What was logged on loading has been told by the first.

    def serve(self, *, weigh: bool) -> int:
        """Run lines until the batch closes the channel; the answer is the exit code."""
        ready = {"event": "ready", "aggregation": self._executor.has_aggregation, "flow_id": self._executor.flow.id}
        ready |= {"cpu": cpu_seconds(), "memory": private_memory() if weigh else 0}
        gc.enable()
        self._runner.begin(self._executor, self._scrubber.scrub)
        self._send(ready)
        _serve(self._channel, self._runner, self._executor, self._setup)
        return 0

    def _ask(self, question: Mapping[str, Any]) -> Frame:
        return self._channel.ask(question)

    def _send(self, head: Mapping[str, Any], body: bytes = b"") -> None:
        self._channel.send(head, body)


def work(
    connection: socket.socket,
    setup: Mapping[str, Any],
    hello: Mapping[str, Any],
    share: Callable[[LoadedFlow], None] | None = None,
) -> int:
    """Serve one batch until its other end closes; returns the exit code. `share` forks others of the loaded flow."""
    flow = LoadedFlow(connection, setup, hello)
    if not flow.load():
        return 0
    if share is not None:
        share(flow)
    return flow.serve(weigh=hello["weigh"])


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
