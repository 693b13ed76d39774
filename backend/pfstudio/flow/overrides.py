"""Changes to a flow's nodes that come from outside: other connections, deployments and models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pfstudio.flow.errors import InvalidFlowError
from pfstudio.flow.files import FlowFiles
from pfstudio.flow.spec import Flow, Literal, Node
from pfstudio.flow.values import VALUE_TYPES

_LLM_FIELDS = ("connection", "deployment_name", "model")
_PLAIN_TYPES = frozenset(VALUE_TYPES) - {"object"}  # An object may turn out to be a connection of some class.


def with_node_overrides(flow: Flow, overrides: Mapping[str, Mapping[str, Any]] | None) -> Flow:
    """The flow with the connections of some nodes replaced: `{"node": {"connection": …, "deployment_name": …}}`.

    Of a python node, each key is an input that takes a connection: see `check_node_overrides`.

    Raises:
        InvalidFlowError: there is no such node, or it has no such field.
    """
    if not overrides:
        return flow
    for name, fields in overrides.items():
        if flow.node(name) is None:
            raise InvalidFlowError(f"Node {name} not found in flow", file=flow.file)
        if not isinstance(fields, Mapping):
            raise InvalidFlowError(f"Invalid connection overwrite format: {fields}, only dict is supported.")
    return replace(flow, nodes=[_overridden(node, overrides.get(node.name), flow.file) for node in flow.nodes])


def check_node_overrides(flow: Flow, files: FlowFiles, overrides: Mapping[str, Mapping[str, Any]] | None) -> None:
    """Refuse to give a connection to an input that takes none, as far as the tools' sources show it.

    Raises:
        InvalidFlowError: the input takes something else, or is not there.
    """
    if not overrides:
        return
    from pfstudio.flow.validation import node_signature

    for name, fields in overrides.items():
        node = flow.node(name)
        signature = None if node is None else node_signature(files, node)
        if node is None or signature is None or not signature.is_certain:
            continue
        takers = [item.name for item in signature.inputs if item.type not in _PLAIN_TYPES]
        if unknown := [key for key in fields if key not in (*_LLM_FIELDS, *takers)]:
            raise InvalidFlowError(
                f"Unsupported connection overwrite keys of node '{name}': {unknown}, "
                f"only {[*_LLM_FIELDS, *takers]} are supported.",
                file=flow.file,
                line=node.line or None,
            )
        if not takers and fields.keys().isdisjoint(item.name for item in signature.inputs):
            raise InvalidFlowError(
                f"The tool of node '{name}' takes no connection, so {list(fields)} cannot be overwritten there.",
                file=flow.file,
                line=node.line or None,
            )


def _overridden(node: Node, fields: Mapping[str, Any] | None, file: str) -> Node:
    if not fields:
        return node
    if node.type != "llm":
        return replace(node, inputs={**node.inputs, **{name: Literal(value) for name, value in fields.items()}})
    if unknown := [name for name in fields if name not in _LLM_FIELDS]:
        raise InvalidFlowError(
            f"Unsupported llm connection overwrite keys: {unknown}, only {list(_LLM_FIELDS)} are supported.",
            file=file,
            line=node.line or None,
        )
    inputs = {name: Literal(value) for name, value in fields.items() if name != "connection"}
    connection = fields.get("connection") or node.connection
    return replace(node, connection=connection, inputs={**node.inputs, **inputs})
