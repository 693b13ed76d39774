"""The last of what a terminal has printed, for whoever comes back to it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

LARGEST = 512 * 1024


@dataclass(frozen=True, slots=True)
class Replay:
    """What to print, beginning at the `start`-th byte of all output. `is_whole` where the screen must be cleared first,
    since the reader has not seen what came before."""

    start: int
    data: bytes
    is_whole: bool


class Scrollback:
    """Keeps at most about `largest` bytes, and knows how many there were before."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self.end = 0
        """How many bytes were ever printed."""

    def append(self, data: bytes) -> None:
        self._chunks.append(data)
        self._size += len(data)
        self.end += len(data)
        while self._size > self._largest and len(self._chunks) > 1:
            self._size -= len(self._chunks.popleft())

    def since(self, seen: int | None) -> Replay:
        """What came after the first `seen` bytes; all there is where that is unknown or not kept any more."""
        data = b"".join(self._chunks)
        start = self.end - len(data)
        if seen is not None and start <= seen <= self.end:
            return Replay(seen, data[seen - start :], is_whole=False)
        if start > 0:
            # What is left of the first line may begin inside of an escape sequence or of a character.
            cut = data.find(b"\n", 0, len(data) // 2) + 1
            return Replay(start + cut, data[cut:], is_whole=True)
        return Replay(0, data, is_whole=True)
