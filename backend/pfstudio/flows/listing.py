"""What can be told of a flow cheaply: from its flow file alone, remembered until the file changes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

from pfstudio.accounts.actor import Actor
from pfstudio.errors import PromptflowException
from pfstudio.flow.kinds import FlowKind
from pfstudio.flows.heads import FlowHead, FlowType, head_of, head_of_content
from pfstudio.flows.locating import flow_name
from pfstudio.share import content
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.files import Entry, stat_entry
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import PROMPTY, FlowTree, FoundFlow

_LARGEST = 4_000_000


@dataclass(frozen=True, slots=True)
class ListedFlow:
    """A flow in the list of all."""

    path: str
    name: str
    owner: str
    kind: FlowKind
    type: FlowType
    display_name: str
    description: str
    modified: datetime
    writable: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """A flow as the last look found it."""

    found: FoundFlow
    modified: datetime
    head: FlowHead


class _Known:
    """What is remembered of one share."""

    def __init__(self) -> None:
        self.heads: dict[str, tuple[str, FlowHead]] = {}
        self._guard = threading.Lock()
        self._tree: FlowTree | None = None
        self._began = -1
        self._seen: list[_Seen] = []

    def look(self, share: Share) -> list[_Seen]:
        """Every flow. Of many who ask at once, those wait together whose turn is after a look that began later than
        they asked: it is theirs as well."""
        asked = time.monotonic_ns()
        with self._guard:
            if self._began <= asked:
                self._began = time.monotonic_ns()
                tree = self._tree = self._tree or FlowTree(share)
                self._seen = [seen for found in tree.find() if (seen := _see(share, self, found))]
            return self._seen


_known: WeakKeyDictionary[Share, _Known] = WeakKeyDictionary()


def list_flows(share: Share, *, actor: Actor) -> list[ListedFlow]:
    """Every flow of the share, last changed first."""
    known = _known.setdefault(share, _Known())
    listed = [_listed(seen, actor) for seen in known.look(share)]
    return sorted(listed, key=lambda flow: (flow.modified, flow.path), reverse=True)


def _see(share: Share, known: _Known, found: FoundFlow) -> _Seen | None:
    try:
        entry = stat_entry(share, found.file)
        return _Seen(found, entry.modified, _head(share, known, found.file, entry))
    except PathNotFoundError:
        return None  # Deleted meanwhile.


def _listed(seen: _Seen, actor: Actor) -> ListedFlow:
    found, head = seen.found, seen.head
    owner, name = str(found.path.owner), flow_name(found.path)
    return ListedFlow(
        path=str(found.path),
        name=name,
        owner=owner,
        kind=_kind(found, head),
        type=head.type,
        display_name=head.display_name or name,
        description=head.description,
        modified=seen.modified,
        writable=actor.may_write(owner),
    )


def _kind(found: FoundFlow, head: FlowHead) -> FlowKind:
    if found.file.name.endswith(PROMPTY):
        return "prompty"
    return "flex" if head.is_flex else "dag"


def _head(share: Share, known: _Known, file: SharePath, entry: Entry) -> FlowHead:
    tag, head = known.heads.get(entry.path, ("", None))
    if head is None or tag != entry.etag:
        try:
            head = head_of_content(content.read_bytes(share, file, limit=_LARGEST), file.name)
        except PathNotFoundError:
            raise
        except PromptflowException:
            head = head_of(None)  # Larger than any flow file, or not to be read: it is listed all the same.
        known.heads[entry.path] = (entry.etag, head)
    return head
