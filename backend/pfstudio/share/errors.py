"""What can go wrong on the share, each with its own sentence."""

from __future__ import annotations

import errno

from pfstudio.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
    StorageFullError,
    SystemErrorException,
    TooLargeError,
    UnavailableError,
)

_LONGEST_TOLD = 160


def printable(text: str) -> str:
    """The text for a sentence: what a reader cannot see, such as marks that turn the direction, is shown as a box."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def brief(path: str) -> str:
    """A path for a sentence; of a long one, its beginning and its end."""
    return path if len(path) <= _LONGEST_TOLD else f"{path[: _LONGEST_TOLD // 2]}…{path[-_LONGEST_TOLD // 2 :]}"


class PathNotFoundError(NotFoundError):
    """Also for paths that leave the share: whoever asks learns nothing about what is outside."""

    code = "path_not_found"

    def __init__(self, path: str) -> None:
        super().__init__(f"There is no '{printable(path)}' on the share.")
        self.path = path


class NotReadableError(InvalidError):
    code = "not_readable"

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"'{printable(path)}' is {what}, so it has no content to read or write.")


class NotAFolderError(InvalidError):
    code = "not_a_folder"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{printable(path)}' is not a folder.")


class AboveOwnersError(InvalidError):
    code = "above_owners"

    def __init__(self) -> None:
        super().__init__("The folder that holds everyone's folders is not taken as a whole. Take one of those in it.")


class InvalidNameError(InvalidError):
    code = "invalid_name"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"The name {name!r} cannot be used: {why}.")


class EntryExistsError(ConflictError):
    code = "entry_exists"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{printable(path)}' already exists; nothing was changed.")
        self.path = path


class StaleFileError(StaleError):
    code = "stale_file"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"'{printable(path)}' was changed after it was read, so it was not overwritten. Read it again first."
        )
        self.path = path


class ReservedPathError(ForbiddenError):
    code = "reserved_path"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"'{printable(path)}' cannot be changed here: {why}.")


class FileTooLargeError(TooLargeError):
    code = "file_too_large"

    def __init__(self, path: str, limit: int) -> None:
        super().__init__(
            f"'{printable(path)}' would be larger than the limit of {limit // 1_000_000} MB; nothing was written."
        )


class StudioReadOnlyError(StorageFullError):
    code = "studio_read_only"

    def __init__(self) -> None:
        super().__init__(
            "The disk is nearly full, so the studio is read-only until there is room again. Deleting for good and "
            "emptying the trash still work."
        )


class QuotaExceededError(TooLargeError):
    code = "quota_exceeded"

    def __init__(self, owner: str, used: int, limit: int) -> None:
        super().__init__(
            f"'{owner}' uses {_megabytes(used)} of {_megabytes(limit)} MB, and this does not fit in. Nothing was "
            "written; delete something, or empty the trash."
        )


class FlowQuotaExceededError(TooLargeError):
    code = "flow_quota_exceeded"

    def __init__(self, path: str, used: int, limit: int) -> None:
        super().__init__(
            f"'{path}' uses {_megabytes(used)} of {_megabytes(limit)} MB that one flow may have, and this does not fit "
            "in. Nothing was written; delete something of it."
        )


class ShareGoneError(UnavailableError):
    code = "share_gone"

    def __init__(self) -> None:
        super().__init__(
            "The folder with everybody's files cannot be reached at the moment. Nothing was changed; the studio goes "
            "on as soon as it is back."
        )


class ShareReadOnlyError(UnavailableError):
    code = "share_read_only"

    def __init__(self, path: str | None = None) -> None:
        what = f"'{printable(path)}' was not" if path else "nothing is"
        super().__init__(f"The share can only be read at the moment, so {what} changed.")


class DiskFullError(StorageFullError):
    code = "disk_full"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The disk is full, so '{printable(path)}' was not written. What was there before is unchanged."
        )


class ShareFailedError(SystemErrorException):
    code = "share_failed"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"'{printable(path)}' could not be used: {reason}.")


class ArchiveRefusedError(InvalidError):
    code = "archive_refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"The import was refused, nothing was written: {printable(why)}.")


class ArchiveTooLargeError(TooLargeError):
    code = "archive_too_large"

    def __init__(self, why: str) -> None:
        super().__init__(f"The import was refused, nothing was written: {printable(why)}.")


class FolderTooLargeError(TooLargeError):
    code = "folder_too_large"

    def __init__(self, path: str, limit: int) -> None:
        super().__init__(f"'{printable(path)}' holds more than {limit:,} files, the most that are looked at together.")


class TrashEntryNotFoundError(NotFoundError):
    code = "trash_entry_not_found"

    def __init__(self, trash_id: str) -> None:
        super().__init__(f"The trash holds nothing called '{trash_id}'.")


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:,.1f}".removesuffix(".0")


_NOT_FOUND = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO}
_FULL = {errno.ENOSPC, errno.EDQUOT}


def from_os_error(error: OSError, path: str) -> Exception:
    """The error of ours that says what an operating system error means for `path`."""
    if error.errno in _FULL:
        return DiskFullError(path)
    if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
        return EntryExistsError(path)
    if error.errno == errno.EROFS:
        return ShareReadOnlyError(path)
    if error.errno == errno.EISDIR:
        return NotReadableError(path, "a folder")
    if error.errno in _NOT_FOUND:
        return PathNotFoundError(path)
    if error.errno in (errno.EACCES, errno.EPERM):
        return ReservedPathError(path, "the file system does not allow it")
    return ShareFailedError(path, (error.strerror or "input or output failed").lower())
