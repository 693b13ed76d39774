"""The trash, as one user sees it."""

from __future__ import annotations

from contextlib import suppress

from pfstudio.accounts.actor import Actor
from pfstudio.share import trash
from pfstudio.share.errors import TrashEntryNotFoundError
from pfstudio.share.files import Entry
from pfstudio.share.paths import Share
from pfstudio.share.trash import Trashed


def list_deleted(share: Share, *, actor: Actor) -> list[Trashed]:
    """What was deleted where the actor may write, newest first."""
    return [item for item in trash.list_trash(share) if actor.may_write(item.owner or "")]


def restore(share: Share, trash_id: str, *, actor: Actor) -> Entry:
    """Bring an entry back.

    Raises:
        TrashEntryNotFoundError: there is none of that id, or it is somebody else's.
    """
    _require_own(share, trash_id, actor)
    return trash.restore(share, trash_id)


def delete_for_good(share: Share, trash_id: str, *, actor: Actor) -> None:
    """Delete an entry; it cannot be brought back.

    Raises:
        TrashEntryNotFoundError: there is none of that id, or it is somebody else's.
    """
    _require_own(share, trash_id, actor)
    trash.delete_for_good(share, trash_id)


def empty(share: Share, *, owner: str, actor: Actor) -> int:
    """Delete for good all that was deleted from an owner's folder, and tell how many entries that were.

    Raises:
        ForbiddenError: it is somebody else's, or the actor is a viewer.
    """
    actor.require_write(owner)
    found = [item for item in trash.list_trash(share) if item.owner == owner]
    for item in found:
        with suppress(TrashEntryNotFoundError):  # Somebody else was faster.
            trash.delete_for_good(share, item.id)
    return len(found)


def _require_own(share: Share, trash_id: str, actor: Actor) -> None:
    item = trash.get(share, trash_id)
    if not actor.may_write(item.owner or ""):
        raise TrashEntryNotFoundError(trash_id)
