"""Other values for a flow's YAML, by dotted path: what `FlowContext.overrides` means."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import InvalidFlowError
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.graph import graph_problems
from pfstudio.flow.loader import read_document
from pfstudio.flow.reader import FlowReader
from pfstudio.flow.spec import Flow
from pfstudio.flow.variants import apply_variants, parse_variant
from pfstudio.flow.yaml_reader import Place, YamlList, YamlMap


def load_overridden(file: Path, overrides: Mapping[str, Any], *, variant: str | None = None) -> Flow:
    """The flow of a file with some values of its YAML replaced; nodes are addressed by their names.

    Raises:
        PromptflowException: the first problem of the file or of an override.
    """
    document = read_document(FolderFiles(file.parent), file.name)
    root = document if isinstance(document, YamlMap) else YamlMap(Place(1, 1))
    for path, value in overrides.items():
        mapping, keys = _place_of(root, path, variant, file.name)
        _set(mapping, keys, value)
    flow = apply_variants(FlowReader(file.name, _raise).read(root, file.parent.name), variant, _raise)
    for problem in graph_problems(flow):
        raise problem
    return flow


def _place_of(root: YamlMap, path: str, variant: str | None, file: str) -> tuple[YamlMap, list[str]]:
    """The mapping an override begins at and the keys from there."""
    keys = path.split(".")
    if keys[0] != "nodes" or len(keys) < 3:
        return root, keys
    name = keys[1]
    node = next((n for n in root.get("nodes") or () if isinstance(n, YamlMap) and n.get("name") == name), None)
    if node is None:
        raise InvalidFlowError(f"The override '{path}' names the node '{name}', which is not in the flow.", file=file)
    return _chosen(root, node, name, variant), keys[2:]


def _chosen(root: YamlMap, node: YamlMap, name: str, variant: str | None) -> YamlMap:
    """The mapping that says what a node is: the chosen variant's, where it uses variants."""
    tuned, wanted = parse_variant(variant) if variant else (None, None)
    if not node.get("use_variants") and tuned != name:
        return node
    variants = (root.get("node_variants") or {}).get(name) or {}
    body = (variants.get("variants") or {}).get(wanted if tuned == name else variants.get("default_variant_id"))
    inner = body.get("node") if isinstance(body, YamlMap) else None
    return inner if isinstance(inner, YamlMap) else node


def _set(mapping: YamlMap, keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        inner = mapping.get(key)
        if not isinstance(inner, YamlMap):
            inner = YamlMap(mapping.place)
            _put(mapping, key, inner)
        mapping = inner
    _put(mapping, keys[-1], _as_yaml(value, mapping.place))


def _put(mapping: YamlMap, key: str, value: Any) -> None:
    mapping[key] = value
    mapping.places.setdefault(key, mapping.place)
    mapping.key_places.setdefault(key, mapping.place)


def _as_yaml(value: Any, place: Place) -> Any:
    if isinstance(value, Mapping):
        mapping = YamlMap(place)
        for key, item in value.items():
            _put(mapping, str(key), _as_yaml(item, place))
        return mapping
    if isinstance(value, (list, tuple)):
        items = YamlList(place)
        items.extend(_as_yaml(item, place) for item in value)
        items.places = [place] * len(items)
        return items
    return value


def _raise(problem: PromptflowException) -> None:
    raise problem
