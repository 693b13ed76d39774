"""A `flow.dag.yaml` as the parts it is made of, each with its own text: nodes, their inputs, the flow's inputs.

The texts of all parts in their order are the file, to the letter: comments go along with the part they stand before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pfstudio.flow.errors import FlowYamlError
from pfstudio.flow.yaml_reader import Place, YamlList, YamlMap, read_yaml

LARGEST = 1_000_000
_LINE = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_NOT_BLOCK = "{[&*!?|>\"'"


class NoPartsError(Exception):
    """A file that is not written in a way whose parts can be told apart."""


@dataclass(slots=True)
class Part:
    """`head` is its text up to its first child; a part without children is nothing but a head."""

    key: str
    head: str
    children: list[Part] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.head + "".join(child.text for child in self.children)

    def child(self, key: str) -> Part | None:
        return next((child for child in self.children if child.key == key), None)


def read_parts(text: str, file: str) -> Part:
    """The whole file as one part.

    Raises:
        NoPartsError: it cannot be read, or is written in an unusual way.
    """
    if len(text) > LARGEST or text.startswith("\ufeff"):
        raise NoPartsError
    try:
        document = read_yaml(text.encode(errors="surrogateescape"), file)
    except FlowYamlError as error:
        raise NoPartsError from error
    if not isinstance(document, YamlMap) or not document:
        raise NoPartsError
    reader = _Reader(text)
    root = Part("", "")
    reader.fill(root, document, 0, len(text), is_top=True)
    if root.text != text or not root.children:
        raise NoPartsError
    return root


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(found.end() for found in _LINE.finditer(text))]

    def fill(self, part: Part, value: object, start: int, end: int, *, is_top: bool = False) -> None:
        """Give a part that stands from `start` to `end` its head and children."""
        entries = self._entries(part.key, value, is_top=is_top)
        if not entries:
            part.head = self._text[start:end]
            return
        # The first entry of a list's item stands behind the dash, and stays with it.
        if not is_top and self._is_behind_dash(entries[0][2]):
            entries = entries[1:]
            if not entries:
                part.head = self._text[start:end]
                return
        begins = [self._begin(place, start) for _, _, place in entries]
        if begins != sorted(set(begins)) or begins[-1] >= end:
            raise NoPartsError
        part.head = self._text[start : begins[0]]
        for (key, item, _), begin, following in zip(entries, begins, [*begins[1:], end], strict=True):
            child = Part(key, "")
            self.fill(child, item, begin, following)
            part.children.append(child)

    def _entries(self, key: str, value: object, *, is_top: bool) -> list[tuple[str, object, Place]]:
        """What is inside a value that is written in lines: keys, or nodes by their names."""
        if isinstance(value, YamlMap) and value and self._is_block(value.place):
            if any(not isinstance(each, str) for each in value) or len(value.key_places) != len(value):
                return []
            if not is_top and any(value.key_places[each] < value.place for each in value):
                return []  # It came by `<<`.
            return [(each, value[each], value.key_places[each]) for each in value]
        if isinstance(value, YamlList) and key == "nodes" and value and self._character(value.place) == "-":
            names = [item.get("name") if isinstance(item, YamlMap) else None for item in value]
            if len(set(names)) == len(names) and all(isinstance(name, str) for name in names):
                dashes = [self._dash(place) for place in value.places]
                return list(zip(map(str, names), value, dashes, strict=True))
        return []

    def _is_block(self, place: Place) -> bool:
        return self._character(place) not in _NOT_BLOCK

    def _dash(self, place: Place) -> Place:
        """The place of the dash before an item."""
        line = self._text[self._lines[place.line - 1] : self._offset(place)]
        if line.strip() != "-":
            raise NoPartsError
        return Place(place.line, line.index("-") + 1)

    def _is_behind_dash(self, place: Place) -> bool:
        return "-" in self._text[self._lines[place.line - 1] : self._offset(place)]

    def _begin(self, place: Place, lowest: int) -> int:
        """Where the lines of an entry begin: those of its comments, and blank ones, are its own."""
        before = self._text[self._lines[place.line - 1] : self._offset(place)]
        if before.strip():
            raise NoPartsError
        line = place.line - 1
        while line > 0 and self._lines[line - 1] >= lowest and self._is_comment(line - 1, place.column - 1):
            line -= 1
        return max(self._lines[line], lowest)

    def _is_comment(self, line: int, column: int) -> bool:
        text = self._text[self._lines[line] : self._lines[line + 1]].rstrip()
        return not text or (text.lstrip().startswith("#") and len(text) - len(text.lstrip()) <= column)

    def _character(self, place: Place) -> str:
        return self._text[self._offset(place) : self._offset(place) + 1]

    def _offset(self, place: Place) -> int:
        return self._lines[place.line - 1] + place.column - 1


def names_of(parts: Sequence[Part]) -> list[str]:
    """The keys of parts, in their order."""
    return [part.key for part in parts]
