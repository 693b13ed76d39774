"""The lines that wait, and the parent's view of one worker: what it has been handed and what it is doing."""

from __future__ import annotations

import json
import math
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.sandbox.batch_frames import Frame, FrameReader, pieces

_PIECE = 1 << 20
_SLICE_SECONDS = 0.03
_MOST_AT_ONCE = 64
_LARGE = 1 << 20


class LineQueue:
    """Positions in the batch's lines, in the order they are to be handed out."""

    def __init__(self, lines: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        self._lines = lines
        self._waiting = deque(range(len(lines)))

    def __len__(self) -> int:
        return len(self._waiting)

    def number(self, position: int) -> int:
        return self._lines[position][0]

    def share(self, worker: Worker, mean_seconds: float, workers: int) -> int:
        """How many lines the worker is to get now: one where lines are slow, a small time's worth where fast."""
        room = 1
        if 0 < mean_seconds < _SLICE_SECONDS:
            room = min(int(_SLICE_SECONDS / mean_seconds), _MOST_AT_ONCE, math.ceil(len(self) / (2 * workers)))
        if worker.outstanding > room // 2:
            return 0
        return min(room - worker.outstanding, len(self))

    def take(self, worker: Worker, count: int) -> bytes:
        """Hand the next lines to the worker; the answer is what to send. Large lines go alone."""
        parts: list[str] = []
        size = 0
        while self._waiting and len(parts) < count and size < _LARGE:
            position = self._waiting.popleft()
            number, inputs = self._lines[position]
            parts.append(json.dumps([number, dict(inputs)], separators=(",", ":"), default=str))
            size += len(parts[-1])
            worker.hand(position, number)
        return f"[{','.join(parts)}]".encode("ascii")

    def put_back(self, positions: Iterable[int]) -> None:
        """Lines that were handed out but not begun; they come next."""
        self._waiting.extendleft(sorted(positions, reverse=True))

    def take_all(self) -> list[int]:
        left = list(self._waiting)
        self._waiting.clear()
        return left


class Worker:
    """`killed_for` is why its running line was ended from outside; `leaves` says it will take no more lines."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.channel: socket.socket | None = None
        self.is_ready = False
        self.is_closed = False
        self.leaves = False
        self.waits = False
        self.was_asked = False
        self.killed_for: PromptflowException | None = None
        self._lines: deque[tuple[int, int]] = deque()
        self._since = time.monotonic()
        self._reader = FrameReader()
        self._outgoing: deque[memoryview] = deque()

    def connect(self, channel: socket.socket) -> None:
        self.channel = channel
        channel.setblocking(False)

    @property
    def outstanding(self) -> int:
        return len(self._lines)

    @property
    def current(self) -> int | None:
        """The position of the line it runs."""
        return self._lines[0][0] if self._lines else None

    @property
    def busy_since(self) -> float | None:
        """When it began to load the flow or to run its line; None while it has nothing to do."""
        return self._since if self._lines or not self.is_ready else None

    def hand(self, position: int, number: int) -> None:
        if not self._lines:
            self._since = time.monotonic()
        self._lines.append((position, number))

    def line_finished(self, number: int) -> None:
        self._lines = deque(line for line in self._lines if line[1] != number)
        self._since = time.monotonic()
        self.waits = False

    def give_back(self, numbers: Sequence[int]) -> list[int]:
        """The positions of lines that the worker has not begun."""
        given = set(numbers)
        back = [position for position, number in self._lines if number in given]
        self._lines = deque(line for line in self._lines if line[1] not in given)
        return back

    def unfinished(self) -> tuple[int | None, list[int]]:
        """Positions: of the line that ran, and of those behind it."""
        positions = self.take_all()
        return (positions[0], positions[1:]) if positions else (None, [])

    def take_all(self) -> list[int]:
        positions = [position for position, _ in self._lines]
        self._lines.clear()
        return positions

    @property
    def has_more_to_send(self) -> bool:
        return bool(self._outgoing)

    def send(self, head: Mapping[str, Any], body: bytes = b"") -> None:
        """Line a frame up; `write` sends what the socket takes."""
        self._outgoing.extend(map(memoryview, pieces(head, body)))

    def write(self) -> None:
        while self._outgoing and self.channel is not None:
            try:
                sent = self.channel.send(self._outgoing[0][:_PIECE])
            except BlockingIOError:
                return
            except OSError:  # It has ended; its end is told by the process that watches it.
                self._outgoing.clear()
                return
            self._outgoing[0] = self._outgoing[0][sent:]
            if not self._outgoing[0]:
                self._outgoing.popleft()

    def read(self) -> Iterator[Frame]:
        """The frames that have arrived."""
        while self.channel is not None and not self.is_closed:
            try:
                data = self.channel.recv(_PIECE)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.is_closed = True
                return
            yield from self._reader.feed(data)

    def close(self) -> None:
        if self.channel is not None:
            self.channel.close()
        self.is_closed = True
