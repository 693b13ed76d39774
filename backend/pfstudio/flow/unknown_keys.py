"""Keys of a flow file that mean nothing: kept as they are, told with the word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pfstudio.flow.graph import did_you_mean
from pfstudio.flow.yaml_reader import YamlList, YamlMap

_FLOW = frozenset(
    [
        "$schema",
        "additional_includes",
        "description",
        "display_name",
        "environment",
        "environment_variables",
        "id",
        "inputs",
        "is_chat_flow",
        "language",
        "message_format",
        "name",
        "node_variants",
        "nodes",
        "outputs",
        "path",
        "tags",
        "tools",
        "type",
        "version",
    ]
)
_INPUT = frozenset(
    ["default", "description", "enum", "is_chat_history", "is_chat_input", "is_multi_select", "name", "type"]
)
_OUTPUT = frozenset(["description", "evaluation_only", "is_chat_output", "name", "reference", "type"])
_NODE = frozenset(
    [
        "activate",
        "aggregation",
        "api",
        "comment",
        "connection",
        "deployment_name",
        "enable_cache",
        "inputs",
        "model",
        "module",
        "name",
        "provider",
        "reduce",
        "source",
        "tool",
        "type",
        "use_variants",
    ]
)
_SOURCE = frozenset(["path", "tool", "type"])
_ACTIVATE = frozenset(["is", "when"])
_VARIANTS = frozenset(["default_variant_id", "variants"])
_VARIANT = frozenset(["description", "node"])


def unknown_keys(document: Any) -> Iterator[tuple[int, str]]:
    """Line and message of each key that has no meaning where it stands. Keys that begin with `x-` are anybody's."""
    if not isinstance(document, YamlMap):
        return
    yield from _of(document, _FLOW, "The flow file")
    for name, value in _entries(document.get("inputs")):
        yield from _of(value, _INPUT, f"The flow input '{name}'")
    for name, value in _entries(document.get("outputs")):
        yield from _of(value, _OUTPUT, f"The flow output '{name}'")
    listed = document.get("nodes")
    for node in listed if isinstance(listed, YamlList) else ():
        if isinstance(node, YamlMap):
            yield from _of_node(node, f"The node '{node.get('name')}'")
    for name, variants in _entries(document.get("node_variants")):
        yield from _of(variants, _VARIANTS, f"The variants of the node '{name}'")
        for key, variant in _entries(variants.get("variants") if isinstance(variants, YamlMap) else None):
            what = f"The variant '{key}' of the node '{name}'"
            yield from _of(variant, _VARIANT, what)
            body = variant.get("node") if isinstance(variant, YamlMap) else None
            if isinstance(body, YamlMap):
                yield from _of_node(body, what)


def _of_node(node: YamlMap, what: str) -> Iterator[tuple[int, str]]:
    yield from _of(node, _NODE, what)
    yield from _of(node.get("source"), _SOURCE, f"{what}, its source,")
    yield from _of(node.get("activate"), _ACTIVATE, f"{what}, its activate condition,")


def _of(value: Any, known: frozenset[str], what: str) -> Iterator[tuple[int, str]]:
    for key in value if isinstance(value, YamlMap) else ():
        if key not in known and not str(key).startswith("x-"):
            hint = did_you_mean(str(key), known)
            yield value.line_of(key), f"{what} has the key '{key}', which means nothing there.{hint}"


def _entries(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, YamlMap) else []
