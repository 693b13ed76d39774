"""What takes up room: by user, by flow, and by kind."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pfstudio.accounts.actor import Actor
from pfstudio.share import caches, trash
from pfstudio.share.caches import is_cached
from pfstudio.share.diskspace import Use, folders_of, use_of, walk_sizes
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import USERS, Share, is_safe_name
from pfstudio.share.tree import PROMPTFLOW

_KINDS = {
    "history": ("snapshots.git", "snapshots"),
    "runs": ("runs",),
    "environments": ("environments",),
    "uploads": ("uploads",),
}


_OWNED = ("runs", "environments", "uploads")


@dataclass(frozen=True, slots=True)
class FlowUse:
    path: str
    use: Use


@dataclass(slots=True)
class UserUse:
    """One user's files and trash; `flows` are the folders below their `promptflow`, the largest first.

    `caches` are part of the files. `kinds` are what lies outside of the share and is known to be theirs.
    """

    username: str
    files: Use
    trash: Use
    flows: list[FlowUse]
    caches: Use
    kinds: dict[str, Use]


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
    owned = _by_owner(data)
    users = [_user(share, name, trashed.get(name, Use()), owned.get(name, {})) for name in shown]
    kinds = {"files": _sum(user.files for user in users), "trash": _sum(user.trash for user in users)}
    if actor.is_admin:
        kinds["trash"] = _sum(trashed.values())
        kinds.update({kind: _sum(use_of(data / name) for name in folders) for kind, folders in _KINDS.items()})
    return SpaceUse(users, kinds)


def delete_caches(share: Share, owner: str, *, actor: Actor) -> Use:
    """Delete what tools make anew by themselves in somebody's files, and tell how much that was.

    Raises:
        ForbiddenError: they are somebody else's.
        PathNotFoundError: there is nobody of this name.
    """
    actor.require_write(owner)
    if not is_safe_name(owner):
        raise PathNotFoundError(f"{USERS}/{owner}")
    return caches.delete_caches(share, owner)


def _by_owner(data: Path) -> dict[str, dict[str, Use]]:
    """What lies beside the share and says in its `about.json` whose it is."""
    found: dict[str, dict[str, Use]] = {}
    for kind in _OWNED:
        for item in folders_of(data / kind):
            owner = _owner_of(Path(item))
            if owner is not None:
                kinds = found.setdefault(owner, {})
                kinds[kind] = kinds.get(kind, Use()).plus(use_of(Path(item)))
    return found


def _owner_of(folder: Path) -> str | None:
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        owner = about.get("owner") or about.get("username")
    except (OSError, ValueError, AttributeError):
        return None
    return owner if isinstance(owner, str) else None


def _user(share: Share, username: str, trashed: Use, kinds: Mapping[str, Use]) -> UserUse:
    """All of a user's use, by one walk over their files."""
    home = share.users / username
    above = f"{USERS}/{username}/{PROMPTFLOW}"
    total, cached = _Tally(), _Tally()
    below = {item.name: _Tally() for item in folders_of(home / PROMPTFLOW)}
    for names, size in walk_sizes(home):
        total.add(size)
        if len(names) > 2 and names[0] == PROMPTFLOW and names[1] in below:
            below[names[1]].add(size)
        if is_cached(names):
            cached.add(size)
    flows = [FlowUse(f"{above}/{_shown(name)}", tally.use) for name, tally in below.items()]
    flows.sort(key=lambda flow: -flow.use.bytes)
    held = {kind: kinds.get(kind, Use()) for kind in _OWNED}
    return UserUse(username, total.use, trashed, flows, cached.use, held)


class _Tally:
    def __init__(self) -> None:
        self._size = self._files = 0

    def add(self, size: int) -> None:
        self._size += size
        self._files += 1

    @property
    def use(self) -> Use:
        return Use(self._size, self._files)


def _shown(name: str) -> str:
    return os.fsencode(name).decode(errors="replace")


def _sum(uses: Iterable[Use]) -> Use:
    total = Use()
    for use in uses:
        total = total.plus(use)
    return total
