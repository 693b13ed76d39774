"""Linux's file events, by folder handle: the kernel is told which folder to watch, never which path.

The watching library the project has besides follows links wherever they lead, also out of the share.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from dataclasses import dataclass

MODIFY, ATTRIB, MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x02, 0x04, 0x40, 0x80, 0x100, 0x200
DELETE_SELF, MOVE_SELF, OVERFLOW, IGNORED, IS_FOLDER = 0x400, 0x800, 0x4000, 0x8000, 0x40000000
_MASK = MODIFY | ATTRIB | MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF
_ONLY_FOLDERS = 0x01000000
_HEADER = struct.Struct("iIII")
_BUFFER = 1 << 16

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class RawEvent:
    """What the kernel says. `folder` is the number that `add` gave; `name` is empty for the folder itself."""

    folder: int
    mask: int
    name: str


class Inotify:
    """One queue of file events.

    Raises:
        OSError: the system has none, or no more of them.
    """

    def __init__(self) -> None:
        start = getattr(_libc, "inotify_init1", None)
        self.fd: int = -1 if start is None else start(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "File events are not available")

    def add(self, folder_fd: int) -> int:
        """Hear about an open folder.

        Raises:
            OSError: no more can be watched, or it is no folder any more.
        """
        path = f"/proc/self/fd/{folder_fd}".encode()
        number: int = _libc.inotify_add_watch(self.fd, path, _MASK | _ONLY_FOLDERS)
        if number < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return number

    def remove(self, number: int) -> None:
        """Hear no more about a folder."""
        _libc.inotify_rm_watch(self.fd, number)

    def read(self) -> list[RawEvent]:
        """What has come in; nothing where nothing has."""
        events = []
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.fd, _BUFFER)
            at = 0
            while at < len(data):
                folder, mask, _, length = _HEADER.unpack_from(data, at)
                at += _HEADER.size
                name = data[at : at + length].rstrip(b"\0")
                at += length
                events.append(RawEvent(folder, mask & 0xFFFFFFFF, os.fsdecode(name)))
        return events

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
