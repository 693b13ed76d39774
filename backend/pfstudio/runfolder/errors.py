"""What can go wrong with a run's folder."""

from __future__ import annotations

import errno
from pathlib import Path

from pfstudio.errors import ConflictError, InvalidError, NotFoundError, SDKError, SystemErrorException

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) if hasattr(errno, "EDQUOT") else (errno.ENOSPC, errno.EFBIG)


class RunNotFoundError(SDKError, NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Run name '{name}' cannot be found.")
        self.name = name


class RunExistsError(SDKError, ConflictError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Run '{name}' already exists.")
        self.name = name


class InvalidRunNameError(InvalidError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"'{name}' cannot be the name of a run: {reason}.")
        self.name = name


class RunBusyError(ConflictError):
    """Another process writes the run's folder."""

    def __init__(self, name: str, owner: int | None) -> None:
        by = f" by process {owner}" if owner else ""
        super().__init__(f"Run '{name}' is being written{by}.")
        self.name = name


class RunRecordError(InvalidError):
    """A run's record cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The record of a run cannot be read: {reason}", file=str(path), line=1)


class RunStorageError(SystemErrorException):
    """The disk refuses. Lines finished before are safe, and the run can be resumed."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = "the disk is full" if error.errno in _FULL else error.strerror or str(error)
        super().__init__(
            f"The run's folder '{path}' cannot be written: {reason}. Lines finished before are kept; once there is "
            f"room, the run can be resumed.",
            error=error,
        )
