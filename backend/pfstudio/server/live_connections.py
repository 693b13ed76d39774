"""Ends what is open when whoever opened it may no longer be there.

Event streams, WebSockets, git transfers and terminals live longer than the look at a cookie or token with which they
began. Each registers here. Every two seconds one question to the database finds the sessions and tokens that have
ended, expired, or belong to somebody who was disabled, removed or has got a lesser role since: so it does not matter
which web process, or which command, ended them. An end in this process is noticed at once (`check_soon`).
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from pfstudio.accounts.actor import Role
from pfstudio.accounts.sessions import Identity, roles_of
from pfstudio.db.session import Database

CHECK_SECONDS = 2.0
_RANK = {Role.VIEWER: 0, Role.AUTHOR: 1, Role.ADMIN: 2}

logger = logging.getLogger("pfstudio.server")


@dataclass(eq=False, slots=True)
class _Connection:
    identity: Identity
    close: Callable[[], None]


class LiveConnections:
    """The open connections of this process. Its thread runs only while there are some."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: set[_Connection] = set()
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def register(self, identity: Identity, close: Callable[[], None]) -> Callable[[], None]:
        """Have `close` called, once and from another thread, when `identity` ends; what is returned takes that back.

        `close` has to return at once. An identity that has ended by now is noticed within two seconds as well.
        """
        connection = _Connection(identity, close)
        with self._guard:
            self._open.add(connection)
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._watch, name="live-connections", daemon=True)
                self._thread.start()
        return lambda: self._forget(connection)

    @contextlib.contextmanager
    def registered(self, identity: Identity, close: Callable[[], None]) -> Iterator[None]:
        """`register` for as long as the block runs."""
        forget = self.register(identity, close)
        try:
            yield
        finally:
            forget()

    def check_soon(self) -> None:
        """Look at once instead of within two seconds: something of somebody has just been ended."""
        self._wake.set()

    def close(self) -> None:
        """Stop looking. The connections themselves end with the process."""
        with self._guard:
            self._is_closed = True
            thread = self._thread
        self._wake.set()
        if thread is not None:
            thread.join()

    def _forget(self, connection: _Connection) -> None:
        with self._guard:
            self._open.discard(connection)

    def _watch(self) -> None:
        while True:
            self._wake.wait(CHECK_SECONDS)
            self._wake.clear()
            with self._guard:
                if self._is_closed or not self._open:
                    self._thread = None
                    return
                found = list(self._open)
            for connection in self._ended(found):
                self._end(connection)

    def _ended(self, found: list[_Connection]) -> list[_Connection]:
        try:
            with self._database.read() as session:
                roles = roles_of(session, {connection.identity.id for connection in found})
        except SQLAlchemyError as error:
            # Nobody is thrown out because the database is away for a moment; without it nothing new begins either.
            logger.warning("Open connections could not be checked against the database: %s", type(error).__name__)
            return []
        return [connection for connection in found if not _still_may(connection.identity, roles)]

    def _end(self, connection: _Connection) -> None:
        with self._guard:
            if connection not in self._open:
                return
            self._open.discard(connection)
        try:
            connection.close()
        except Exception:  # One that fails must not keep the others open.
            logger.exception("A connection of '%s' could not be ended.", connection.identity.actor.username)


def _still_may(identity: Identity, roles: dict[str, Role]) -> bool:
    role = roles.get(identity.id)
    return role is not None and _RANK[role] >= _RANK[identity.actor.role]
