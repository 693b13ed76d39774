"""The bytes of files on the share: read, and replace at once and as a whole."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pfstudio.kit.ids import new_id
from pfstudio.share.errors import (
    FileTooLargeError,
    NotReadableError,
    ReservedPathError,
    StaleFileError,
    from_os_error,
)
from pfstudio.share.files import Entry, entry_of, etag_of, make_parents, require_writable
from pfstudio.share.handles import READ, Located, rename_new
from pfstudio.share.paths import TEMPORARY_PREFIX, Share, SharePath, require_new_name

_ONE_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Precondition:
    """What must be true of the file for a write to happen. Without either, anything goes.

    `match` holds the tags one of which the file must have (empty: it must exist); `none_match` the tags none of which
    it may have (empty: it must not exist).
    """

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None

    @classmethod
    def from_headers(cls, if_match: str | None, if_none_match: str | None) -> Precondition:
        """Read `If-Match` and `If-None-Match`. Quotes and the weak mark may be missing or there."""
        return cls(_tags(if_match), _tags(if_none_match))

    def holds(self, current: str | None) -> bool:
        """Whether a file with this tag (None: no file) may be written."""
        tag = current and current.strip('"')
        if self.match is not None and (tag is None or (self.match and tag not in self.match)):
            return False
        return self.none_match is None or tag is None or (bool(self.none_match) and tag not in self.none_match)


def _tags(header: str | None) -> frozenset[str] | None:
    if header is None:
        return None
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return frozenset() if "*" in tags else frozenset(tags)


UNCONDITIONAL = Precondition()


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file open for reading. It stays what it was when opened, whatever is saved meanwhile."""

    entry: Entry
    size: int
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Written:
    entry: Entry
    created: bool


def open_file(share: Share, path: SharePath) -> OpenedFile:
    """Open a file for reading; the caller closes `file`.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
        NotReadableError: it is a folder, or something that is no file at all.
    """
    fd = share.open(path)
    info = os.fstat(fd)
    if not stat.S_ISREG(info.st_mode):
        os.close(fd)
        raise NotReadableError(str(path), "a folder" if stat.S_ISDIR(info.st_mode) else "not a regular file")
    return OpenedFile(entry_of(share, path, info), info.st_size, os.fdopen(fd, "rb", buffering=0))


def read_bytes(share: Share, path: SharePath, *, limit: int | None = None) -> bytes:
    """The whole content.

    Raises:
        PathNotFoundError, NotReadableError: as `open_file`.
        FileTooLargeError: it is larger than `limit`.
    """
    opened = open_file(share, path)
    with opened.file:
        if limit is not None and opened.size > limit:
            raise FileTooLargeError(str(path), limit)
        return opened.file.read()


def read_pieces(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    """`length` bytes from `start`, piece by piece; closes the file at the end."""
    with file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(_ONE_READ, length))):
            length -= len(piece)
            yield piece


def write_bytes(share: Share, path: SharePath, content: bytes, condition: Precondition = UNCONDITIONAL) -> Written:
    """Replace or create a file, with the folders above it.

    Raises:
        StaleFileError: the condition does not hold; nothing was written.
    """
    with begin_write(share, path, condition) as upload:
        upload.write(content)
        return upload.commit()


def begin_write(share: Share, path: SharePath, condition: Precondition = UNCONDITIONAL) -> Upload:
    """Start writing a file beside its place. Until `commit`, nothing is changed.

    Raises:
        StaleFileError: the condition does not hold already.
        ReservedPathError, InvalidNameError, PathNotFoundError, NotReadableError: nothing can be written there.
    """
    if not path.parts:
        raise ReservedPathError(str(path), "it is a folder of the share itself")
    share.require_room_at(path)
    make_parents(share, path)
    with share.locate(path) as found:
        require_writable(path, found)
        if found.info is None:
            require_new_name(found.name)
        place = Located(os.dup(found.parent), found.name, found.names, found.info)
    try:
        return Upload(share, path, place, condition)
    except BaseException:
        place.close()
        raise


