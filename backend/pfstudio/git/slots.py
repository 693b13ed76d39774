"""How many git commands run at once: so many for the folders of one user, and so many in all."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator

from pfstudio.git.errors import TooManyGitCommandsError

_MOST = 12
_MOST_OF_ONE = 4
_MOST_WAITING = 12
_SECONDS = 20.0

_changed = threading.Condition()
_running: Counter[str] = Counter()
_waiting: Counter[str] = Counter()


@contextlib.contextmanager
def slot(owner: str) -> Iterator[None]:
    """Waits for its turn, unless too many wait already: a hostile repository keeps its own owner waiting only.

    Raises:
        TooManyGitCommandsError: it is not its turn.
    """
    with _changed:
        if _waiting[owner] >= _MOST_WAITING:
            raise TooManyGitCommandsError(owner)
        _waiting[owner] += 1
        ends = time.monotonic() + _SECONDS
        try:
            while _running[owner] >= _MOST_OF_ONE or _running.total() >= _MOST:
                if not _changed.wait(ends - time.monotonic()):
                    raise TooManyGitCommandsError(owner)
        finally:
            _waiting[owner] -= 1
        _running[owner] += 1
    try:
        yield
    finally:
        with _changed:
            _running[owner] -= 1
            if not _running[owner]:
                del _running[owner]
            _changed.notify_all()
