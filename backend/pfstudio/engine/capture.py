"""What each node prints, told apart even while nodes run side by side."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TextIO

from pfstudio.engine.results import NodeLogs

_LIMIT = 1_000_000
_CUT = "\n… the rest of the output was cut.\n"
_STREAMS = ("stdout", "stderr")

Listener = Callable[[str, str], None]


class NodeOutput:
    """Collects what one node prints, and tells a listener each line as it ends."""

    __slots__ = ("_closed", "_length", "_listener", "_parts", "_rest")

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._parts: dict[str, list[str]] | None = None
        self._rest: dict[str, str] = {}
        self._length = 0
        self._closed = False

    def close(self) -> None:
        """Drop whatever is printed from now on."""
        self._closed = True

    def write(self, stream: str, text: str, real: TextIO) -> None:
        if self._closed:
            return
        if self._listener is None:
            real.write(text)
        else:
            self._tell(self._listener, stream, text)
        if self._length > _LIMIT:
            return
        if self._parts is None:
            self._parts = {name: [] for name in _STREAMS}
        self._length += len(text)
        self._parts[stream].append(text if self._length <= _LIMIT else text[: _LIMIT - self._length] + _CUT)

    def _tell(self, listener: Listener, stream: str, text: str) -> None:
        *lines, rest = (self._rest.get(stream, "") + text).split("\n")
        for line in lines:
            listener(stream, line)
        self._rest[stream] = rest

    def finish(self) -> NodeLogs:
        """What was printed so far; a last line without an end is told, too."""
        if self._parts is None:
            return _NOTHING
        for stream, rest in self._rest.items():
            if rest and self._listener is not None:
                self._listener(stream, rest)
        self._rest.clear()
        return NodeLogs("".join(self._parts["stdout"]), "".join(self._parts["stderr"]))


_NOTHING = NodeLogs()
current_output: ContextVar[NodeOutput | None] = ContextVar("pfstudio_node_output", default=None)


class _NodeAwareStream:
    """Stands in for `sys.stdout` or `sys.stderr`: text of a node goes to its `NodeOutput`, all else passes."""

    def __init__(self, name: str, real: TextIO) -> None:
        self.stream_name = name
        self.real = real

    def write(self, text: str) -> int:
        output = current_output.get()
        if output is None:
            return self.real.write(text)
        output.write(self.stream_name, text, self.real)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class _Installed:
    """How many lines run now; the streams are put back when the last one ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._streams: dict[str, _NodeAwareStream] = {}

    def __enter__(self) -> None:
        with self._lock:
            self._count += 1
            for name in _STREAMS:
                real = getattr(sys, name)
                if real is not None and not isinstance(real, _NodeAwareStream):
                    known = self._streams.get(name)
                    if known is None or known.real is not real:
                        known = self._streams[name] = _NodeAwareStream(name, real)
                    setattr(sys, name, known)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._count -= 1
            if self._count:
                return
            for name, stream in self._streams.items():
                if getattr(sys, name) is stream:
                    setattr(sys, name, stream.real)


captured_streams = _Installed()
