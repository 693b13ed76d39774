"""Large files that come in piece by piece, over connections that break.

Each upload is a folder named by its id: `content`, which grows, and `about.json`. It lies beside the share, where no
share path leads; when all is there, the file is put in its place at once. What is abandoned goes after a day.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from pfstudio.errors import ConflictError, InvalidError, NotFoundError, RateLimitedError
from pfstudio.kit.ids import new_id
from pfstudio.share.content import UNCONDITIONAL, Precondition, Written, begin_write
from pfstudio.share.errors import DiskFullError, FileTooLargeError, from_os_error
from pfstudio.share.paths import Share, SharePath

PIECE = 4 << 20
"""What clients send at once: with the pieces under way, a broken connection costs less than 8 MB."""
KEPT_SECONDS = 24 * 3600
_ID = re.compile(r"[0-9a-z]{16}\Z")
_CONTENT, _ABOUT = "content", "about.json"
_MOST_OF_ONE_USER = 100


class UploadNotFoundError(NotFoundError):
    code = "upload_not_found"

    def __init__(self, upload_id: str) -> None:
        super().__init__(f"There is no upload '{upload_id}'; uploads that rest for a day are removed.")


class UploadOffsetError(ConflictError):
    code = "upload_offset"

    def __init__(self, given: int, offset: int) -> None:
        super().__init__(f"The upload goes on at byte {offset}, not {given}; nothing was written.")
        self.offset = offset


class UploadIncompleteError(ConflictError):
    code = "upload_incomplete"

    def __init__(self, offset: int, size: int) -> None:
        super().__init__(f"Only {offset} of {size} bytes of the upload have come in.")


class UploadTooLongError(InvalidError):
    code = "upload_too_long"

    def __init__(self, size: int) -> None:
        super().__init__(f"The upload was announced with {size} bytes, and more came in; those were dropped.")


class NoUploadPathError(InvalidError):
    code = "no_upload_path"

    def __init__(self) -> None:
        super().__init__("This upload was begun without a path, so there is no place to put it.")


class TooManyUploadsError(RateLimitedError):
    code = "too_many_uploads"

    def __init__(self) -> None:
        super().__init__(f"{_MOST_OF_ONE_USER} uploads of yours are not finished. Finish or cancel some of them first.")
        self.retry_after = 10


@dataclass(frozen=True, slots=True)
class PartialUpload:
    """An upload that is coming in. `path` is the share path it is for; without one it is data for a run."""

    id: str
    username: str
    path: str | None
    size: int
    offset: int = 0

    @property
    def is_complete(self) -> bool:
        return self.offset == self.size


def begin(share: Share, *, username: str, path: SharePath | None, size: int) -> PartialUpload:
    """A new upload of so many bytes.

    Raises:
        FileTooLargeError: no file may be so large.
        DiskFullError: there is no room for it.
        TooManyUploadsError: the user has many that are not finished.
    """
    shown = str(path) if path else "the upload"
    if size > share.limits.file_bytes:
        raise FileTooLargeError(shown, share.limits.file_bytes)
    folder = _folder(share)
    open_ones = _sweep(folder, username)
    if len(open_ones) >= _MOST_OF_ONE_USER:
        raise TooManyUploadsError
    # What was announced counts as if it were there: a hundred uploads at once are no way around the quota.
    share.require_room(username, size + sum(open_ones))
    if path is not None:
        share.require_room_at(path, size)
    if shutil.disk_usage(folder).free < size:
        raise DiskFullError(shown)
    made = PartialUpload(new_id(), username, str(path) if path else None, size)
    try:
        (folder / made.id).mkdir(mode=0o700)
        (folder / made.id / _CONTENT).touch(mode=0o666)
        about = {name: value for name, value in asdict(made).items() if name != "offset"}
        (folder / made.id / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder / made.id, ignore_errors=True)
        raise from_os_error(error, shown) from error
    return made


def get(share: Share, upload_id: str, *, username: str) -> PartialUpload:
    """An upload of this user's, with how far it has come.

    Raises:
        UploadNotFoundError: there is none, or it is somebody else's.
    """
    found = _read(_folder(share) / upload_id) if _ID.match(upload_id) else None
    if found is None or found.username != username:
        raise UploadNotFoundError(upload_id)
    return found


def write(share: Share, upload: PartialUpload, offset: int, content: bytes) -> int:
    """Add a piece at `offset` and give the next one. Where two connections write, one of them is told to look again.

    Raises:
        UploadOffsetError: the upload has come to another place meanwhile.
        UploadTooLongError: more comes in than was announced.
        DiskFullError: no room is left; what came in before stays.
    """
    file = _folder(share) / upload.id / _CONTENT
    if offset + len(content) > upload.size:
        raise UploadTooLongError(upload.size)
    share.disk.require_room()
    try:
        with share.locks.hold(("upload", upload.id)), file.open("r+b", buffering=0) as target:
            current = os.fstat(target.fileno()).st_size
            if current != offset:
                raise UploadOffsetError(offset, current)
            target.seek(offset)
            view = memoryview(content)
            while view:
                view = view[target.write(view) :]
    except FileNotFoundError as error:
        raise UploadNotFoundError(upload.id) from error
    except OSError as error:
        raise from_os_error(error, upload.path or "the upload") from error
    return offset + len(content)


def finish(
    share: Share,
    upload: PartialUpload,
    condition: Precondition = UNCONDITIONAL,
    *,
    taken: Callable[[int, int], None] | None = None,
) -> Written:
    """Put the whole file in its place, and forget the upload. Where that fails, the upload stays.

    `taken` gets the new file and the one it replaced, as `Upload.take_files` gives them.

    Raises:
        UploadIncompleteError: bytes are missing.
        StaleFileError: the condition does not hold; nothing was changed.
    """
    if upload.path is None:
        raise NoUploadPathError
    require_complete(upload)
    folder = _folder(share) / upload.id
    with begin_write(share, SharePath.parse(upload.path), condition) as target:
        target.adopt(folder / _CONTENT)
        written = target.commit()
        if taken is not None:
            taken(*target.take_files())
    shutil.rmtree(folder, ignore_errors=True)
    return written


def require_complete(upload: PartialUpload) -> None:
    """Refuse an upload of which bytes are missing.

    Raises:
        UploadIncompleteError: says how many there are.
    """
    if not upload.is_complete:
        raise UploadIncompleteError(upload.offset, upload.size)


def finished_file(share: Share, upload_id: str, *, username: str) -> Path:
    """The file of a complete upload, for a run that takes its data from it.

    Raises:
        UploadNotFoundError, UploadIncompleteError: there is no such file, or not all of it.
    """
    upload = get(share, upload_id, username=username)
    require_complete(upload)
    return _folder(share) / upload.id / _CONTENT


def cancel(share: Share, upload: PartialUpload) -> None:
    """Forget an upload and what came in of it."""
    shutil.rmtree(_folder(share) / upload.id, ignore_errors=True)


def sweep(share: Share) -> None:
    """Remove uploads that nothing came in for since a day."""
    _sweep(_folder(share), "")


def _sweep(folder: Path, username: str) -> list[int]:
    """Remove what is abandoned; the sizes of those that this user still has open."""
    open_ones = []
    with contextlib.suppress(OSError):
        for item in folder.iterdir():
            upload = _read(item)
            latest = max((item / _CONTENT).stat().st_mtime if upload else 0, item.stat().st_mtime)
            if time.time() - latest > KEPT_SECONDS:
                shutil.rmtree(item, ignore_errors=True)
            elif upload and upload.username == username:
                open_ones.append(upload.size)
    return open_ones


def _read(folder: Path) -> PartialUpload | None:
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        return PartialUpload(**about, offset=(folder / _CONTENT).stat().st_size)
    except (OSError, ValueError, TypeError):
        return None


def _folder(share: Share) -> Path:
    """Beside the share, or inside it where that is another file system: to be moved into place at once."""
    try:
        return share.hidden_folder("uploads")
    except OSError as error:
        raise from_os_error(error, "the upload") from error
