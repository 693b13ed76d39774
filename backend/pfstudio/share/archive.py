"""A folder of the share as a zip, made while it is sent: nothing is held but the piece on its way.

The zip gives back every file byte for byte, with its mode. Entries are sorted and dated alike, so that the same folder
makes the same zip. Its comment says what was left out.
"""

from __future__ import annotations

import os
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, cast

from pfstudio.share.paths import Share, SharePath
from pfstudio.share.walk import Found, Selection, walk_folder

_DATE = (1980, 1, 1, 0, 0, 0)  # The first a zip can say.
_PIECE = 1 << 20
_ALWAYS_BELOW = 1 << 20  # Larger files are compressed only where their first bytes show that it is worth the time.
_SAMPLE = 1 << 16
_WORTH = 0.7
# On text twice as fast as the usual level, for a zip that is a twentieth larger.
_FASTEST, _NOT_AT_ALL = 1, 0
_COMPRESSED_TYPES = frozenset(
    {"7z", "bz2", "gif", "gz", "jpeg", "jpg", "mp3", "mp4", "parquet", "pdf", "png", "webp", "whl", "xz", "zip", "zst"}
)
_UNIX = 3


def zip_folder(share: Share, path: SharePath, selection: Selection | None = None) -> Iterator[bytes]:
    """The zip, piece by piece; its top folder is the folder's name.

    Raises:
        PathNotFoundError: nothing is there, or the way there leaves the owner's folder.
        NotAFolderError: it is a file.
    """
    selection = selection or Selection()
    return _pieces(path.name, walk_folder(share, path, selection), selection)


class _Sink:
    """What `zipfile` writes to: keeps the bytes until they are taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        self._size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def take(self, at_least: int = 1) -> Iterator[bytes]:
        if self._size >= at_least:
            piece = b"".join(self._pieces)
            self._pieces, self._size = [], 0
            yield piece


def _pieces(top: str, items: Iterator[Found], selection: Selection) -> Iterator[bytes]:
    sink = _Sink()
    archive = zipfile.ZipFile(cast("IO[bytes]", sink), "w", zipfile.ZIP_DEFLATED)  # It never seeks or reads.
    for item in items:
        entry = _entry(top, item)
        if item.kind == "file":
            yield from _add_file(archive, sink, entry, item.fd)
        else:
            archive.writestr(entry, item.link.encode(), zipfile.ZIP_STORED)
        yield from sink.take(_PIECE)
    if selection.left_out:
        archive.comment = f"Left out: {', '.join(sorted(selection.left_out))}.".encode()
    archive.close()
    yield from sink.take()


def _add_file(archive: zipfile.ZipFile, sink: _Sink, entry: zipfile.ZipInfo, fd: int) -> Iterator[bytes]:
    left = entry.file_size = os.fstat(fd).st_size
    # Has no public name before Python 3.13.
    entry._compresslevel = _level(entry.filename, left, fd)  # type: ignore[attr-defined]
    with archive.open(entry, "w") as target:
        while left > 0 and (piece := os.read(fd, min(_PIECE, left))):
            left -= len(piece)
            target.write(piece)
            yield from sink.take(_PIECE)


def _level(name: str, size: int, fd: int) -> int:
    """How much a file is compressed; always the same for the same content and name."""
    if name.rpartition(".")[2].lower() in _COMPRESSED_TYPES:
        return _NOT_AT_ALL
    if size < _ALWAYS_BELOW:
        return _FASTEST
    sample = os.pread(fd, _SAMPLE, 0)
    return _FASTEST if len(zlib.compress(sample, _FASTEST)) < len(sample) * _WORTH else _NOT_AT_ALL


def _entry(top: str, item: Found) -> zipfile.ZipInfo:
    is_folder = item.kind == "folder"
    entry = zipfile.ZipInfo(posixpath.join(top, *item.names) + ("/" if is_folder else ""), _DATE)
    entry.create_system = _UNIX
    entry.external_attr = (item.mode & 0xFFFF) << 16 | (0x10 if is_folder else 0)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
