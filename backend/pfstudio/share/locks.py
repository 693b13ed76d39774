"""Locks by key: among the threads of this process, and among all processes that use the same folder of lock files."""

from __future__ import annotations

import errno
import os
import threading
import zlib
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Not POSIX: one process only.
    fcntl = None  # type: ignore[assignment]

STRIPES = 256
"""Lock files at most. Keys share them, so that there is never one to clean up and never a race about doing so."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


class KeyedLocks:
    """One lock for each key that is in use, and none for the rest. Threads of this process only."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Hashable, tuple[threading.Lock, int]] = {}

    @contextmanager
    def hold(self, key: Hashable) -> Iterator[None]:
        """Waits for whoever holds the key, then holds it until the block ends."""
        with self._guard:
            lock, users = self._locks.get(key, (threading.Lock(), 0))
            self._locks[key] = (lock, users + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                _, users = self._locks[key]
                if users == 1:
                    del self._locks[key]
                else:
                    self._locks[key] = (lock, users - 1)


class SharedLocks:
    """Locks by key that also keep other processes out. A process that dies lets go of its own.

    Where the file system knows no locks, they keep out the threads of this process only. A thread holds one at a time:
    two keys may mean the same file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = KeyedLocks()

    @contextmanager
    def hold(self, key: tuple[int | str, ...]) -> Iterator[None]:
        """Waits for whoever holds the key, then holds it until the block ends.

        Raises:
            OSError: the lock file cannot be made.
        """
        stripe = zlib.crc32(repr(key).encode(errors="surrogatepass")) % STRIPES
        with self._threads.hold(stripe), self._processes(stripe):
            yield

    @contextmanager
    def _processes(self, stripe: int) -> Iterator[None]:
        if fcntl is None:
            yield
            return
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = os.open(self._folder / f"{stripe:02x}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(file)
            yield
        finally:
            os.close(file)  # And with it the lock.


def _lock(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
