"""What is suspicious in a flow file itself: told when the flow is checked, and when it is tested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pfstudio.flow.problems import Problem, warning_at
from pfstudio.flow.references import is_reference
from pfstudio.flow.spec import Flow, Literal, Node, OutputDefinition, Reference


def load_warnings(flow: Flow) -> Iterator[Problem]:
    """The warnings about a flow that its file alone gives reason for."""
    for line, message in flow.unknown_keys:
        yield warning_at(flow, line, "unknown_key", message)
    for node in flow.nodes:
        yield from buried_references(flow, node)
    aggregations = {node.name for node in flow.nodes if node.aggregation}
    for output in flow.outputs.values():
        if _node_of(output) in aggregations:
            message = f"Output '{output.name}' references a reduce node '{_node_of(output)}', will not take effect."
            yield warning_at(flow, output.line, "output_of_aggregation", message)


def _node_of(output: OutputDefinition) -> str | None:
    return output.binding.node if isinstance(output.binding, Reference) else None


def buried_references(flow: Flow, node: Node) -> Iterator[Problem]:
    """References inside a longer text or a container, where they stay as they are written."""
    for name, binding in node.inputs.items():
        if isinstance(binding, Literal) and (found := _buried_reference(binding.value)):
            message = f"'{found}' inside the value of '{name}' is not replaced: a reference must be the whole value."
            yield warning_at(flow, binding.line or node.line, "buried_reference", message)


def _buried_reference(value: Any) -> str | None:
    """A reference inside a longer text or a container, where it has no effect."""
    if isinstance(value, str):
        start = value.find("${")
        end = value.find("}", start)
        return value[start : end + 1] if start >= 0 and end > start else None
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in items:
        if is_reference(item) or (found := _buried_reference(item)):
            return str(item) if is_reference(item) else found
    return None
