"""What a run tells while it runs: its log and, on a terminal, how far it is."""

from __future__ import annotations

import sys
import time
from typing import Final

_WIDTH: Final = 24
_PAUSE: Final = 0.1


class ProgressBar:
    """One line on standard error that is drawn over; nothing where that is no terminal."""

    def __init__(self, *, shown: bool = True) -> None:
        self._is_shown = shown and sys.stderr.isatty()
        self._start = time.monotonic()
        self._drawn_at = 0.0
        self._is_drawn = False

    def update(self, done: int, failed: int, total: int) -> None:
        now = time.monotonic()
        if not self._is_shown or total == 0 or (now - self._drawn_at < _PAUSE and done < total):
            return
        self._drawn_at, self._is_drawn = now, True
        filled = _WIDTH * done // total
        sys.stderr.write(f"\r\x1b[K{'█' * filled}{'░' * (_WIDTH - filled)} {self._text(done, failed, total, now)}")
        sys.stderr.flush()

    def write_log(self, text: str) -> None:
        """Log text above the bar."""
        self.clear()
        sys.stderr.write(text)
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self._is_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_drawn = False

    def _text(self, done: int, failed: int, total: int, now: float) -> str:
        parts = [f"{done:,} of {total:,} lines"]
        if failed:
            parts.append(f"{failed:,} failed")
        passed = now - self._start
        if 0 < done < total and passed > 1:
            parts.append(f"about {_duration(passed / done * (total - done))} left")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
