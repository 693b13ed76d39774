"""One writer at a time. The lock is a file that names its owner, so that a dead owner holds nothing.

An advisory lock of the system would be released with its process, but not every system and file system has one.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pfstudio.runfolder.errors import RunBusyError, RunStorageError
from pfstudio.runfolder.processes import is_alive, start_of

LOCK_FILE: Final = ".lock"
_TAKEOVER: Final = ".lock.takeover"
_MOMENT: Final = 5.0  # Longer than anybody needs to fill a lock that was just made.


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock. `start` tells the process from a later one of the same number."""

    pid: int
    start: str | None
    host: str
    token: str

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; a process of another machine is taken for alive."""
        return self.host != _host() or is_alive(self.pid, self.start)


class Lock:
    """The right to write a run's folder."""

    def __init__(self, folder: Path, token: str) -> None:
        self._folder = folder
        self._token = token

    def moved(self, folder: Path) -> None:
        """The folder has another name now."""
        self._folder = folder

    def release(self) -> None:
        owner = read_owner(self._folder)
        if owner is not None and owner.token == self._token:
            (self._folder / LOCK_FILE).unlink(missing_ok=True)


def take_lock(folder: Path) -> Lock:
    """Take the right to write; what a dead process left is taken over.

    Raises:
        RunBusyError: a living process has it.
    """
    token = secrets.token_hex(8)
    if _make(folder / LOCK_FILE, token):
        return Lock(folder, token)
    if is_locked(folder) or not _make(folder / _TAKEOVER, token):
        _forget_old(folder / _TAKEOVER)
        owner = read_owner(folder)
        raise RunBusyError(folder.name, owner.pid if owner else None)
    if is_locked(folder):  # Taken over since the first question: only one at a time gets here to ask again.
        (folder / _TAKEOVER).unlink(missing_ok=True)
        owner = read_owner(folder)
        raise RunBusyError(folder.name, owner.pid if owner else None)
    (folder / _TAKEOVER).replace(folder / LOCK_FILE)
    return Lock(folder, token)


def is_locked(folder: Path) -> bool:
    """Whether a living process writes the folder."""
    path = folder / LOCK_FILE
    owner = read_owner(folder)
    if owner is not None:
        return owner.is_alive
    try:
        return time.time() - path.stat().st_mtime < _MOMENT
    except OSError:
        return False


def read_owner(folder: Path) -> Owner | None:
    """Who holds the lock, dead or alive; None where nobody does or the file says nothing."""
    try:
        value = json.loads((folder / LOCK_FILE).read_text(encoding="utf-8"))
        return Owner(int(value["pid"]), value["start"], str(value["host"]), str(value["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _host() -> str:
    if hasattr(os, "uname"):
        return os.uname().nodename
    return os.environ.get("COMPUTERNAME", "")


def _make(path: Path, token: str) -> bool:
    pid = os.getpid()
    content = {"pid": pid, "start": start_of(pid), "host": _host(), "token": token}
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(content))
    except OSError as error:
        path.unlink(missing_ok=True)
        raise RunStorageError(path.parent, error) from error
    return True


def _forget_old(path: Path) -> None:
    """A takeover takes no time: one that is old was killed on its way."""
    try:
        if time.time() - path.stat().st_mtime > _MOMENT:
            path.unlink(missing_ok=True)
    except OSError:
        return
