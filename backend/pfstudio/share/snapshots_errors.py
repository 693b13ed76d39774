"""What can go wrong with the snapshot store."""

from __future__ import annotations

from pfstudio.errors import ConflictError, UnavailableError


class SnapshotsFailedError(UnavailableError):
    """The files themselves are untouched: the store only ever reads them."""

    code = "snapshots_failed"

    def __init__(self, why: str) -> None:
        super().__init__(f"The history could not be used: {why}. The files are unchanged.")
        self.why = why


class SnapshotsFullError(SnapshotsFailedError):
    code = "snapshots_full"

    def __init__(self) -> None:
        super().__init__("the disk is full")


class SnapshotMovedError(ConflictError):
    """Somebody else added to the same history meanwhile; it is done again."""

    code = "snapshot_moved"

    def __init__(self) -> None:
        super().__init__("The history was added to meanwhile. Do it again.")
