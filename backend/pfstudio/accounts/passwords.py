"""Hashes and checks passwords with argon2id, so many at once as the machine bears."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from pfstudio.accounts.errors import InvalidPasswordError, TooManySignInsError

SHORTEST = 8
LONGEST = 256

# Checked when there is no such user or no password, so that both answers take the same time. Nobody knows its password.
_NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$iF8wyFBoY8ueo8yb65nX6A$lNCj8bLOTSY4dRnyv0LG9Y0sNvnQxPJ2avj/tjFemMo"


def check_password_rules(password: str, *, username: str) -> str:
    """`password` itself, when it may be one.

    Raises:
        InvalidPasswordError: too short, too long, or the user name.
    """
    if len(password) < SHORTEST:
        raise InvalidPasswordError(f"it needs at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise InvalidPasswordError(f"it may have at most {LONGEST} characters.")
    if password.casefold() == username.casefold():
        raise InvalidPasswordError("it is the user name.")
    return password


class Passwords:
    """Argon2id with 19 MiB, two passes and one lane: about 35 ms on one core.

    At most `at_once` hashes are computed at a time and `waiting` more callers wait; further ones are refused, so that a
    flood of sign-ins takes neither all threads nor all memory.
    """

    def __init__(self, *, at_once: int = 2, waiting: int = 6) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
        self._running = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)

    def hash(self, password: str) -> str:
        """The text to store for a password.

        Raises:
            TooManySignInsError: too many callers wait already.
        """
        with self._place():
            return self._hasher.hash(password)

    def fits(self, stored: str | None, password: str) -> bool:
        """Whether the password belongs to the stored text; takes the same time when nothing is stored.

        Raises:
            TooManySignInsError: too many callers wait already.
        """
        with self._place():
            try:
                right = self._hasher.verify(stored or _NOBODYS_HASH, password[:LONGEST])
            except (VerificationError, InvalidHashError):
                return False
            return right and stored is not None and len(password) <= LONGEST

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise TooManySignInsError(1)
        try:
            with self._running:
                yield
        finally:
            self._places.release()
