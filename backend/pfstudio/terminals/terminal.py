"""One terminal as the studio keeps it: its shell, the last of what it printed, and the page that shows it.

Everything here happens in the event loop of the web process. Output is read only as fast as the page says that it has
shown it, so that endless output stops the program that prints it and neither the page nor the studio.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from pfstudio.kit.clock import utc_now
from pfstudio.kit.ids import new_id
from pfstudio.terminals.pty import Pty
from pfstudio.terminals.scrollback import Replay, Scrollback

_CHUNK = 64 * 1024
_MOST_UNSEEN = 512 * 1024
"""Bytes on their way to the page, or in it and not shown yet, beyond which nothing more is read."""
_RESUME_BELOW = 128 * 1024
_PAUSE = 0.001
"""Seconds between two full chunks: other requests get their turn."""
_PAUSE_UNWATCHED = 0.1


class Attachment:
    """A page's view of a terminal. `next` gives what to send; it ends when another page takes over, or the terminal
    ends: `why` then says which."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.why: str | None = None
        self.is_over = asyncio.Event()
        self._pending: deque[bytes] = deque([replay.data] if replay.data else [])
        self.unseen = len(replay.data)
        self._wake = asyncio.Event()
        self._wake.set()

    def put(self, data: bytes) -> None:
        self._pending.append(data)
        self.unseen += len(data)
        self._wake.set()

    def end(self, why: str) -> None:
        self.why = self.why or why
        self.is_over.set()
        self._wake.set()

    async def next(self) -> bytes | None:
        """The next output, joined while it is small; None at the end."""
        while not self._pending:
            if self.why is not None:
                return None
            self._wake.clear()
            await self._wake.wait()
        data = self._pending.popleft()
        while self._pending and len(data) + len(self._pending[0]) <= _CHUNK:
            data += self._pending.popleft()
        return data


class Terminal:
    """A running shell of `owner`, started in `folder` (a share path)."""

    def __init__(self, pty: Pty, *, owner: str, folder: str) -> None:
        self.id = new_id(16)
        self.owner = owner
        self.folder = folder
        self.started_at: datetime = utc_now()
        self.last_used = time.monotonic()
        self.has_ended = asyncio.Event()
        self.end_reason = ""
        self.end_detail: str | None = None
        self._was_gone = False
        self._at_end: list[Callable[[], None]] = []
        self._pty = pty
        self.scrollback = Scrollback()
        self._attachment: Attachment | None = None
        self._loop = asyncio.get_running_loop()
        self._is_reading = False
        self._later: asyncio.TimerHandle | None = None
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._read_on()

    @property
    def pty(self) -> Pty:
        return self._pty

    @property
    def is_attached(self) -> bool:
        return self._attachment is not None

    def attach(self, seen: int | None, *, columns: int, rows: int) -> Attachment:
        """Show it on a page that has seen so many bytes of it; one that shows it already loses it."""
        if self._attachment is not None:
            self._attachment.end("taken")
        replay = self.scrollback.since(seen)
        self._attachment = Attachment(replay)
        if replay.is_whole and replay.start > 0:
            self._pty.resize(columns, rows + 1)  # A program that fills the screen draws it anew when the size changes.
        self._pty.resize(columns, rows)
        self._read_on()
        return self._attachment

    def detach(self, attachment: Attachment) -> None:
        """The page is gone. The shell goes on."""
        if self._attachment is attachment:
            self._attachment = None
            self._read_on()

    def acknowledge(self, attachment: Attachment, count: int) -> None:
        """The page has shown so many bytes."""
        attachment.unseen = max(0, attachment.unseen - max(0, count))
        if attachment is self._attachment and attachment.unseen < _RESUME_BELOW:
            self._read_on()

    def resize(self, columns: int, rows: int) -> None:
        self._pty.resize(columns, rows)

    async def write(self, data: bytes) -> None:
        """Type into it; waits while the programs in it do not read."""
        self.last_used = time.monotonic()
        view = memoryview(data)
        while view and not self.has_ended.is_set():
            try:
                view = view[os.write(self._pty.master, view) :]
            except BlockingIOError:
                self._can_write.clear()
                self._loop.add_writer(self._pty.master, self._writable)
                await self._can_write.wait()
            except OSError:
                return  # It has ended; the reader will tell.

    def ended(self, reason: str, detail: str | None = None) -> None:
        """It is over: no more is read, and its page hears why. The keeper then ends its processes."""
        if self.has_ended.is_set():
            return
        if reason == "exited" and self._pty.limit_met is not None:
            reason, detail = "limit", self._pty.limit_met
        self.end_reason, self.end_detail = reason, detail
        self._stop_reading()
        with contextlib.suppress(OSError, ValueError):
            self._loop.remove_writer(self._pty.master)
        self.has_ended.set()
        self._can_write.set()
        for act in self._at_end:
            act()
        if self._attachment is not None:
            self._attachment.end(reason)

    def at_end(self, act: Callable[[], None]) -> None:
        """Have `act` done when it ends."""
        self._at_end.append(act)

    def shell_is_gone(self) -> None:
        """Told again and again. What it printed last is read first, unless something else holds the terminal open."""
        if self._was_gone and self._is_reading:
            self.ended("exited")
        self._was_gone = True

    def _writable(self) -> None:
        self._loop.remove_writer(self._pty.master)
        self._can_write.set()

    def _read_on(self) -> None:
        is_full = self._attachment is not None and self._attachment.unseen > _MOST_UNSEEN
        if self._is_reading or self._later is not None or is_full or self.has_ended.is_set():
            return
        self._is_reading = True
        self._loop.add_reader(self._pty.master, self._readable)

    def _stop_reading(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._is_reading:
            self._is_reading = False
            self._loop.remove_reader(self._pty.master)

    def _readable(self) -> None:
        data, is_over = self._read()
        if data:
            self.last_used = time.monotonic()
            self.scrollback.append(data)
            if self._attachment is not None:
                self._attachment.put(data)
        if is_over:
            self.ended("exited")
            return
        is_full = self._attachment is not None and self._attachment.unseen > _MOST_UNSEEN
        if is_full:
            self._stop_reading()
        elif len(data) >= _CHUNK // 4:
            self._stop_reading()
            pause = _PAUSE if self._attachment is not None else _PAUSE_UNWATCHED
            self._later = self._loop.call_later(pause, self._resume)

    def _resume(self) -> None:
        self._later = None
        self._read_on()

    def _read(self) -> tuple[bytes, bool]:
        """What is there now, up to a chunk; and whether that was the last. The kernel hands out 4 kB at a time."""
        pieces: list[bytes] = []
        size = 0
        while size < _CHUNK:
            try:
                piece = os.read(self._pty.master, _CHUNK - size)
            except BlockingIOError:
                return b"".join(pieces), False
            except OSError:  # EIO: nobody has the other end open any more.
                piece = b""
            if not piece:
                return b"".join(pieces), True
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces), False