class Upload:
    """A file that is being written. Leaving the block without `commit` forgets it."""

    def __init__(self, share: Share, path: SharePath, place: Located, condition: Precondition) -> None:
        self._share, self._path, self._place, self._condition = share, path, place, condition
        self._size = 0
        self._replaced = -1
        self._executable: bool | None = None
        self._check(place.info)
        self._temporary = f"{TEMPORARY_PREFIX}{new_id()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._fd = os.open(self._temporary, flags, 0o666, dir_fd=place.parent)
        except OSError as error:
            raise from_os_error(error, str(path)) from error

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, content: bytes) -> None:
        """Add to the file.

        Raises:
            FileTooLargeError: more than one file may hold.
            QuotaExceededError: more than its owner may have.
            DiskFullError: no room is left.
        """
        self._size += len(content)
        if self._size > self._share.limits.file_bytes:
            raise FileTooLargeError(str(self._path), self._share.limits.file_bytes)
        self._share.require_room_at(self._path, self._grown)
        view = memoryview(content)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            raise from_os_error(error, str(self._path)) from error

    def adopt(self, file: Path) -> None:
        """Take a whole file of the same file system instead of writing one; it stays where it is, too.

        Raises:
            DiskFullError: it had to be copied, and no room is left.
        """
        parent = self._place.parent
        try:
            os.unlink(self._temporary, dir_fd=parent)
            try:
                os.link(file, self._temporary, dst_dir_fd=parent, follow_symlinks=False)
                flags = os.O_RDWR
            except OSError:  # Another file system, or one without hard links.
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
            fd = os.open(self._temporary, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=parent)
        except OSError as error:
            raise from_os_error(error, str(self._path)) from error
        os.close(self._fd)
        self._fd = fd
        if not flags & os.O_CREAT:
            self._size = os.fstat(fd).st_size
            self._share.require_room_at(self._path, self._grown)
        else:
            with file.open("rb") as source:
                while piece := source.read(_ONE_READ):
                    self.write(piece)

    def set_mode(self, mode: int) -> None:
        """Give a new file the permissions of `mode`; its owner may always read and write it."""
        os.fchmod(self._fd, mode & 0o777 | 0o600)

    def set_executable(self, *, executable: bool) -> None:
        """Whether the file may be executed, once it is in its place, by whoever may read it."""
        self._executable = executable

    def commit(self) -> Written:
        """Put the file in its place, whole.

        Raises:
            StaleFileError: the condition does not hold any more; nothing was changed.
            DiskFullError: no room is left.
        """
        place = self._place
        folder = os.fstat(place.parent)
        try:
            os.fsync(self._fd)
            # Without the device number, which differs between machines that share a file system.
            with self._share.locks.hold((folder.st_ino, place.name)):
                created = self._replace()
            info = os.fstat(self._fd)
            _sync_folder(place.parent)
        except OSError as error:
            raise from_os_error(error, str(self._path)) from error
        self._share.count_at(self._path, self._grown)
        return Written(entry_of(self._share, self._path, info), created)

    def take_files(self) -> tuple[int, int]:
        """After `commit`: the new file and the one it replaced, open for reading; -1 where there is none.

        The caller closes them. They stay what they are, whatever is saved meanwhile.
        """
        replaced, self._replaced = self._replaced, -1
        return _open_again(self._fd, self._place), replaced

    @property
    def _grown(self) -> int:
        """How much more than before the file takes."""
        return self._size - (self._place.info.st_size if self._place.info else 0)

    def _replace(self) -> bool:
        place = self._place
        current = _info(place)
        self._check(current)
        # The clock of the file system ticks a few hundred times a second; tags must differ between any two writes.
        now = time.time_ns()
        os.utime(self._fd, ns=(now, now))
        mode = stat.S_IMODE((current or os.fstat(self._fd)).st_mode)
        if self._executable is not None:
            mode = mode & ~0o111 | (mode & 0o444) >> 2 if self._executable else mode & ~0o111
        if current is None:
            os.fchmod(self._fd, mode)
            try:
                rename_new(place.parent, self._temporary, place.parent, place.name)
            except FileExistsError:  # Another process was faster: look again, and maybe refuse.
                return self._replace()
        else:
            os.fchmod(self._fd, mode)
            with contextlib.suppress(OSError):
                os.fchown(self._fd, current.st_uid, current.st_gid)
            self._replaced = _open_quietly(place.name, place.parent)
            os.rename(self._temporary, place.name, src_dir_fd=place.parent, dst_dir_fd=place.parent)
        self._temporary = ""
        return current is None

    def _check(self, current: os.stat_result | None) -> None:
        if current is not None and not stat.S_ISREG(current.st_mode):
            what = "a folder" if stat.S_ISDIR(current.st_mode) else "not a regular file"
            raise NotReadableError(str(self._path), what)
        if not self._condition.holds(etag_of(current) if current else None):
            raise StaleFileError(str(self._path))

    def close(self) -> None:
        """Forget what was not committed."""
        if self._fd < 0:
            return
        for fd in (self._fd, self._replaced):
            if fd >= 0:
                os.close(fd)
        self._fd = self._replaced = -1
        if self._temporary:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary, dir_fd=self._place.parent)
        self._place.close()


def _open_again(fd: int, place: Located) -> int:
    """The same file, for reading only: one that is open for writing cannot be executed."""
    for name, parent in ((place.name, place.parent), (f"/proc/self/fd/{fd}", None)):
        again = _open_quietly(name, parent, follow=parent is None)
        if again >= 0 and os.path.samestat(os.fstat(again), os.fstat(fd)):
            return again
        if again >= 0:
            os.close(again)
    return -1


def _open_quietly(name: str, parent: int | None, *, follow: bool = False) -> int:
    try:
        return os.open(name, READ | (0 if follow else os.O_NOFOLLOW), dir_fd=parent)
    except OSError:
        return -1


def _info(place: Located) -> os.stat_result | None:
    try:
        return os.stat(place.name, dir_fd=place.parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _sync_folder(folder: int) -> None:
    """Make a rename last through a power cut, where the file system knows how."""
    try:
        fd = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(fd)
