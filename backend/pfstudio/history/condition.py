"""Whether the snapshot store is whole, in one line for people."""

from __future__ import annotations

from pathlib import Path

from pfstudio.share.snapshots import SnapshotStore
from pfstudio.share.snapshots_errors import SnapshotsFailedError
from pfstudio.share.snapshots_upkeep import check, size

_MEGABYTE = 1_000_000


def describe(folder: Path) -> str:
    """How much history there is in a store, and what is wrong with it. Changes nothing."""
    store = SnapshotStore(folder)
    if not store.exists:
        return "nothing is kept yet"
    try:
        histories, used = len(store.refs()), size(store).bytes_used
        problems = check(store)
    except SnapshotsFailedError as error:
        return error.why
    finally:
        store.close()
    amount = f"{histories} {'folder' if histories == 1 else 'folders'}, {used / _MEGABYTE:.1f} MB"
    return f"{amount}, damaged: {'; '.join(problems)}" if problems else f"{amount}, sound"
