"""What is known of the files of each unit, so that unchanged ones are not read again. It may be lost at any time."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import OrderedDict
from pathlib import Path

from pfstudio.kit.ids import new_id
from pfstudio.share.snapshots_objects import TreeEntry
from pfstudio.share.snapshots_walk import Known, Stamp

_KEPT = 30


class StampCaches:
    """One file a unit; the latest ones are also kept in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[str, Known] = OrderedDict()
        self._guard = threading.Lock()

    def of(self, key: str) -> Known:
        """What is known of a unit; the caller, who adds to that unit alone, may change it."""
        with self._guard:
            if key not in self._kept:
                self._kept[key] = _load(self._folder / key)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def save(self, key: str) -> None:
        """Keep it on disk, if there is room."""
        rows = {path: [*stamp, *entry] for path, (stamp, entry) in self.of(key).items()}
        temporary = self._folder / f"{key}.{new_id(8)}"
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            temporary.write_text(json.dumps(rows), encoding="utf-8")
            temporary.rename(self._folder / key)

    def forget(self, *, for_good: bool = False) -> None:
        """Know nothing any more; with `for_good`, on disk neither."""
        with self._guard:
            self._kept.clear()
        if for_good and self._folder.exists():
            for file in self._folder.iterdir():
                file.unlink(missing_ok=True)


def _load(file: Path) -> Known:
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        return {path: (Stamp(*row[:4]), TreeEntry(row[4], row[5])) for path, row in rows.items()}
    except (OSError, ValueError, TypeError, IndexError):
        return {}
