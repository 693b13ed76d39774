"""Tells what changes in the folders that somebody has open, whoever changes it: a browser, a terminal, `git pull`.

One thread for each watched folder, however many listen. Changes are collected for a moment and told once each. Where
too many come at once, or the folder itself comes or goes, the news is `rescan`: read it again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import threading
from collections.abc import Callable
from dataclasses import dataclass

from pfstudio.errors import PromptflowException, RateLimitedError
from pfstudio.share.handles import READ
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.sources import Batch, ChangeKind, EventSource, PollSource, Source, sends_events

logger = logging.getLogger("pfstudio.share")

MOST_FOLDERS = 500
_MOST_CHANGES = 500
_COLLECT_SECONDS = 0.15
_CHECK_SECONDS = 0.5
_ARMED_WITHIN_SECONDS = 5.0
_AGAIN_SECONDS = 10.0
_EVENTS_AGAIN_SECONDS = 600.0


class TooManyWatchedError(RateLimitedError):
    code = "too_many_watched"

    def __init__(self) -> None:
        super().__init__(f"More than {MOST_FOLDERS} folders are open in browsers; this one is not kept up to date.")
        self.retry_after = 30


@dataclass(frozen=True, slots=True)
class Change:
    """One file or folder; `path` is its share path."""

    path: str
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """News of a watched folder. With `rescan` nothing is listed: the folder is to be read again."""

    folder: SharePath
    changes: tuple[Change, ...] = ()
    rescan: bool = False


Listener = Callable[[FolderChanges], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One listener's interest in one folder."""

    _watcher: Watcher
    _folder: SharePath
    _listener: Listener

    def close(self) -> None:
        """Hear no more."""
        self._watcher.forget(self._folder, self._listener)


class Watcher:
    """Watches folders while somebody listens.

    `polling` is for file systems that send no events. With `events_only` a folder is not looked at instead where there
    are none, or not for so many folders: then nothing is told of it.
    """

    def __init__(
        self, share: Share, *, polling: bool = False, poll_seconds: float = 0.5, events_only: bool = False
    ) -> None:
        self._share = share
        self._polling = polling
        self._poll_seconds = poll_seconds
        self._events_only = events_only
        self._watched: dict[SharePath, _FolderWatch] = {}
        self._guard = threading.Lock()

    def watch(self, folder: SharePath, listener: Listener) -> Subscription:
        """Call `listener`, which must return at once, with what changes after this returns; from another thread.

        Raises:
            TooManyWatchedError: too many folders are watched.
        """
        with self._guard:
            watch = self._watched.get(folder)
            if watch is None:
                if len(self._watched) >= MOST_FOLDERS:
                    raise TooManyWatchedError
                watch = _FolderWatch(
                    self._share,
                    folder,
                    polling=self._polling,
                    poll_seconds=self._poll_seconds,
                    events_only=self._events_only,
                )
                self._watched[folder] = watch
                watch.start()
            watch.listeners = [*watch.listeners, listener]
        watch.armed.wait(_ARMED_WITHIN_SECONDS)
        return Subscription(self, folder, listener)

    def forget(self, folder: SharePath, listener: Listener) -> None:
        """One listener less; without any, the folder is not watched any more."""
        with self._guard:
            watch = self._watched.get(folder)
            if watch is None:
                return
            left = list(watch.listeners)
            with contextlib.suppress(ValueError):
                left.remove(listener)
            watch.listeners = left
            if not left:
                del self._watched[folder]
                watch.stop()

    def close(self) -> None:
        """Watch nothing any more."""
        with self._guard:
            for watch in self._watched.values():
                watch.stop()
            self._watched.clear()


class _FolderWatch(threading.Thread):
    """The thread of one folder."""

    def __init__(
        self, share: Share, folder: SharePath, *, polling: bool, poll_seconds: float, events_only: bool
    ) -> None:
        super().__init__(name=f"watch {folder.name}", daemon=True)
        self._share = share
        self._folder = folder
        self._polling = polling
        self._poll_seconds = poll_seconds
        self._events_only = events_only
        self._wake, self._waker = os.pipe2(os.O_CLOEXEC)
        self._stopping = False
        self._identity: tuple[int, int] | None = None
        self.armed = threading.Event()
        self.listeners: list[Listener] = []

    def stop(self) -> None:
        """End the thread soon; it closes what it holds."""
        self._stopping = True
        os.close(self._waker)

    def run(self) -> None:
        while not self._stopping:
            try:
                self._watch_once()
            except OSError as error:
                logger.warning("The folder %s cannot be watched just now: %s", self._folder, error)
                self._pause(_AGAIN_SECONDS)
        os.close(self._wake)

    def _watch_once(self) -> None:
        """Watch until the folder comes or goes, or events were missed."""
        source = self._arm()
        was_armed = self.armed.is_set()
        self.armed.set()
        if was_armed and source is not None:
            self._tell(FolderChanges(self._folder, rescan=True))
        if source is None:
            self._pause(_EVENTS_AGAIN_SECONDS if self._events_only else _CHECK_SECONDS)
            return
        try:
            self._follow(source)
        except OSError as error:
            logger.info("The folder %s is looked at now and then instead: %s", self._folder, error)
            self._polling = True
        finally:
            source.close()

    def _arm(self) -> Source | None:
        try:
            folder = self._open()
        except PromptflowException:
            return None
        try:
            info = os.fstat(folder)
            self._identity = (info.st_dev, info.st_ino)
            if not self._polling and sends_events(folder):
                with contextlib.suppress(OSError):
                    return EventSource(folder)
            return None if self._events_only else PollSource(folder, seconds=self._poll_seconds)
        finally:
            os.close(folder)

    def _open(self) -> int:
        """The folder; with `Users` it is that of everybody, which no share path opens."""
        if self._folder.is_users:
            self._share.require_there()
            return os.open(self._share.users, READ | os.O_DIRECTORY)
        return self._share.open(self._folder, READ | os.O_DIRECTORY)

    def _follow(self, source: Source) -> None:
        while not self._stopping:
            source.wait(self._wake, _CHECK_SECONDS)
            batch = Batch()
            source.collect(batch)
            if batch and not batch.missed:
                self._pause(_COLLECT_SECONDS)
                source.collect(batch)
            if not self._is_there():
                self._tell(FolderChanges(self._folder, rescan=True))
                return
            if batch.missed:
                return
            self._tell_batch(batch)

    def _is_there(self) -> bool:
        """Whether the path still leads to the folder that is watched."""
        try:
            folder = self._open()
        except PromptflowException:
            return False
        try:
            info = os.fstat(folder)
        finally:
            os.close(folder)
        return (info.st_dev, info.st_ino) == self._identity

    def _tell_batch(self, batch: Batch) -> None:
        if not batch:
            return
        if len(batch.changes) > _MOST_CHANGES:
            self._tell(FolderChanges(self._folder, rescan=True))
            return
        changes = [
            Change("/".join((str(self._folder), *(_shown(name) for name in names))), kind)
            for names, kind in sorted(batch.changes.items())
        ]
        self._tell(FolderChanges(self._folder, tuple(changes)))

    def _tell(self, changes: FolderChanges) -> None:
        for listener in self.listeners:
            listener(changes)

    def _pause(self, seconds: float) -> None:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.poll(seconds * 1000)


def _shown(name: str) -> str:
    """A name as the list of files shows it: bytes that are no UTF-8 as a replacement character."""
    return name if name.isascii() else os.fsencode(name).decode(errors="replace")
