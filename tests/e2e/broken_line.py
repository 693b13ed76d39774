"""A line between a browser and a studio that can be cut: after so many bytes, until it is mended."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

_AT_ONCE = 64 * 1024


class Line:
    """Passes connections on to the studio. `sent` counts what browsers sent through it."""

    def __init__(self, studio: str) -> None:
        place = urlsplit(studio)
        self._target = (place.hostname or "127.0.0.1", place.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._left: int | None = None
        self._is_cut = False
        self.sent = 0
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, size: int) -> None:
        """Cut the line when so many more bytes have gone to the studio."""
        self._left = size

    def mend(self) -> None:
        self._left, self._is_cut = None, False

    def close(self) -> None:
        self._listener.close()
        self._cut()

    def _cut(self) -> None:
        self._is_cut = True
        with self._guard:
            ends, self._open = self._open, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                if self._is_cut:
                    browser.close()
                    continue
                studio = socket.create_connection(self._target)
                with self._guard:
                    self._open |= {browser, studio}
                for one, other, counts in ((browser, studio, True), (studio, browser, False)):
                    threading.Thread(target=self._pump, args=(one, other, counts), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket, counts: bool) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(_AT_ONCE):
                if counts and not self._may_pass(len(data)):
                    self._cut()
                    return
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _may_pass(self, size: int) -> bool:
        with self._guard:
            self.sent += size
            if self._left is not None:
                self._left -= size
            return self._left is None or self._left > 0


@contextmanager
def broken_line(studio: str) -> Iterator[Line]:
    line = Line(studio)
    try:
        yield line
    finally:
        line.close()
