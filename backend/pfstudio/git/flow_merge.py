"""Merging two versions of a `flow.dag.yaml` part by part: what only one side changed is decided by that."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pfstudio.git.flow_parts import Part, names_of, read_parts

Side = Literal["base", "ours", "theirs"]
PartState = Literal["ours", "theirs", "both", "conflict"]


@dataclass(frozen=True, slots=True)
class MergedPart:
    """One part that differs. `state` says who changed it; for `conflict` somebody has to choose."""

    id: str
    node: str | None
    label: str
    base: str | None
    ours: str | None
    theirs: str | None
    state: PartState


@dataclass(frozen=True, slots=True)
class FlowMerge:
    text: str
    parts: list[MergedPart]

    @property
    def open_ids(self) -> set[str]:
        return {part.id for part in self.parts if part.state == "conflict"}


def merge_flows(
    base: str | None, ours: str, theirs: str, file: str, *, choices: Mapping[str, Side] | None = None
) -> FlowMerge:
    """The merged file, and every part that differs. Where both changed a part, `choices` decide, else ours stands.

    Raises:
        NoPartsError: a side, or what would come out, is not written in a way that allows it.
    """
    first = read_parts(base, file) if base else Part("", "")
    merging = _Merging(choices or {})
    text = merging.parts(first, read_parts(ours, file), read_parts(theirs, file), ())
    if text.strip():
        read_parts(text, file)
    return FlowMerge(text, merging.found)


class _Merging:
    def __init__(self, choices: Mapping[str, Side]) -> None:
        self._choices = choices
        self.found: list[MergedPart] = []

    def parts(self, base: Part | None, ours: Part | None, theirs: Part | None, names: tuple[str, ...]) -> str:
        """The text of one part, merged."""
        sides = [_plain(part) for part in (base, ours, theirs)]
        if sides[1] == sides[2]:
            if sides[0] != sides[1]:
                self._tell(names, base, ours, theirs, "both")
            return _whole(ours)
        inside = self._inside(base, ours, theirs, names)
        if inside is not None:
            return inside
        if sides[1] == sides[0]:
            self._tell(names, base, ours, theirs, "theirs")
            return _whole(theirs)
        if sides[2] == sides[0]:
            self._tell(names, base, ours, theirs, "ours")
            return _whole(ours)
        self._tell(names, base, ours, theirs, "conflict")
        chosen = {"base": base, "ours": ours, "theirs": theirs}[self._choices.get(_id(names), "ours")]
        return _whole(chosen)

    def _inside(self, base: Part | None, ours: Part | None, theirs: Part | None, names: tuple[str, ...]) -> str | None:
        """The same, child by child; None where it is one thing for a reader."""
        if ours is None or theirs is None or not ours.children or not theirs.children:
            return None
        before = base or Part(ours.key, ours.head if ours.head == theirs.head else "")
        heads = [part.head.rstrip() for part in (before, ours, theirs)]
        if heads[1] != heads[2] and heads[0] not in heads[1:]:
            return None
        head = theirs.head if heads[0] == heads[1] else ours.head
        text = [head]
        for key in _order(before, ours, theirs):
            piece = self.parts(before.child(key), ours.child(key), theirs.child(key), (*names, key))
            text.append(_ended(piece))
        return _ended("".join(map(_ended, text)))

    def _tell(
        self, names: tuple[str, ...], base: Part | None, ours: Part | None, theirs: Part | None, state: PartState
    ) -> None:
        node = names[1] if names[:1] == ("nodes",) and len(names) > 1 else None
        label = ".".join(names[2:] if node else names)
        self.found.append(MergedPart(_id(names), node, label, _shown(base), _shown(ours), _shown(theirs), state))


def _order(base: Part, ours: Part, theirs: Part) -> list[str]:
    """The keys of both, in the order of the side that changed it, else ours; what one side lacks stands behind what it
    stands behind on the other."""
    first, second = ours, theirs
    if _common(base, ours) == _common(ours, base):
        first, second = theirs, ours
    order = names_of(first.children)
    previous: str | None = None
    for key in names_of(second.children):
        if key not in order:
            order.insert(order.index(previous) + 1 if previous in order else 0, key)
        previous = key
    return order


def _common(part: Part, other: Part) -> list[str]:
    """The keys that the other has as well, in the order of the first."""
    known = set(names_of(other.children))
    return [key for key in names_of(part.children) if key in known]


def _id(names: tuple[str, ...]) -> str:
    return "/".join(name.replace("~", "~0").replace("/", "~1") for name in names)


def _plain(part: Part | None) -> str | None:
    """What counts when sides are compared: how it ends does not."""
    return None if part is None else part.text.strip("\r\n").rstrip()


def _whole(part: Part | None) -> str:
    return "" if part is None else part.text


def _ended(text: str) -> str:
    """With an end of line, so that another part can follow."""
    return text if not text or text.endswith(("\n", "\r")) else f"{text}\n"


def _shown(part: Part | None) -> str | None:
    return None if part is None else textwrap.dedent(part.text.strip("\r\n")).rstrip()
