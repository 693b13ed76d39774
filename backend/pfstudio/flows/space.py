"""What takes up room: by user, by flow, and by kind."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pfstudio.accounts.actor import Actor
from pfstudio.share import trash
from pfstudio.share.diskspace import Use, folders_of, use_of
from pfstudio.share.paths import USERS, Share
from pfstudio.share.tree import PROMPTFLOW

_KINDS = {
    "history": ("snapshots.git", "snapshots"),
    "runs": ("runs",),
    "environments": ("environments",),
    "uploads": ("uploads",),
}


@dataclass(frozen=True, slots=True)
class FlowUse:
    path: str
    use: Use


@dataclass(slots=True)
class UserUse:
    """One user's files and trash; `flows` are the folders below their `promptflow`, the largest first."""

    username: str
    files: Use
    trash: Use
    flows: list[FlowUse]


@dataclass(slots=True)
class SpaceUse:
    users: list[UserUse]
    kinds: dict[str, Use]


def space_use(share: Share, data: Path, *, actor: Actor) -> SpaceUse:
    """The whole use for an admin; for everyone else their own folders, and the kinds that they are part of."""
    trashed: dict[str, Use] = {}
    for item in trash.list_trash(share):
        owner = item.owner or ""
        trashed[owner] = trashed.get(owner, Use()).plus(trash.use_of_entry(share, item.id))
    names = [item.name for item in folders_of(share.users)]
    shown = names if actor.is_admin else [name for name in names if name == actor.username]
    users = [_user(share, name, trashed.get(name, Use())) for name in shown]
    kinds = {"files": _sum(user.files for user in users), "trash": _sum(user.trash for user in users)}
    if actor.is_admin:
        kinds["trash"] = _sum(trashed.values())
        kinds.update({kind: _sum(use_of(data / name) for name in folders) for kind, folders in _KINDS.items()})
    return SpaceUse(users, kinds)


def _user(share: Share, username: str, trashed: Use) -> UserUse:
    home = share.users / username
    above = f"{USERS}/{username}/{PROMPTFLOW}"
    flows = [
        FlowUse(f"{above}/{os.fsencode(item.name).decode(errors='replace')}", use_of(Path(item)))
        for item in folders_of(home / PROMPTFLOW)
    ]
    flows.sort(key=lambda flow: -flow.use.bytes)
    return UserUse(username, use_of(home), trashed, flows)


def _sum(uses: Iterable[Use]) -> Use:
    total = Use()
    for use in uses:
        total = total.plus(use)
    return total
