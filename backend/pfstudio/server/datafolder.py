"""The data folder as one studio at a time uses it."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pfstudio.errors import ConflictError, InvalidError

LOCK_FILE = "studio.lock"


class DataFolderError(InvalidError):
    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(f"The data folder {folder} cannot be written: {error.strerror}. Choose another with --data.")


class DataFolderInUseError(ConflictError):
    def __init__(self, folder: Path, address: str) -> None:
        super().__init__(f"Another studio uses the data folder {folder} already, at {address or 'an unknown address'}.")


def make_data_folder(folder: Path) -> None:
    """Make the folder with its parts and see that it can be written.

    Raises:
        DataFolderError: it cannot.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "share" / "Users").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
            probe.flush()
    except OSError as error:
        raise DataFolderError(folder, error) from error


@contextmanager
def lock_data_folder(folder: Path, address: str) -> Iterator[None]:
    """Keep other studios from the folder, and leave word where this one is reached.

    Raises:
        DataFolderInUseError: another studio is there.
    """
    # Not inherited: the lock ends with the supervisor, not with a child that outlives it for a moment.
    with (folder / LOCK_FILE).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataFolderInUseError(folder, running_address(folder) or "") from error
        file.truncate(0)
        file.write(json.dumps({"address": address, "process": os.getpid()}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def running_address(folder: Path) -> str | None:
    """Where the studio that uses this folder is reached; None when there is none."""
    try:
        return str(json.loads((folder / LOCK_FILE).read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
