"""Limits on guessing passwords."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from pfstudio.accounts.errors import TooManySignInsError

WINDOW_SECONDS = 300
TRIES_PER_NAME_AND_ADDRESS = 8
TRIES_PER_ADDRESS = 40
TRIES_PER_NAME = 60
MOST_KEYS = 20_000

_Key = tuple[str, str]


class SignInLimits:
    """Counts the tries of the last five minutes by name and address, by address and by name.

    The limit of a name alone is wide, so that nobody can lock somebody else out by guessing from one address. A try
    counts before its password is checked, so parallel tries do not slip through; a right password gives it back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[_Key, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, username: str, address: str) -> None:
        """Count a try.

        Raises:
            TooManySignInsError: one of the limits is reached; the try is not counted.
        """
        limits = _limits(username, address)
        with self._lock:
            now = self._clock()
            wait = max(self._wait(key, limit, now) for key, limit in limits.items())
            if wait > 0:
                raise TooManySignInsError(math.ceil(wait))
            for key in limits:
                self._tries.setdefault(key, deque()).append(now)
                self._tries.move_to_end(key)
            while len(self._tries) > MOST_KEYS:
                self._tries.popitem(last=False)

    def succeeded(self, username: str, address: str) -> None:
        """Forget the tries of this name from this address, and give back this one to the others."""
        with self._lock:
            for key, limit in _limits(username, address).items():
                tries = self._tries.get(key)
                if tries and limit == TRIES_PER_NAME_AND_ADDRESS:
                    tries.clear()
                elif tries:
                    tries.pop()
                if tries is not None and not tries:
                    del self._tries[key]

    def _wait(self, key: _Key, limit: int, now: float) -> float:
        tries = self._tries.get(key)
        if tries is None:
            return 0
        while tries and tries[0] <= now - WINDOW_SECONDS:
            tries.popleft()
        return tries[0] + WINDOW_SECONDS - now if len(tries) >= limit else 0


def _limits(username: str, address: str) -> dict[_Key, int]:
    return {
        (username, address): TRIES_PER_NAME_AND_ADDRESS,
        ("", address): TRIES_PER_ADDRESS,
        (username, ""): TRIES_PER_NAME,
    }
