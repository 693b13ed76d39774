"""Of which types the connections of a flow may be, as far as its files tell: for filling in those of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from pfstudio.connections.types import CONNECTION_TYPES
from pfstudio.flow.spec import Flow, Literal, Node
from pfstudio.flow.validation import node_signature
from pfstudio.flows.share_files import ShareFiles

_KINDS: Mapping[str, str] = {f"{cls.TYPE}Connection": cls.kind for cls in CONNECTION_TYPES}
_OF_PROVIDERS: Mapping[str, str] = {"AzureOpenAI": "azure_open_ai", "OpenAI": "open_ai"}
_OF_MODELS = frozenset(_OF_PROVIDERS.values())


def connection_kinds(files: ShareFiles, flow: Flow) -> dict[str, set[str]]:
    """The types that each connection of a DAG flow may have; several where a node takes more than one."""
    kinds: dict[str, set[str]] = defaultdict(set)
    variants = [variant.node for group in flow.node_variants.values() for variant in group.variants.values()]
    for node in (*flow.nodes, *variants):
        if node.connection:
            kinds[node.connection] |= _of_model(node)
        signature = node_signature(files, node)
        for item in signature.inputs if signature else ():
            binding = node.inputs.get(item.name)
            if item.type.endswith("Connection") and isinstance(binding, Literal) and isinstance(binding.value, str):
                kinds[binding.value].add(_KINDS.get(item.type, "custom"))
    return kinds


def _of_model(node: Node) -> set[str]:
    known = _OF_PROVIDERS.get(node.provider or "")
    return {known} if known else set(_OF_MODELS)
