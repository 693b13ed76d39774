"""Unpacks a zip that a stranger made.

Nothing in it is believed: sizes are counted while inflating, entries are counted before the list is read, names are
checked one by one, and only plain files, folders and links that stay inside come out.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from pfstudio.share.errors import ArchiveRefusedError, ArchiveTooLargeError, brief
from pfstudio.share.incoming import Incoming, is_git_path, is_mac_fork
from pfstudio.share.paths import Limits

_PIECE = 1 << 18
_LONGEST_LINK = 4096
_UNIX = 3
# LZMA is left out: such a zip says itself how many gigabytes of memory its unpacking takes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_END, _END64, _LOCATOR64, _ENTRY = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02"
_TAIL = 22 + 65535 + 20
_UNSUPPORTED = "the zip is encrypted or packed in a way that is not supported"


def unpack(archive: Path, incoming: Incoming, limits: Limits) -> None:
    """Put everything a zip holds into `incoming`.

    Raises:
        ArchiveRefusedError: it is no zip, or holds what may not come in.
        ArchiveTooLargeError: it holds too many entries, or inflates beyond the limits.
    """
    size = archive.stat().st_size
    with archive.open("rb") as file:
        _count_entries(file, size, limits)
        try:
            with zipfile.ZipFile(file) as opened:
                _Unpacking(opened, incoming, limits, size).run()
        except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, OSError) as error:
            raise ArchiveRefusedError("the zip is damaged") from error
        except (NotImplementedError, RuntimeError) as error:
            raise ArchiveRefusedError(_UNSUPPORTED) from error


class _Unpacking:
    def __init__(self, opened: zipfile.ZipFile, incoming: Incoming, limits: Limits, size: int) -> None:
        self._zip = opened
        self._incoming = incoming
        self._limits = limits
        self._archive_size = size
        self._inflated = 0

    def run(self) -> None:
        links = []
        for entry in self._zip.infolist():
            name, kind = entry.filename, _kind(entry)
            if entry.compress_type not in _METHODS:
                raise ArchiveRefusedError(_UNSUPPORTED)
            if is_mac_fork(name):
                self._incoming.manifest.left_out.add("__MACOSX")
            elif is_git_path(name):
                raise ArchiveRefusedError(f"'{brief(name)}' belongs to a git repository")
            elif kind == "link":
                links.append((name, self._link_target(entry)))
            elif kind == "folder":
                self._incoming.add_folder(name)
            else:
                self._file(entry)
        self._incoming.add_links(links)

    def _file(self, entry: zipfile.ZipInfo) -> None:
        with self._incoming.open_file(entry.filename) as target, self._zip.open(entry) as source:
            while piece := source.read(_PIECE):
                self._count(len(piece))
                self._incoming.write(target, piece)
            if mode := _mode(entry):
                os.fchmod(target.fileno(), mode | 0o600)

    def _link_target(self, entry: zipfile.ZipInfo) -> str:
        with self._zip.open(entry) as source:
            target = source.read(_LONGEST_LINK + 1)
        if len(target) > _LONGEST_LINK:
            raise ArchiveRefusedError(f"the link '{brief(entry.filename)}' is too long")
        return target.decode()

    def _count(self, inflated: int) -> None:
        self._inflated += inflated
        limits = self._limits
        if self._inflated > limits.ratio_from and self._inflated > self._archive_size * limits.ratio:
            raise ArchiveTooLargeError(f"it inflates to more than {limits.ratio} times its size")


def _kind(entry: zipfile.ZipInfo) -> str:
    mode = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == _UNIX else 0
    if mode == stat.S_IFLNK:
        return "link"
    if entry.filename.endswith(("/", "\\")) or mode == stat.S_IFDIR:
        return "folder"
    if mode not in (0, stat.S_IFREG):
        raise ArchiveRefusedError(f"'{brief(entry.filename)}' is a device or another thing that is no file")
    return "file"


def _mode(entry: zipfile.ZipInfo) -> int:
    return (entry.external_attr >> 16) & 0o777 if entry.create_system == _UNIX else 0


def _count_entries(file: BinaryIO, size: int, limits: Limits) -> None:
    """Refuse a zip whose list of entries is too long, before `zipfile` makes objects of it."""
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise ArchiveRefusedError("it is not a zip")
    length = struct.unpack_from("<L", tail, at + 12)[0]
    end = max(0, size - _TAIL) + at
    if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR64:
        offset = struct.unpack_from("<Q", tail, at - 20 + 8)[0]
        file.seek(min(offset, size))
        record = file.read(56)
        if len(record) == 56 and record[:4] == _END64:
            length, end = struct.unpack_from("<Q", record, 40)[0], offset
    file.seek(max(0, end - length))
    found, read = 0, 0
    while read < length:
        header = file.read(46)
        if len(header) < 46 or header[:4] != _ENTRY:
            break  # Not where it should be: `zipfile` will say so.
        skip = sum(struct.unpack_from("<3H", header, 28))
        file.seek(skip, os.SEEK_CUR)
        read += 46 + skip
        found += 1
        if found > limits.entries:
            raise ArchiveTooLargeError(f"it holds more than {limits.entries:,} files and folders")
    file.seek(0)
