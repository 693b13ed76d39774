"""Opening what lies beneath a folder, wherever the links in it lead.

Two ways, with the same answers: one `openat2` call (Linux 5.6+), and a walk that opens name after name without
following links and resolves each link itself. The walk is used where the kernel or a container refuses `openat2`, for
absolute links (which may well stay inside), and for everything that changes something, because it knows the real
names it went through. A path that leaves raises like one that does not exist. POSIX only; the studio's own.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType

_OPENAT2 = 437  # The number on every Linux architecture.
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_BENEATH = 0x08
_RENAME_NOREPLACE = 1
_MOST_LINKS = 40
_REFUSED = {errno.ENOSYS, errno.EPERM, errno.EXDEV, errno.EAGAIN, errno.E2BIG}

O_PATH = getattr(os, "O_PATH", os.O_RDONLY)
_FOLDER = O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Never waits for the other end of a FIFO, never makes a terminal ours.
READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_libc = ctypes.CDLL(None, use_errno=True)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


@dataclass(slots=True)
class Root:
    """An open folder that nothing may leave. Absolute links may name it by `path`; without one, none may."""

    fd: int
    path: str | None = None

    @classmethod
    def open(cls, path: str, *, follow: bool = False) -> Root:
        flags = _FOLDER & ~os.O_NOFOLLOW if follow else _FOLDER
        return cls(os.open(path, flags), path)

    def below(self, target: str) -> tuple[str, ...] | None:
        """The names that an absolute path has inside the folder; None where it leads elsewhere."""
        if self.path is None:
            return None
        names = _names(target)
        # Asked only by absolute links: to find the real path takes longer than to open the folder.
        bases = {_names(os.path.abspath(self.path)), _names(os.path.realpath(self.path))}  # noqa: PTH100
        return next((below for base in bases if (below := _below(names, base)) is not None), None)

    def __enter__(self) -> Root:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.fd)


@dataclass(slots=True)
class Located:
    """A name in an open folder. `names` is the real way there from the root; `info` is None where nothing is yet."""

    parent: int
    name: str
    names: tuple[str, ...]
    info: os.stat_result | None

    def close(self) -> None:
        if self.parent >= 0:
            os.close(self.parent)
            self.parent = -1


def open_beneath(root: Root, names: Sequence[str], flags: int, *, use_openat2: bool = True) -> int:
    """A descriptor of what `names` lead to, links followed.

    Raises:
        OSError: as `open` does; ENOENT also where the way leaves the root.
    """
    if use_openat2 and sys.platform == "linux":
        how = _OpenHow(flags, 0, _RESOLVE_BENEATH | _RESOLVE_NO_MAGICLINKS)
        path = "/".join(names) or "."
        fd: int = _libc.syscall(_OPENAT2, root.fd, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
        if fd >= 0:
            return fd
        code = ctypes.get_errno()
        if code not in _REFUSED:
            raise OSError(code, os.strerror(code), path)
    with locate(root, names) as found:
        return os.open(found.name, flags | os.O_NOFOLLOW, dir_fd=found.parent)


@contextlib.contextmanager
def locate(root: Root, names: Sequence[str], *, follow_leaf: bool = True) -> Iterator[Located]:
    """The open folder and the name that `names` lead to; the name itself need not exist.

    Raises:
        OSError: ENOENT where a folder on the way is missing or the way leaves the root.
    """
    walk = _Walk(root, names, follow_leaf)
    found = walk.run()
    try:
        yield found
    finally:
        found.close()


class _Walk:
    """One walk. Holds the open folders from the root to where it is."""

    def __init__(self, root: Root, names: Sequence[str], follow_leaf: bool) -> None:
        self.root = root
        self.pending = deque(names)
        self.follow_leaf = follow_leaf
        self.folders = [os.dup(root.fd)]
        self.names: list[str] = []
        self.links = 0

    def run(self) -> Located:
        try:
            found = self._walk()
            found.parent = os.dup(self.folders[-1])
            return found
        finally:
            self._forget(0)

    def _walk(self) -> Located:
        while self.pending:
            name = self.pending.popleft()
            if name == "..":
                self._up()
                continue
            is_leaf = not self.pending
            info = self._info(name, may_miss=is_leaf)
            if info and stat.S_ISLNK(info.st_mode) and (self.follow_leaf or not is_leaf):
                self._follow(name)
            elif is_leaf:
                return Located(-1, name, (*self.names, name), info)
            else:
                self.folders.append(os.open(name, _FOLDER, dir_fd=self.folders[-1]))
                self.names.append(name)
        return Located(-1, ".", tuple(self.names), os.fstat(self.folders[-1]))

    def _info(self, name: str, *, may_miss: bool) -> os.stat_result | None:
        try:
            return os.stat(name, dir_fd=self.folders[-1], follow_symlinks=False)
        except FileNotFoundError:
            if may_miss:
                return None
            raise

    def _up(self) -> None:
        if not self.names:
            raise FileNotFoundError(errno.ENOENT, "The path leaves its root")
        self.names.pop()
        os.close(self.folders.pop())

    def _follow(self, name: str) -> None:
        self.links += 1
        if self.links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
        target = os.readlink(name, dir_fd=self.folders[-1])
        if not target.startswith("/"):
            self.pending.extendleft(reversed(_names(target)))
            return
        below = self.root.below(target)
        if below is None:
            raise FileNotFoundError(errno.ENOENT, "The link leaves its root")
        self._forget(1)
        self.names.clear()
        self.pending.extendleft(reversed(below))

    def _forget(self, keep: int) -> None:
        while len(self.folders) > keep:
            os.close(self.folders.pop())


def rename_new(source: int, old: str, target: int, new: str) -> None:
    """Rename, or fail with EEXIST where something stands there already.

    Raises:
        OSError: as `rename` does.
    """
    rename = getattr(_libc, "renameat2", None)
    if rename is not None:
        if rename(source, os.fsencode(old), target, os.fsencode(new), _RENAME_NOREPLACE) == 0:
            return
        code = ctypes.get_errno()
        if code not in (errno.ENOSYS, errno.EINVAL, errno.EPERM):
            raise OSError(code, os.strerror(code), new)
    # Some network file systems know no such rename: look first, which leaves a moment for others.
    with contextlib.suppress(FileNotFoundError):
        os.stat(new, dir_fd=target, follow_symlinks=False)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
    os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)


def _names(path: str) -> tuple[str, ...]:
    return tuple(name for name in path.split("/") if name not in ("", "."))


def _below(names: tuple[str, ...], base: tuple[str, ...]) -> tuple[str, ...] | None:
    return names[len(base) :] if names[: len(base)] == base else None
