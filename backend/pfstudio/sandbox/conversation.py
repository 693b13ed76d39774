"""The studio's side of one worker: sends it the request, turns what it says into the events of a `RunningTest`."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.sandbox import protocol
from pfstudio.sandbox.errors import EventLimitError
from pfstudio.sandbox.limits import Limits
from pfstudio.sandbox.records import own_error_record, result_without_output
from pfstudio.sandbox.running import RunningTest

_KNOWN_EVENTS = ("started", "node_started", "node_finished", "log", "chunk", "finished")
_PIECE = 1 << 18


class Conversation:
    """Owned by the keeper's thread. `reason` says why we ended it, where we did."""

    def __init__(self, test: RunningTest, channel: socket.socket, raw_output: int, limits: Limits) -> None:
        self.test = test
        self.channel: socket.socket | None = channel
        self.raw_output: int | None = raw_output
        self.reason: PromptflowException | None = None
        self.kill_by: float | None = None
        self.started = time.monotonic()
        self._limits = limits
        self._outgoing = protocol.encode(test.request.to_message())
        self._reader = protocol.FrameReader()
        self._running_nodes: list[str] = []
        self._received = 0
        self._raw_bytes = 0
        channel.setblocking(False)
        os.set_blocking(raw_output, False)

    @property
    def has_more_to_send(self) -> bool:
        return bool(self._outgoing)

    @property
    def has_answered(self) -> bool:
        return self._received > 0

    @property
    def running_nodes(self) -> list[str]:
        return list(self._running_nodes)

    def write(self) -> None:
        """Send what the socket takes of the request."""
        if self.channel is None:
            return
        try:
            sent = self.channel.send(self._outgoing[:_PIECE])
        except BlockingIOError:
            return
        except OSError:
            self._outgoing = b""
            return
        self._outgoing = self._outgoing[sent:]

    def read(self) -> bool:
        """Take what has arrived; False once the worker's end is closed.

        Raises:
            ProtocolError, EventLimitError: the worker says something it must not.
        """
        if self.channel is None:
            return False
        try:
            data = self.channel.recv(_PIECE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._received += len(data)
        if self._received > self._limits.events:
            raise EventLimitError(self._limits.events)
        for event in self._reader.feed(data):
            self._take(event)
        return bool(data)

    def read_raw_output(self) -> bool:
        """What the worker's processes wrote to their standard output and error past Python; False at its end."""
        if self.raw_output is None:
            return False
        try:
            data = os.read(self.raw_output, _PIECE)
        except BlockingIOError:
            return True
        room = self._limits.raw_output - self._raw_bytes
        self._raw_bytes += len(data)
        if data and room > 0:
            text = data[:room].decode("utf-8", errors="replace")
            note = "" if len(data) <= room else "\n… more output was left out."
            self.test.publish({"event": "log", "level": "stdout", "message": text.rstrip("\n") + note, "node": None})
        return bool(data)

    def drain(self) -> None:
        """Take what is left; called when every process that could write more has ended."""
        with contextlib.suppress(PromptflowException):
            self._read_all()

    def _read_all(self) -> None:
        for reads in (self.read_raw_output, self.read):
            end = time.monotonic() + 0.5
            before = -1
            while reads() and self._received + self._raw_bytes != before and time.monotonic() < end:
                before = self._received + self._raw_bytes

    def finish(self, error: PromptflowException, status: str) -> None:
        """End the test with our own sentence, where the worker has not ended it itself."""
        node = self._running_nodes[0] if len(self._running_nodes) == 1 else None
        result = result_without_output(
            own_error_record(error, node),
            time.monotonic() - self.started,
            status=status,
            node_runs=self._finished_runs(),
        )
        self.test.publish({"event": "finished", "result": result})

    def close(self) -> None:
        if self.channel is not None:
            self.channel.close()
        if self.raw_output is not None:
            os.close(self.raw_output)
        self.channel = self.raw_output = None

    def _take(self, event: dict[str, Any]) -> None:
        kind = event.get("event")
        if kind not in _KNOWN_EVENTS:
            raise protocol.ProtocolError("A worker sent an event that does not exist.")
        if kind == "finished" and not isinstance(event.get("result"), dict):
            raise protocol.ProtocolError("A worker sent no result.")
        if kind == "node_started":
            self._running_nodes.append(str(event.get("node")))
        elif kind == "node_finished" and isinstance(event.get("run"), dict):
            node = str(event["run"].get("node"))
            self._running_nodes = [name for name in self._running_nodes if name != node]
        self.test.publish(event)

    def _finished_runs(self) -> list[Any]:
        return [event["run"] for event in self.test.seen() if event["event"] == "node_finished"]
