"""Files that come in together become one folder of the share, all of them or none.

They are collected in a hidden folder that no share path leads to and no worker can write, checked name by name, and
moved into place in one rename.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pfstudio.kit.ids import new_id
from pfstudio.share.errors import (
    ArchiveRefusedError,
    ArchiveTooLargeError,
    EntryExistsError,
    InvalidNameError,
    PathNotFoundError,
    brief,
    from_os_error,
)
from pfstudio.share.handles import O_PATH, Root, locate, rename_new
from pfstudio.share.paths import Limits, Share, SharePath, is_git_name, require_new_name

_FOLDER = ".incoming"
_STALE_SECONDS = 24 * 3600
_LONGEST_PATH = 1000
_MAC_FORKS = "__MACOSX"  # What macOS adds to its zips beside the files themselves.


@dataclass(frozen=True, slots=True)
class _Known:
    text: str
    is_folder: bool


class Manifest:
    """The paths that came in so far; refuses those that cannot all be files of one folder on every system."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[str, _Known] = {}
        self.files: list[tuple[str, ...]] = []
        self.left_out: set[str] = set()

    def add(self, text: str, *, is_folder: bool = False) -> tuple[str, ...]:
        """The names of a path that may be written.

        Raises:
            ArchiveRefusedError: says what is wrong with the path.
        """
        names = _names(text)
        for depth in range(1, len(names) + 1):
            self._add(names[:depth], text, is_folder=is_folder or depth < len(names), is_leaf=depth == len(names))
        if not is_folder:
            self.files.append(names)
        return names

    def _add(self, names: tuple[str, ...], text: str, *, is_folder: bool, is_leaf: bool) -> None:
        path = "/".join(names)
        key = unicodedata.normalize("NFC", path).casefold()
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= self._limits.entries:
                raise ArchiveTooLargeError(f"it holds more than {self._limits.entries:,} files and folders")
            self._known[key] = _Known(path, is_folder)
        elif known.text != path:
            both = f"'{brief(known.text)}' and '{brief(path)}'"
            raise ArchiveRefusedError(f"{both} differ only in a way that some systems do not see")
        elif known.is_folder != is_folder:
            raise ArchiveRefusedError(f"'{brief(path)}' is both a file and a folder")
        elif is_leaf and not is_folder:
            raise ArchiveRefusedError(f"'{brief(text)}' is in it twice")

    @property
    def top(self) -> str | None:
        """The one folder that holds everything, if there is one."""
        tops = {known.text.split("/")[0] for known in self._known.values()}
        top = next(iter(tops)) if len(tops) == 1 else None
        return top if top and self._known[unicodedata.normalize("NFC", top).casefold()].is_folder else None


