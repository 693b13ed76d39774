"""One git command that changes something at a time on one repository, over all processes of the studio."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from pfstudio.git.errors import GitBusyError
from pfstudio.git.repository import Repository

SECONDS = 5.0
"""How long a command waits for its turn."""
_PAUSE = 0.02
_STRIPES = 4096
_TAKEN = (BlockingIOError, InterruptedError)


@contextlib.contextmanager
def alone(repository: Repository, *, seconds: float | None = None) -> Iterator[None]:
    """Waits a little for whoever works on the repository. What holds it longer, such as a fetch, is told.

    Raises:
        GitBusyError: another one works on it still.
    """
    folder = repository.share.root.parent / "locks" / "git"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{repository.inode % _STRIPES:03x}"
    file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        ends = time.monotonic() + (SECONDS if seconds is None else seconds)
        while not _take(file):
            if time.monotonic() >= ends:
                raise GitBusyError(str(repository.root))
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(file)  # And with it the lock.


def _take(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except _TAKEN:
        return False
    return True
