"""What a flow's own file says of it at its top: type and texts, read without the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from pfstudio.errors import PromptflowException
from pfstudio.flow.files import FlowFiles
from pfstudio.flow.prompty import front_matter
from pfstudio.flow.yaml_reader import read_yaml
from pfstudio.share.tree import PROMPTY

FlowType = Literal["standard", "chat", "evaluation"]
_FILE = re.compile(r"(?:\$\{)?file:([^}]*)\}?")
_TYPES = ("standard", "chat", "evaluation")


@dataclass(frozen=True, slots=True)
class FlowHead:
    """What a flow file says about its flow."""

    type: FlowType
    display_name: str
    description: str
    is_flex: bool = False


def head_of_file(files: FlowFiles, file: str) -> FlowHead:
    """The head of a flow file; an empty one while it cannot be read."""
    try:
        return head_of_content(files.read_bytes(file), file)
    except FileNotFoundError:
        return head_of(None)


def head_of_content(content: bytes, file: str) -> FlowHead:
    """The head in a flow file's bytes; an empty one while they cannot be read."""
    try:
        if file.endswith(PROMPTY):
            return _head_of_prompty(front_matter(content, file))
        return head_of(read_yaml(content, file))
    except (PromptflowException, RecursionError):
        return head_of(None)  # Broken just now: it is listed all the same.


def head_of(document: object) -> FlowHead:
    """The type and the texts of a flow file; a file that says no type is told by its inputs and nodes."""
    root = document if isinstance(document, Mapping) else {}
    named = root.get("type")
    return FlowHead(
        type=cast(FlowType, named) if named in _TYPES else _type_by_content(root),
        display_name=_text(root, "display_name"),
        description=_text(root, "description"),
        is_flex="entry" in root,
    )


def _head_of_prompty(front: Mapping[Any, Any]) -> FlowHead:
    """A prompty has no type of its own, and usually a name in the place of a name to be shown."""
    return FlowHead(
        type=_type_by_content(front),
        display_name=_text(front, "display_name") or _text(front, "name"),
        description=_text(front, "description"),
    )


def _text(root: Mapping[Any, Any], key: str) -> str:
    value = root.get(key)
    return value if isinstance(value, str) else ""


def _type_by_content(root: Mapping[Any, Any]) -> FlowType:
    inputs, nodes = root.get("inputs"), root.get("nodes")
    if isinstance(inputs, Mapping) and any(
        isinstance(item, Mapping) and item.get("is_chat_input") is True for item in inputs.values()
    ):
        return "chat"
    if isinstance(nodes, list) and any(isinstance(node, Mapping) and node.get("aggregation") is True for node in nodes):
        return "evaluation"
    return "standard"


def named_files(content: bytes, file: str) -> list[str]:
    """The files in or below a prompty's folder that its front matter names, such as its sample."""
    try:
        front = front_matter(content, file)
    except PromptflowException:
        return []
    texts = list(_texts(front))
    names = [match[1].strip() for text in texts if (match := _FILE.match(text))]
    sample = front.get("sample")
    if isinstance(sample, str):
        names.append(sample)
    return [name for name in names if name and not name.startswith("/") and ".." not in name.split("/")]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(item)
