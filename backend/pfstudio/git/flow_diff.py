"""What a change of a flow means to a reader: which node, which input, which words of which prompt."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import FlowYamlError
from pfstudio.flow.yaml_reader import YamlMap, plain, read_yaml
from pfstudio.git.blobs import read_blobs
from pfstudio.git.diff import Compared, FileChange, list_changes
from pfstudio.git.errors import NotAFlowError
from pfstudio.git.process import Git
from pfstudio.git.words import Words, compare_words, count_words
from pfstudio.share.content import read_bytes
from pfstudio.share.paths import SharePath

FLOW_FILES = ("flow.dag.yaml", "flow.dag.yml")
_LARGEST = 1_000_000
_ROOM = 16_000_000
_MOST_TEXTS = 60
_MOST_OTHERS = 300
_WORD_SECONDS = 2.0
_LONGEST_VALUE = 2_000
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value that differs, such as `inputs.max_tokens`; None where it is missing on that side."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class TextChange:
    """A file that a node uses. `words` is None where it is too long, or no text."""

    inside: str
    status: Literal["added", "deleted", "changed"]
    added_words: int
    removed_words: int
    words: list[Words] | None


@dataclass(frozen=True, slots=True)
class NodeChange:
    name: str
    type: str | None
    status: Literal["added", "removed", "changed"]
    line: int | None
    values: list[ValueChange]
    texts: list[TextChange]


@dataclass(slots=True)
class FlowDiff:
    flow_file: str
    nodes: list[NodeChange] = field(default_factory=list)
    inputs: list[ValueChange] = field(default_factory=list)
    outputs: list[ValueChange] = field(default_factory=list)
    settings: list[ValueChange] = field(default_factory=list)
    other_files: list[FileChange] = field(default_factory=list)
    problem: str | None = None


def compare_flows(git: Git, path: SharePath, what: Compared) -> FlowDiff:
    """How a flow's two versions differ. A side that cannot be read counts as empty, and `problem` says so.

    Raises:
        NotAFlowError: the folder has no flow file on either side.
    """
    return _Comparing(git, git.repository.inside(path), what).run(path)


@dataclass(slots=True)
class _Side:
    """One version of the flow file."""

    document: Mapping[Any, Any]
    nodes: Mapping[str, Mapping[Any, Any]]
    variants: Mapping[Any, Any]


class _Comparing:
    def __init__(self, git: Git, folder: str, what: Compared) -> None:
        self._git = git
        self._folder = folder
        self._what = what
        self._contents: dict[str, bytes | None] = {}
        self._texts_left = _MOST_TEXTS
        self._ends = time.monotonic() + _WORD_SECONDS

    def run(self, path: SharePath) -> FlowDiff:
        changes, _ = list_changes(self._git, self._what, [self._folder])
        by_path = {change.old_inside: change for change in changes if change.old_inside is not None}
        by_path.update({change.inside: change for change in changes})
        self._fetch([self._inside(name) for name in FLOW_FILES])
        flow_file, before, after = self._flow_file(path)
        found = FlowDiff(flow_file)
        old, new = self._side(before, flow_file, found), self._side(after, flow_file, found)
        told = {self._inside(flow_file)}
        names = dict.fromkeys([*new.nodes, *old.nodes])
        used = [self._inside(file) for name in names for side in (old, new) for file in _files(side, name)]
        texts = [by_path[inside] for inside in dict.fromkeys(used) if inside in by_path][:_MOST_TEXTS]
        self._fetch([inside for change in texts for inside in {change.inside, change.old_inside or change.inside}])
        for name in names:
            change = self._node(name, old, new, by_path, told)
            if change is not None:
                found.nodes.append(change)
        found.inputs = list(_values(old.document.get("inputs"), new.document.get("inputs")))
        found.outputs = list(_values(old.document.get("outputs"), new.document.get("outputs")))
        rest = [{key: side.document[key] for key in side.document if key not in _PARTS} for side in (old, new)]
        found.settings = list(_values(*rest))
        found.other_files = [change for change in changes if change.inside not in told][:_MOST_OTHERS]
        return found

    def _flow_file(self, path: SharePath) -> tuple[str, bytes | None, bytes | None]:
        for name in FLOW_FILES:
            sides = self._read(self._inside(name), is_new=False), self._read(self._inside(name), is_new=True)
            if sides != (None, None):
                return name, *sides
        raise NotAFlowError(str(path))

    def _side(self, content: bytes | None, file: str, found: FlowDiff) -> _Side:
        document: Any = {}
        try:
            document = read_yaml(content or b"", file)
        except FlowYamlError as error:
            found.problem = str(error)
        if not isinstance(document, dict):
            document = {}
        listed = document.get("nodes")
        nodes = [node for node in (listed if isinstance(listed, list) else []) if isinstance(node, dict)]
        named = {str(node["name"]): node for node in nodes if "name" in node}
        variants = document.get("node_variants")
        return _Side(document, named, variants if isinstance(variants, dict) else {})

    def _node(
        self, name: str, old: _Side, new: _Side, by_path: Mapping[str, FileChange], told: set[str]
    ) -> NodeChange | None:
        before, after = old.nodes.get(name), new.nodes.get(name)
        values = list(_values(_with_variants(before, old, name), _with_variants(after, new, name)))
        files = [*_files(old, name), *_files(new, name)]
        texts = []
        found = [by_path[inside] for file in files if (inside := self._inside(file)) in by_path]
        for change in dict.fromkeys(found):
            told.add(change.inside)
            texts.append(self._text(change))
        if before is not None and after is not None and not values and not texts:
            return None
        newest = after if after is not None else before or {}
        line = after.place.line if isinstance(after, YamlMap) else None
        status: Literal["added", "removed", "changed"] = "changed"
        if before is None or after is None:
            status = "added" if before is None else "removed"
        kind = newest.get("type")
        return NodeChange(name, str(kind) if kind is not None else None, status, line, values, texts)

    def _text(self, change: FileChange) -> TextChange:
        status: Literal["added", "deleted", "changed"] = "changed"
        if change.status in ("added", "deleted"):
            status = "added" if change.status == "added" else "deleted"
        words = None
        self._texts_left -= 1
        if self._texts_left >= 0 and time.monotonic() < self._ends and change.added is not None:
            before = self._read(change.old_inside or change.inside, is_new=False) or b""
            after = self._read(change.inside, is_new=True) or b""
            words = compare_words(before.decode(errors="replace"), after.decode(errors="replace"))
        added, removed = (count_words(words, "added"), count_words(words, "removed")) if words else (0, 0)
        return TextChange(change.inside, status, added, removed, words)

    def _inside(self, file: str) -> str:
        return f"{self._folder}/{file}" if self._folder else file

    def _fetch(self, inside: Sequence[str]) -> None:
        """Read files of both sides at once, for `_read`."""
        names = [self._name(each, is_new=is_new) for each in inside for is_new in (False, True)]
        blobs = [name for name in names if name is not None and name not in self._contents]
        self._contents.update(read_blobs(self._git, blobs, largest=_LARGEST, room=_ROOM))

    def _name(self, inside: str, *, is_new: bool) -> str | None:
        """What git calls a file on one side; None where it is the one on disk."""
        side = self._what.new if is_new else self._what.old
        if is_new and side is None and not self._what.staged:
            return None
        return f"{side or ''}:{inside}"

    def _read(self, inside: str, *, is_new: bool) -> bytes | None:
        """A file on one side; None where it is not there, or too large."""
        name = self._name(inside, is_new=is_new)
        if name is not None:
            return self._contents.get(name)
        try:
            repository = self._git.repository
            return read_bytes(repository.share, repository.path(inside), limit=_LARGEST)
        except PromptflowException:
            return None


_PARTS = ("nodes", "node_variants", "inputs", "outputs")


def _with_variants(node: Mapping[Any, Any] | None, side: _Side, name: str) -> Mapping[Any, Any]:
    """A node's values, with those of its variants below `variants`."""
    if node is None:
        return {}
    known = side.variants.get(name)
    return {**node, "variants": known} if isinstance(known, dict) else node


def _files(side: _Side, name: str) -> Iterator[str]:
    """The files that a node and its variants name as their source."""
    node = side.nodes.get(name)
    known = side.variants.get(name)
    listed = known.get("variants") if isinstance(known, dict) else None
    each_variant = listed.values() if isinstance(listed, dict) else ()
    variants = [variant.get("node") for variant in each_variant if isinstance(variant, dict)]
    for each in (node, *variants):
        source = each.get("source") if isinstance(each, dict) else None
        path = source.get("path") if isinstance(source, dict) else None
        if isinstance(path, str) and ".." not in path.split("/"):
            yield path.removeprefix("./")


def _values(before: Any, after: Any) -> Iterator[ValueChange]:
    old, new = dict(_flat(before, ())), dict(_flat(after, ()))
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            yield ValueChange(name, old.get(name), new.get(name))


def _flat(value: Any, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each single value below a mapping by its dotted name."""
    if isinstance(value, dict) and value and len(names) < _DEPTH:
        for key, item in value.items():
            yield from _flat(item, (*names, str(key)))
    elif names:
        yield ".".join(names), _shown(value)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
