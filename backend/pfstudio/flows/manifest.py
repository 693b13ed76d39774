"""What a folder holds, by hash: for keeping a copy of it elsewhere in step."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from pfstudio.share.errors import FolderTooLargeError
from pfstudio.share.files import etag_of
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.walk import Selection, walk_folder

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A file; `path` is below the folder, `etag` as of its content."""

    path: str
    sha256: str
    size: int
    etag: str
    executable: bool


def manifest_of(share: Share, path: SharePath, *, ignored: bool = True) -> list[ManifestFile]:
    """Every file that an export would hold, by path; links are not told. Without `ignored`, what a `.gitignore` names
    is not either.

    Raises:
        PathNotFoundError, NotAFolderError: there is no such folder.
        FolderTooLargeError: it holds more than may be sent at once.
    """
    found: list[ManifestFile] = []
    for item in walk_folder(share, path, Selection(ignored=ignored)):
        if item.kind != "file":
            continue
        info = os.fstat(item.fd)
        digest = hashlib.sha256()
        while piece := os.read(item.fd, _PIECE):
            digest.update(piece)
        is_executable = bool(info.st_mode & 0o100)
        path_below = "/".join(item.names)
        found.append(ManifestFile(path_below, digest.hexdigest(), info.st_size, etag_of(info), is_executable))
        if len(found) > share.limits.entries:
            raise FolderTooLargeError(str(path), share.limits.entries)
    return found
