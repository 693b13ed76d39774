"""One action on many entries of the share: each succeeds or fails alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pfstudio.accounts.actor import Actor
from pfstudio.errors import InvalidError, PromptflowException
from pfstudio.flows.access import require_write
from pfstudio.share import trash
from pfstudio.share.copying import copy_entry
from pfstudio.share.errors import DiskFullError
from pfstudio.share.files import Entry, move
from pfstudio.share.paths import Share, SharePath

Action = Literal["delete", "move", "copy"]


class MissingTargetError(InvalidError):
    code = "missing_target"

    def __init__(self, action: Action) -> None:
        super().__init__(f"To {action} entries, say with 'to' which folder they go into.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: where it is now, its id in the trash, or why nothing was done."""

    path: str
    entry: Entry | None = None
    trash: str | None = None
    error: PromptflowException | None = None


def change(
    share: Share, action: Action, paths: Sequence[str], to: SharePath | None, *, find_name: bool, actor: Actor
) -> list[Outcome]:
    """Do it to every path, in order. After a full disk nothing more is copied.

    Raises:
        AuthorRequiredError: the actor is a viewer.
        MissingTargetError: a move or a copy without a folder to go into.
    """
    actor.require_author()
    if action != "delete" and to is None:
        raise MissingTargetError(action)
    outcomes: list[Outcome] = []
    full: DiskFullError | None = None
    for text in paths:
        try:
            if full:
                raise full
            outcomes.append(_change(share, action, text, to, find_name=find_name, actor=actor))
        except DiskFullError as error:
            full = error
            outcomes.append(Outcome(text, error=error))
        except PromptflowException as error:
            outcomes.append(Outcome(text, error=error))
    return outcomes


def _change(share: Share, action: Action, text: str, to: SharePath | None, *, find_name: bool, actor: Actor) -> Outcome:
    source = SharePath.parse(text)
    if to is None or action == "delete":
        require_write(share, source, actor=actor)
        return Outcome(text, trash=trash.put(share, source, deleted_by=actor.username).id)
    target = to / source.name
    require_write(share, target, actor=actor)
    if action == "copy":
        return Outcome(text, entry=copy_entry(share, source, target, find_name=find_name))
    require_write(share, source, actor=actor)
    return Outcome(text, entry=move(share, source, target))
