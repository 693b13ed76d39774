"""What can be told of a flow cheaply: from its flow file alone, remembered until the file changes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from weakref import WeakKeyDictionary

from pfstudio.accounts.actor import Actor
from pfstudio.errors import PromptflowException
from pfstudio.flow.yaml_reader import read_yaml
from pfstudio.share import content
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.files import Entry, stat_entry
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import FlowTree, FoundFlow

FlowType = Literal["standard", "chat", "evaluation"]
_TYPES = ("standard", "chat", "evaluation")
_LARGEST = 4_000_000


@dataclass(frozen=True, slots=True)
class FlowHead:
    """What a flow file says about its flow."""

    type: FlowType
    display_name: str
    description: str


@dataclass(frozen=True, slots=True)
class ListedFlow:
    """A flow in the list of all."""

    path: str
    name: str
    owner: str
    type: FlowType
    display_name: str
    description: str
    modified: datetime
    writable: bool


class _Known:
    """What is remembered of one share."""

    def __init__(self, share: Share) -> None:
        self.tree = FlowTree(share)
        self.heads: dict[str, tuple[str, FlowHead]] = {}
        self.guard = threading.Lock()


_known: WeakKeyDictionary[Share, _Known] = WeakKeyDictionary()


def list_flows(share: Share, *, actor: Actor) -> list[ListedFlow]:
    """Every flow of the share, last changed first."""
    known = _known.setdefault(share, _Known(share))
    with known.guard:
        listed = [item for found in known.tree.find() if (item := _listed(share, known, found, actor))]
    return sorted(listed, key=lambda flow: (flow.modified, flow.path), reverse=True)


def head_of(document: object) -> FlowHead:
    """The type and the texts of a flow file; a file that says no type is told by its inputs and nodes."""
    root = document if isinstance(document, Mapping) else {}
    named, shown, text = root.get("type"), root.get("display_name"), root.get("description")
    return FlowHead(
        type=cast(FlowType, named) if named in _TYPES else _type_by_content(root),
        display_name=shown if isinstance(shown, str) else "",
        description=text if isinstance(text, str) else "",
    )


def _type_by_content(root: Mapping[Any, Any]) -> FlowType:
    inputs, nodes = root.get("inputs"), root.get("nodes")
    if isinstance(inputs, Mapping) and any(
        isinstance(item, Mapping) and item.get("is_chat_input") is True for item in inputs.values()
    ):
        return "chat"
    if isinstance(nodes, list) and any(isinstance(node, Mapping) and node.get("aggregation") is True for node in nodes):
        return "evaluation"
    return "standard"


def _listed(share: Share, known: _Known, found: FoundFlow, actor: Actor) -> ListedFlow | None:
    file = found.path / found.file
    try:
        entry = stat_entry(share, file)
        head = _head(share, known, file, entry)
    except PathNotFoundError:
        return None  # Deleted meanwhile.
    owner = str(found.path.owner)
    return ListedFlow(
        path=str(found.path),
        name=found.path.name,
        owner=owner,
        type=head.type,
        display_name=head.display_name or found.path.name,
        description=head.description,
        modified=entry.modified,
        writable=actor.may_write(owner),
    )


def _head(share: Share, known: _Known, file: SharePath, entry: Entry) -> FlowHead:
    tag, head = known.heads.get(entry.path, ("", None))
    if head is None or tag != entry.etag:
        try:
            head = head_of(read_yaml(content.read_bytes(share, file, limit=_LARGEST), file.name))
        except PathNotFoundError:
            raise
        except PromptflowException:
            head = head_of(None)  # Broken just now: it is listed all the same.
        known.heads[entry.path] = (entry.etag, head)
    return head
