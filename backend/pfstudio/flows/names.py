"""Names of new flow folders."""

from __future__ import annotations

from collections.abc import Iterator

from pfstudio.accounts.actor import Actor
from pfstudio.flows.errors import InvalidFlowNameError
from pfstudio.share.errors import InvalidNameError, PathNotFoundError
from pfstudio.share.files import stat_entry
from pfstudio.share.paths import Share, SharePath, require_new_name
from pfstudio.share.tree import PROMPTFLOW

_LONGEST = 100
_MOST_TRIES = 1000


def new_flow_path(name: str, *, actor: Actor) -> SharePath:
    """Where a new flow of the actor's goes.

    Raises:
        InvalidFlowNameError: no folder should have this name.
    """
    why = ""
    try:
        require_new_name(name)
    except InvalidNameError:
        why = "it holds a character that a folder's name cannot hold, or is no name at all"
    if name != name.strip():
        why = "it begins or ends with a space"
    elif name.startswith("."):
        why = "it begins with a dot, which would hide the folder"
    elif name.endswith("."):
        why = "it ends with a dot, which some systems drop"
    elif len(name) > _LONGEST:
        why = f"it is longer than {_LONGEST} characters"
    if why:
        raise InvalidFlowNameError(name[:_LONGEST], why)
    return SharePath(actor.username, (PROMPTFLOW, name))


def free_flow_paths(name: str, *, actor: Actor) -> Iterator[SharePath]:
    """`name`, then `name-2`, `name-3`, …; a name that cannot be used is mended first."""
    plain = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\:*?"<>|').strip(" .")
    plain = plain[: _LONGEST - 5].rstrip(" .") or "imported-flow"
    yield new_flow_path(plain, actor=actor)
    for number in range(2, _MOST_TRIES):
        yield new_flow_path(f"{plain}-{number}", actor=actor)


def propose_name(share: Share, name: str, *, actor: Actor) -> str | None:
    """A name like this one that no folder of the actor's has."""
    for path in free_flow_paths(name, actor=actor):
        try:
            stat_entry(share, path)
        except PathNotFoundError:
            return path.name
    return None
