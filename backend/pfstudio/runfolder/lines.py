"""`lines.jsonl`: the record of a run's lines, written once and never changed.

A line of the file is what one line of the run produced. The first one with a line number counts; a last line without
its newline was torn by a kill and counts as not written.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from pfstudio.runfolder.errors import RunStorageError

LINES_FILE: Final = "lines.jsonl"
_SYNC_SECONDS: Final = 2.0


class LineWriter:
    """Appends records. A kill of this process loses none; a loss of power at most those of the last two seconds.

    `is_new` says that there were none before.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            path = folder / LINES_FILE
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            self._end = _whole_length(self._file)
            self.is_new = self._end == 0
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
        except OSError as error:
            raise RunStorageError(folder, error) from error
        self._synced = time.monotonic()

    def append(self, record: bytes) -> None:
        """Add one record, a JSON document without a newline; it is whole or not there.

        Raises:
            RunStorageError: the disk refuses; what was written before stays.
        """
        data = memoryview(record + b"\n")
        try:
            while data:
                data = data[os.write(self._file, data) :]
            self._end += len(record) + 1
            if time.monotonic() - self._synced > _SYNC_SECONDS:
                self._sync()
        except OSError as error:
            self._take_back()
            raise RunStorageError(self._folder, error) from error

    def close(self) -> None:
        try:
            self._sync()
        except OSError as error:
            raise RunStorageError(self._folder, error) from error
        finally:
            os.close(self._file)

    def _sync(self) -> None:
        os.fsync(self._file)
        self._synced = time.monotonic()

    def _take_back(self) -> None:
        """Half a record would hide the one that is appended next."""
        try:
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
        except OSError:
            return  # A torn last line is ignored by every reader.


def _whole_length(file: int) -> int:
    """Where the last newline ends."""
    position = os.fstat(file).st_size
    while position > 0:
        start = max(0, position - (1 << 16))
        os.lseek(file, start, os.SEEK_SET)
        block = os.read(file, position - start)
        newline = block.rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        position = start
    return 0
