"""What was deleted from the share, kept for 30 days.

Each entry is a folder of the trash named by its id: `item`, moved there in one rename, and `about.json`. The trash
lies beside the share; where that is another file system, inside it, where no share path leads.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pfstudio.kit.clock import utc_now
from pfstudio.kit.ids import new_id
from pfstudio.share.content import open_file
from pfstudio.share.diskspace import Use, use_of
from pfstudio.share.errors import (
    EntryExistsError,
    PathNotFoundError,
    ReservedPathError,
    ShareFailedError,
    TrashEntryNotFoundError,
)
from pfstudio.share.files import Entry, EntryKind, entry_of, free_paths, make_parents, require_writable, stat_entry
from pfstudio.share.handles import O_PATH, rename_new
from pfstudio.share.paths import Share, SharePath

KEPT = timedelta(days=30)
_ID = re.compile(r"[0-9a-z]{16}\Z")
_ITEM, _ABOUT, _PURGED = "item", "about.json", "purged"
_PURGE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Trashed:
    """Something in the trash. `path` is where it was."""

    id: str
    path: str
    kind: EntryKind
    deleted: datetime
    deleted_by: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def owner(self) -> str | None:
        return SharePath.parse(self.path).owner

    @property
    def expires(self) -> datetime:
        return self.deleted + KEPT


def put(share: Share, path: SharePath, *, deleted_by: str) -> Trashed:
    """Move a file, a folder or a link into the trash.

    Raises:
        PathNotFoundError: nothing is there.
        ReservedPathError: it is a folder of the share itself, or belongs to git.
    """
    if not path.parts:
        raise ReservedPathError(str(path), "it is a folder of the share itself")
    with share.locate(path, follow_leaf=False) as found:
        require_writable(path, found)
        if found.info is None:
            raise PathNotFoundError(str(path))
        kind = entry_of(share, path, found.info).kind
        trashed = Trashed(new_id(), str(path), kind, utc_now(), deleted_by)
        folder = _folder(share) / trashed.id
        folder.mkdir(parents=True, mode=0o700)
        try:
            # Written first: what is in the trash can always be told and brought back.
            _write_about(folder, trashed)
            with _opened(folder) as target:
                rename_new(found.parent, found.name, target, _ITEM)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    _purge_now_and_then(share)
    return trashed


def put_copy(share: Share, path: SharePath, *, deleted_by: str) -> Trashed:
    """Put a copy of a file into the trash, of which a part is about to go.

    Raises:
        PathNotFoundError, NotReadableError: there is no such file.
        QuotaExceededError, StudioReadOnlyError: there is no room for it.
    """
    opened = open_file(share, path)
    trashed = Trashed(new_id(), str(path), "file", utc_now(), deleted_by)
    folder = _folder(share) / trashed.id
    with opened.file as source:
        share.require_room_at(path, opened.size)
        folder.mkdir(parents=True, mode=0o700)
        try:
            _write_about(folder, trashed)
            with (folder / _ITEM).open("xb") as target:
                shutil.copyfileobj(source, target)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    share.quotas.count(str(path.owner), opened.size)
    _purge_now_and_then(share)
    return trashed


def list_trash(share: Share) -> list[Trashed]:
    """All that is in the trash, newest first."""
    folder = _folder(share)
    found = [_read(folder / name) for name in _ids(folder)]
    return sorted((item for item in found if item), key=lambda item: item.deleted, reverse=True)


def get(share: Share, trash_id: str) -> Trashed:
    """One entry.

    Raises:
        TrashEntryNotFoundError: the trash holds no such entry.
    """
    found = _read(_folder(share) / trash_id) if _ID.match(trash_id) else None
    if found is None:
        raise TrashEntryNotFoundError(trash_id)
    return found


def restore(share: Share, trash_id: str) -> Entry:
    """Move back to where it was; under a free name beside it where something else is there now.

    Raises:
        TrashEntryNotFoundError: the trash holds no such entry.
    """
    trashed = get(share, trash_id)
    folder = _folder(share) / trash_id
    path = SharePath.parse(trashed.path)
    make_parents(share, path)
    for target in free_paths(path):
        with share.locate(target, follow_leaf=False) as found, _opened(folder) as source:
            require_writable(target, found)
            try:
                rename_new(source, _ITEM, found.parent, found.name)
            except FileExistsError:
                continue
        shutil.rmtree(folder, ignore_errors=True)
        return stat_entry(share, target)
    raise EntryExistsError(trashed.path)


def delete_for_good(share: Share, trash_id: str) -> None:
    """Delete an entry; it cannot be brought back.

    Raises:
        TrashEntryNotFoundError: the trash holds no such entry.
    """
    trashed = get(share, trash_id)
    _remove(_folder(share) / trash_id)
    share.quotas.forget(str(trashed.owner))


def use_of_entry(share: Share, trash_id: str) -> Use:
    """What an entry takes."""
    return use_of(_folder(share) / trash_id / _ITEM)


def purge(share: Share) -> int:
    """Delete for good what has been in the trash for 30 days, and tell how many entries that were."""
    now = utc_now()
    expired = [item for item in list_trash(share) if item.expires <= now]
    for item in expired:
        _remove(_folder(share) / item.id)
    return len(expired)


def _purge_now_and_then(share: Share) -> None:
    """Once a day, when something is deleted, empty the trash of what is too old; nobody waits for it."""
    stamp = _folder(share) / _PURGED
    with contextlib.suppress(OSError):
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > _PURGE_SECONDS:
            stamp.touch()
            threading.Thread(target=purge, args=(share,), name="purge the trash", daemon=True).start()


def _folder(share: Share) -> Path:
    return share.hidden_folder("trash")


def _ids(folder: Path) -> list[str]:
    return [item.name for item in folder.iterdir() if _ID.match(item.name)]


def _read(folder: Path) -> Trashed | None:
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        found = Trashed(**{**about, "deleted": datetime.fromisoformat(about["deleted"])})
        SharePath.parse(found.path)
    except (OSError, ValueError, TypeError, KeyError, PathNotFoundError):
        return None
    return found if os.path.lexists(folder / _ITEM) else None


def _write_about(folder: Path, trashed: Trashed) -> None:
    about = {**asdict(trashed), "deleted": trashed.deleted.isoformat()}
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    fd = os.open(folder, O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


def _remove(folder: Path) -> None:
    """Delete a tree; links in it are removed, never followed."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return  # Somebody else was faster.
    except OSError as error:
        raise ShareFailedError(folder.name, (error.strerror or "it could not be deleted").lower()) from error
