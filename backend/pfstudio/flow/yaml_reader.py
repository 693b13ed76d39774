"""YAML as the flow format wants it: the core rules of YAML 1.2, duplicate keys refused, a line for everything.

PyYAML's C scanner delivers the events. Values are made here, since PyYAML itself follows YAML 1.1, where `no` is
false, `1e3` is text and `1:30` is ninety.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

import yaml

from pfstudio.flow.errors import FlowYamlError

try:
    from yaml._yaml import CParser as _Parser
except ImportError:  # PyYAML without its C part: slower, the same events.
    from yaml import Loader as _Parser  # type: ignore[assignment]

_MAX_DEPTH = 100
_MAX_VALUES = 1_000_000  # Aliases count each time they are used, so a few lines cannot fill the memory.
_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_TAG = "tag:yaml.org,2002:"


class Place(NamedTuple):
    """Where something stands in its file; both numbers count from 1."""

    line: int
    column: int


class YamlMap(dict[Any, Any]):
    """A mapping that knows where its keys and values stand."""

    __slots__ = ("key_places", "place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[Any, Place] = {}
        self.key_places: dict[Any, Place] = {}

    def line_of(self, key: Any) -> int:
        """The line of a key, or of the mapping where the key is absent."""
        return self.key_places.get(key, self.place).line


class YamlList(list[Any]):
    """A sequence that knows where its items stand."""

    __slots__ = ("place", "places")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []


def read_yaml(content: bytes, file: str) -> Any:
    """The value of one YAML document, made of `YamlMap`, `YamlList` and plain scalars; None for an empty one.

    Raises:
        FlowYamlError: not UTF-8, not YAML, a duplicate key, or nested beyond reason; with file and line.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FlowYamlError(file, Place(line, 1), "The file is not UTF-8 text.") from error
    try:
        return _Composer(text, file).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        raise FlowYamlError(file, place, _sentence(error)) from error
    except yaml.YAMLError as error:
        raise FlowYamlError(file, _reader_place(text, error), _reader_sentence(error)) from error


def plain(value: Any) -> Any:
    """The same value made of plain dicts and lists, as user code expects them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


class _Composer:
    """Builds values from the events of one document."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[Any] = iter(_events(text))
        self._file = file
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def document(self) -> Any:
        next(self._events)  # The start of the stream.
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), 0)
        next(self._events)  # The end of the document.
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise FlowYamlError(self._file, _place(following), "The file holds more than one YAML document.")
        return value

    def _value(self, event: Any, depth: int) -> Any:
        place = _place(event)
        if depth > _MAX_DEPTH:
            raise FlowYamlError(self._file, place, f"The values are nested more than {_MAX_DEPTH} levels deep.")
        before = self._count
        self._grow(1, place)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, place)
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, place)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(place, depth)
        else:
            value = self._mapping(place, depth)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._count - before)
        return value

    def _grow(self, by: int, place: Place) -> None:
        self._count += by
        if self._count > _MAX_VALUES:
            raise FlowYamlError(self._file, place, f"The file expands to more than {_MAX_VALUES} values.")

    def _alias(self, event: Any, place: Place) -> Any:
        if event.anchor not in self._anchors:
            raise FlowYamlError(self._file, place, f"The alias '*{event.anchor}' has no anchor before it.")
        value, size = self._anchors[event.anchor]
        self._grow(size, place)
        return value

    def _sequence(self, place: Place, depth: int) -> YamlList:
        items = YamlList(place)
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.places.append(_place(event))
            items.append(self._value(event, depth + 1))
        return items

    def _mapping(self, place: Place, depth: int) -> YamlMap:
        mapping = YamlMap(place)
        merged: list[tuple[Any, Place]] = []
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key_place = _place(event)
            is_merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            key = self._value(event, depth + 1)
            value_event = next(self._events)
            value_place = _place(value_event)
            value = self._value(value_event, depth + 1)
            if is_merge:
                merged.append((value, key_place))
                continue
            self._check_key(key, key_place, mapping)
            mapping[key] = value
            mapping.places[key] = value_place
            mapping.key_places[key] = key_place
        for value, merge_place in merged:
            self._merge(mapping, value, merge_place)
        return mapping

    def _check_key(self, key: Any, place: Place, mapping: YamlMap) -> None:
        if not isinstance(key, Hashable):
            raise FlowYamlError(self._file, place, "A key must be a single value.")
        if key in mapping:
            first = mapping.key_places[key].line
            raise FlowYamlError(self._file, place, f"The key '{key}' appears twice; the first is on line {first}.")

    def _merge(self, mapping: YamlMap, value: Any, place: Place) -> None:
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, YamlMap):
                raise FlowYamlError(self._file, place, "'<<' takes a mapping or a list of mappings.")
            for key, item in source.items():
                if key not in mapping:
                    mapping[key] = item
                    mapping.places[key] = source.places[key]
                    mapping.key_places[key] = source.key_places[key]

    def _scalar(self, event: Any, place: Place) -> Any:
        tag: str | None = event.tag
        text: str = event.value
        if tag is None or tag == "!":
            return self._plain(text, place) if event.implicit[0] else text
        if tag.removeprefix(_TAG) in ("int", "float", "bool", "null"):
            value = self._plain(text, place)
            return float(value) if tag == f"{_TAG}float" and isinstance(value, int) else value
        return text

    def _plain(self, text: str, place: Place) -> Any:
        try:
            return resolve_plain(text)
        except ValueError as error:
            raise FlowYamlError(self._file, place, "The number has too many digits.") from error


def resolve_plain(text: str) -> Any:
    """The value of an unquoted scalar: null, boolean, number, or the text itself (dates and `yes` are text)."""
    first = text[:1]
    if first not in "~nNtTfF.+-0123456789":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    if _OCTAL.match(text):
        return int(text[2:], 8)
    if _HEX.match(text):
        return int(text[2:], 16)
    return text


def _events(text: str) -> Iterator[Any]:
    parser = _Parser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        if hasattr(parser, "dispose"):
            parser.dispose()


def _place(event: Any) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1)


def _sentence(error: yaml.MarkedYAMLError) -> str:
    parts = [str(part).strip() for part in (error.context, error.problem) if part]
    return f"Not valid YAML: {', '.join(parts)}."


def _reader_place(text: str, error: yaml.YAMLError) -> Place:
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return Place(1, 1)
    before = (
        text[:position]
        if isinstance(getattr(error, "character", None), str)
        else text.encode()[:position].decode(errors="replace")
    )
    return Place(before.count("\n") + 1, 1)


def _reader_sentence(error: yaml.YAMLError) -> str:
    reason = getattr(error, "reason", None) or str(error)
    return f"Not valid YAML: {reason}."
