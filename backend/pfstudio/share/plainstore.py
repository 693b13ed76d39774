"""Files that are too large for git, each once, named by the SHA-256 of its content."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pfstudio.kit.ids import new_id

try:
    import fcntl
except ImportError:  # Not POSIX: plain copies.
    fcntl = None  # type: ignore[assignment]

_FICLONE = 0x40049409
_PIECE = 1 << 20
_NAME = re.compile(r"[0-9a-f]{64}\Z")
_TEMPORARY = "tmp-"


class PlainStore:
    """A folder of large files. What is in it never changes; users cannot write it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, fd: int) -> str:
        """Keep the content of an open file and tell its hash.

        The copy is made first and hashed then: what is kept is what was hashed, whatever is written meanwhile.

        Raises:
            OSError: no room is left, or the file cannot be read.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self._folder / f"{_TEMPORARY}{new_id()}"
        copy = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
        try:
            _clone(fd, copy)
            name = _hash(copy)
            target = self.path(name)
            if not target.exists():
                os.fsync(copy)
                target.parent.mkdir(mode=0o700, exist_ok=True)
                temporary.rename(target)
        finally:
            os.close(copy)
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
        return name

    def path(self, name: str) -> Path:
        """Where the file of this hash is, or would be."""
        return self._folder / name[:2] / name

    def has(self, name: str) -> bool:
        return self.path(name).exists()

    def size(self, name: str) -> int:
        return self.path(name).stat().st_size

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading.

        Raises:
            FileNotFoundError: it was removed.
        """
        return self.path(name).open("rb", buffering=0)

    def copy_to(self, name: str, target: int) -> None:
        """Write a file into an open, empty one."""
        with self.open(name) as source:
            _clone(source.fileno(), target)

    def names(self) -> Iterator[str]:
        """The hashes of all that is kept."""
        for folder in self._folders():
            yield from (item.name for item in folder.iterdir() if _NAME.match(item.name))

    def keep_only(self, names: set[str]) -> int:
        """Delete all others and what was left half-written; tells how many bytes that freed."""
        freed = 0
        for folder in [self._folder, *self._folders()] if self._folder.exists() else []:
            for item in folder.iterdir():
                if item.name.startswith(_TEMPORARY) or (_NAME.match(item.name) and item.name not in names):
                    freed += item.stat().st_blocks * 512
                    item.unlink()
        return freed

    def bytes_used(self) -> int:
        return sum(self.path(name).stat().st_blocks * 512 for name in self.names())

    def _folders(self) -> list[Path]:
        return [item for item in self._folder.iterdir() if item.is_dir()] if self._folder.exists() else []


def _clone(source: int, target: int) -> None:
    """Copy by reference where the file system can, else the parts that are not holes."""
    if fcntl is not None:
        with contextlib.suppress(OSError):
            fcntl.ioctl(target, _FICLONE, source)
            return
    size = os.fstat(source).st_size
    os.ftruncate(target, size)
    position = 0
    while position < size:
        try:
            start = os.lseek(source, position, os.SEEK_DATA)
            end = os.lseek(source, start, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return  # Nothing but a hole is left.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
            start, end = position, size
        _copy(source, target, start, end)
        position = end


def _copy(source: int, target: int, start: int, end: int) -> None:
    while start < end and (piece := os.pread(source, min(_PIECE, end - start), start)):
        view = memoryview(piece)
        while view:
            written = os.pwrite(target, view, start)
            start += written
            view = view[written:]


def _hash(fd: int) -> str:
    digest, position = hashlib.sha256(), 0
    while piece := os.pread(fd, _PIECE, position):
        digest.update(piece)
        position += len(piece)
    return digest.hexdigest()