class Incoming:
    """A folder that is coming in. Leaving the block without `place` forgets it."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._folder = share.root / _FOLDER / new_id()
        share.disk.require_room()
        self.manifest = Manifest(share.limits)
        self.folder = self._folder / "files"
        self._size = self._entries = 0
        _sweep(share.root / _FOLDER)
        self.folder.mkdir(parents=True)

    def __enter__(self) -> Incoming:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def restart(self) -> Path:
        """Begin anew with an empty folder and manifest, and give the folder with what came in so far."""
        before = self.folder
        self.folder = self._folder / "unpacked"
        self.folder.mkdir()
        self.manifest = Manifest(self._share.limits)
        self._size = 0
        return before

    def open_file(self, text: str) -> BinaryIO:
        """A new file of that path, for `write`.

        Raises:
            ArchiveRefusedError: the path cannot be used.
        """
        path = self.folder.joinpath(*self.manifest.add(text))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb", buffering=0)
        except OSError as error:
            raise self._failed(error, text) from error

    def add_folder(self, text: str) -> Path:
        """A folder of that path."""
        path = self.folder.joinpath(*self.manifest.add(text, is_folder=True))
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._failed(error, text) from error
        return path

    def count_entry(self) -> None:
        """Tell that one more file or folder comes in by another way than `open_file`.

        Raises:
            ArchiveTooLargeError: there are more than the limit.
        """
        self._entries += 1
        if self._entries > self._share.limits.entries:
            raise ArchiveTooLargeError(f"it holds more than {self._share.limits.entries:,} files and folders")

    def count_bytes(self, size: int) -> None:
        """Tell how large all is that came in by another way than `write`."""
        self._size += size

    def write(self, file: BinaryIO, content: bytes) -> None:
        """Add to a file.

        Raises:
            ArchiveTooLargeError: all files together would be larger than the limit.
        """
        self._size += len(content)
        self._share.disk.require_room()
        limit = self._share.limits.import_bytes
        if self._size > limit:
            raise ArchiveTooLargeError(f"its files are larger than {limit // 1_000_000:,} MB together")
        try:
            view = memoryview(content)
            while view:
                view = view[file.write(view) :]
        except OSError as error:
            raise self._failed(error, "the import") from error

    def add_links(self, links: list[tuple[str, str]]) -> None:
        """Make links (path, target), after all files are there.

        Raises:
            ArchiveRefusedError: a link leads out of the folder.
        """
        for text, target in links:
            names = self.manifest.add(text)
            if not target or target.startswith("/") or "\0" in target:
                raise ArchiveRefusedError(f"the link '{brief(text)}' leads out of the folder")
            path = self.folder.joinpath(*names)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.symlink_to(target)
            except OSError as error:
                raise self._failed(error, text) from error
        top = self.root
        for text, _ in links:
            names = _names(text)[1 if top != self.folder else 0 :]
            try:
                # Through the other links as well: one alone may look harmless.
                with Root.open(str(top)) as root, locate(Root(root.fd), names):
                    pass
            except OSError as error:
                raise ArchiveRefusedError(f"the link '{brief(text)}' leads out of the folder") from error

    @property
    def root(self) -> Path:
        """The folder that will be moved: a top folder common to all is dropped."""
        return self.folder / self.manifest.top if self.manifest.top else self.folder

    def place(self, target: SharePath) -> None:
        """Move everything to `target`.

        Raises:
            EntryExistsError: something is there already.
            QuotaExceededError: it is more than the owner may have.
        """
        self._share.require_room_at(target, self._size)
        with self._share.locate(target, follow_leaf=False) as found:
            source = os.open(self.root.parent, O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                rename_new(source, self.root.name, found.parent, found.name)
            except FileExistsError as error:
                raise EntryExistsError(str(target)) from error
            finally:
                os.close(source)
        self._share.count_at(target, self._size)

    def _failed(self, error: OSError, text: str) -> Exception:
        if isinstance(error, FileExistsError):
            return ArchiveRefusedError(f"'{brief(text)}' is in it twice")
        return from_os_error(error, text)


def is_git_path(text: str) -> bool:
    """Whether a path leads into a repository's own folder."""
    return any(is_git_name(name) for name in text.replace("\\", "/").split("/"))


def is_mac_fork(text: str) -> bool:
    """Whether a path of a zip is one of those that macOS adds."""
    return text.split("/", 1)[0] == _MAC_FORKS


def _names(text: str) -> tuple[str, ...]:
    """The names of a relative path; Windows' separators count as well."""
    plain = text.replace("\\", "/")
    if len(plain) > _LONGEST_PATH:
        raise ArchiveRefusedError(f"the path '{brief(plain)}' is too long")
    names = tuple(plain.removeprefix("./").removesuffix("/").split("/"))
    for name in names:
        try:
            require_new_name(name)
        except (InvalidNameError, PathNotFoundError) as error:
            raise ArchiveRefusedError(f"'{brief(text)}' is no path inside a folder") from error
    return names


def _sweep(folder: Path) -> None:
    """Remove what an import left behind when the studio was killed."""
    with contextlib.suppress(OSError):
        for item in folder.iterdir():
            if time.time() - item.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(item, ignore_errors=True)
