"""The engine's observer in a worker: what happens becomes events on the worker's socket, within bounds."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

from pfstudio.engine.media import InlineMedia
from pfstudio.engine.results import NodeRun
from pfstudio.flow.spec import Flow
from pfstudio.sandbox import protocol
from pfstudio.sandbox.records import node_record

_LOG_BYTES = 2 * 2**20
_CHUNK_BYTES = 8 * 2**20
_RECORD_BYTES = 4 * 2**20
_ALL_RECORDS_BYTES = 16 * 2**20
_PREVIEW = 2_000


class Emitter:
    """A `RunObserver`; called from any thread of the worker."""

    def __init__(self, channel: socket.socket) -> None:
        self.scrub: Callable[[str], str] = str
        self.media = InlineMedia()
        self._channel = channel
        self._lock = threading.Lock()
        self._log_room = _LOG_BYTES
        self._chunk_room = _CHUNK_BYTES
        self._record_room = _ALL_RECORDS_BYTES

    def follow(self, flow: Flow) -> None:
        """Show images the way this flow writes them."""
        self.media = InlineMedia(flow.message_format)

    def emit(self, event: Mapping[str, Any]) -> None:
        """Send one event. Where the studio does not listen any more it will end this process anyway."""
        with self._lock:
            protocol.send(self._channel, event)

    def node_started(self, node: str, index: int | None) -> None:
        self.emit({"event": "node_started", "node": node})

    def node_finished(self, run: NodeRun) -> None:
        self.emit({"event": "node_finished", "run": self.record_of(run)})

    def log(self, level: str, message: str, node: str | None = None) -> None:
        size = len(message) + 64
        with self._lock:
            if self._log_room <= 0:
                return
            self._log_room -= size
            ends = self._log_room <= 0
        text = self.scrub(f"{message[:_PREVIEW]} …" if size > _LOG_BYTES // 4 else message)
        self.emit({"event": "log", "level": level, "message": text, "node": node})
        if ends:
            note = f"More than {_LOG_BYTES // 2**20} MiB was printed; the rest is left out."
            self.emit({"event": "log", "level": "warning", "message": note, "node": None})

    def output_chunk(self, node: str, text: str) -> None:
        with self._lock:
            self._chunk_room -= len(text)
            if self._chunk_room <= 0:
                return
        self.emit({"event": "chunk", "node": node, "text": text})

    def record_of(self, run: NodeRun) -> dict[str, Any]:
        """The run as an event carries it; what is too long for a screen is cut to its beginning."""
        record = node_record(run, self.media)
        record["logs"] = {stream: self.scrub(text) for stream, text in record["logs"].items()}
        size = _size(record)
        if size > _RECORD_BYTES or size > self._record_room:
            for key in ("inputs", "output", "api_calls"):
                record[key] = shortened(record[key], _PREVIEW)
            size = _size(record)
        self._record_room -= size
        return record


def shortened(value: Any, most: int) -> Any:
    """The value itself where its JSON is at most `most` characters long, else the beginning of that JSON."""
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def _size(record: Mapping[str, Any]) -> int:
    return len(json.dumps(record, ensure_ascii=False))
