"""The nodes of a DAG flow as the API shows them, with what their sources take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.signature import template_variables
from pfstudio.flow.spec import Binding, Literal, Node, NodeVariants
from pfstudio.flow.validation import node_signature
from pfstudio.flows.share_files import ShareFiles

_TEMPLATES = ("prompt", "llm", "custom_llm")

Body = dict[str, Any]


def value_of(binding: Binding) -> Any:
    """What the YAML says: the text of a reference, or the value itself."""
    return binding.value if isinstance(binding, Literal) else binding.text


class NodeBodies:
    """Bodies of nodes. A source that several nodes share is read once."""

    def __init__(self, files: ShareFiles) -> None:
        self._files = files
        self._signatures: dict[tuple[str, str | None], Body | None] = {}

    def node(self, node: Node) -> Body:
        source, activate = node.source, node.activate
        return {
            "name": node.name,
            "type": node.type or "",
            "line": node.line or None,
            "source": source and {"type": source.type, "path": source.path, "tool": source.tool},
            "inputs": {name: value_of(binding) for name, binding in node.inputs.items()},
            "connection": node.connection,
            "api": node.api,
            "provider": node.provider,
            "aggregation": node.aggregation,
            "activate": activate and {"when": value_of(activate.when), "is": activate.value},
            "use_variants": node.use_variants or node.variant is not None,
            "signature": self._signature(node),
        }

    def variants(self, group: NodeVariants) -> Body:
        nodes: Mapping[str, Body] = {key: self.node(variant.node) for key, variant in group.variants.items()}
        return {"default_variant_id": group.default, "variants": nodes}

    def _signature(self, node: Node) -> Body | None:
        if node.source is None or not node.source.path or node.type is None:
            return None
        key = (node.type, node.source.path)
        if key not in self._signatures:
            self._signatures[key] = self._read_signature(node, node.source.path)
        return self._signatures[key]

    def _read_signature(self, node: Node, path: str) -> Body | None:
        if node.type in _TEMPLATES:
            try:
                found = template_variables(self._files.read_bytes(path).decode("utf-8-sig", errors="replace"), path)
            except (PromptflowException, FileNotFoundError):
                return None
            function = None
        else:
            signature = node_signature(self._files, node)
            if signature is None:
                return None
            found, function = list(signature.inputs), signature.function
        inputs = [
            {
                "name": item.name,
                "type": item.type.split("|"),
                "required": item.required,
                "default": item.default,
                "enum": list(item.enum) or None,
            }
            for item in found
        ]
        return {"function": function, "inputs": inputs}
