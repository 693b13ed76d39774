"""Who may change what on the share."""

from __future__ import annotations

from pfstudio.accounts.actor import Actor
from pfstudio.share.errors import ReservedPathError
from pfstudio.share.paths import Share, SharePath


def require_write(share: Share, path: SharePath, *, actor: Actor) -> None:
    """Refuse unless the actor may change what is at `path`; makes the actor's own folder where it is missing.

    Raises:
        ForbiddenError: it is somebody else's, the actor is a viewer, or it belongs to the share itself.
    """
    if path.owner is None:
        raise ReservedPathError(str(path), "it is a folder of the share itself")
    actor.require_write(path.owner)
    if path.owner == actor.username:
        share.ensure_owner(actor.username)
