"""Until when calls to a server wait because it said 429; the processes of a batch may share it.

Each server and key has a place in a block of memory, by a short hash: two that meet in one place wait for each other,
which is slow and harmless. Times are of `time.monotonic`, which all processes of a machine agree on.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, Final
from zlib import crc32

_PLACES: Final = 128
SIZE: Final = _PLACES * 8
_slots = memoryview(bytearray(SIZE)).cast("d")


def share(memory: Any) -> None:
    """Use this block of `SIZE` bytes, zero at first, from now on: memory that other processes use, too."""
    global _slots  # noqa: PLW0603 - one block for every client of the process, as there is one clock.
    _slots = memoryview(memory).cast("B")[:SIZE].cast("d")


def paused_until(server: str) -> float:
    """The moment from which on a call may be tried."""
    return _slots[_place(server)]


def pause(server: str, until: float) -> None:
    """Let every call to this server wait until then."""
    place = _place(server)
    _slots[place] = max(_slots[place], until)


def was_paused_since(moment: float) -> bool:
    """Whether a call to any server had to wait after this moment."""
    return max(_slots) > moment


def is_paused() -> bool:
    """Whether calls to any server wait now."""
    return was_paused_since(monotonic())


def _place(server: str) -> int:
    return crc32(server.encode("utf-8", "replace")) % _PLACES
