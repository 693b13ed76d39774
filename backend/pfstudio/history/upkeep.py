"""What is done for the snapshot store in a thread of its own: packing, looking around, retention; and the watch over
the whole share, so that what a terminal or an agent changes is recorded while nobody has a page open.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from pfstudio.errors import PromptflowException
from pfstudio.history.retention import Retention
from pfstudio.history.sorting import folders_with_histories
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_upkeep import pack_if_worth
from pfstudio.share.watch import FolderChanges, Watcher

logger = logging.getLogger("pfstudio.history")

_FIRST_SECONDS = 3.0
_CHECK_SECONDS = 60.0
_LOOK_EVERY = 3600.0
_RETAIN_EVERY = 24 * 3600.0
_BETWEEN_FOLDERS = 0.3
_USERS = SharePath(None, (), is_users=True)


class Upkeep:
    """Runs once started. Whatever fails is logged and tried again the next time."""

    def __init__(self, store: SnapshotStore, share: Share, retention: Retention) -> None:
        self._store = store
        self._share = share
        self._retention = retention
        self._added = 0
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._next_look = 0.0
        # A share on network storage, or one of very many folders, is looked at every hour only.
        self._watcher = Watcher(share, events_only=True)

    def start(self, look: Callable[[SharePath], None], known: Callable[[], list[SharePath]]) -> None:
        """Begin; `look` is called with each folder whose files may have changed unnoticed: those that are there, and
        those `known` to have been."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, args=(look, known), name="history upkeep", daemon=True)
            self._thread.start()

    def added(self, versions: int) -> None:
        """So many versions came in."""
        self._added += versions

    def close(self) -> None:
        """End; what has begun is left to itself."""
        self._ending.set()
        self._watcher.close()

    def _run(self, look: Callable[[SharePath], None], known: Callable[[], list[SharePath]]) -> None:
        self._next_look = time.monotonic()
        next_retention = self._next_look + _LOOK_EVERY
        pause = _FIRST_SECONDS
        self._watcher.watch(_USERS, lambda changes: self._heard(changes, look))
        while not self._ending.wait(pause):
            pause = _CHECK_SECONDS
            try:
                if self._added:
                    self._added = 0
                    pack_if_worth(self._store)
                if time.monotonic() >= self._next_look:
                    self._next_look = time.monotonic() + _LOOK_EVERY
                    self._look_around(look, known)
                if time.monotonic() >= next_retention:
                    next_retention = time.monotonic() + _RETAIN_EVERY
                    self._retention.apply()
            except (OSError, PromptflowException, SQLAlchemyError) as error:
                logger.warning("The upkeep of the history is tried again: %s", error)

    def _heard(self, changes: FolderChanges, look: Callable[[SharePath], None]) -> None:
        if changes.rescan:  # More than could be told; every folder is looked at soon.
            self._next_look = time.monotonic()
        for change in changes.changes:
            path = SharePath.parse(change.path)
            if path.parts:
                look(path)

    def _look_around(self, look: Callable[[SharePath], None], known: Callable[[], list[SharePath]]) -> None:
        """Have every folder looked at, one after the other: changes made while nobody watched are recorded."""
        for path in dict.fromkeys([*folders_with_histories(self._share), *known()]):
            look(path)
            if self._ending.wait(_BETWEEN_FOLDERS):
                return
