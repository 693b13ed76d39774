"""A flow made ready to run: its nodes in order, what feeds what, whether it is a simple chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pfstudio.engine.node import ReadyNode
from pfstudio.engine.ports import ConnectionSource
from pfstudio.engine.resolver import NodeResolver
from pfstudio.flow.graph import run_order
from pfstudio.flow.spec import Flow, OutputDefinition, Reference


@dataclass(frozen=True, slots=True)
class Plan:
    """`is_chain`: never more than one node can run at a time, so no threads are needed."""

    flow: Flow
    folder: Path
    nodes: Sequence[ReadyNode]
    aggregation_nodes: Sequence[ReadyNode]
    outputs: Mapping[str, OutputDefinition]
    is_chain: bool
    streaming_nodes: frozenset[str]
    aggregation_references: Mapping[str, Reference]


def make_plan(flow: Flow, folder: Path, connections: ConnectionSource) -> Plan:
    """Load every tool of a checked flow. Runs users' modules: call it inside the flow's workspace."""
    resolver = NodeResolver(flow, folder, connections)
    ready = [resolver.resolve(node) for node in run_order(flow.nodes)]
    nodes = [node for node in ready if not node.spec.aggregation]
    aggregation = [node for node in ready if node.spec.aggregation]
    reduced = {node.name for node in aggregation}
    outputs = {name: output for name, output in flow.outputs.items() if _node_of(output) not in reduced}
    return Plan(
        flow=flow,
        folder=folder,
        nodes=nodes,
        aggregation_nodes=aggregation,
        outputs=outputs,
        is_chain=all(later.needs and earlier.name in later.needs for earlier, later in pairwise(nodes)),
        streaming_nodes=_streaming_nodes(ready, outputs),
        aggregation_references={
            reference.text: reference
            for node in aggregation
            for _, reference in node.references
            if reference.node is not None and reference.node not in reduced
        },
    )


def _node_of(output: OutputDefinition) -> str | None:
    return output.binding.node if isinstance(output.binding, Reference) else None


def _streaming_nodes(nodes: Sequence[ReadyNode], outputs: Mapping[str, OutputDefinition]) -> frozenset[str]:
    """The nodes that may stream: used by a flow output and by no other node."""
    used: set[str] = set().union(*(node.needs for node in nodes)) if nodes else set()
    shown = {_node_of(output) for output in outputs.values()}
    return frozenset(node.name for node in nodes if node.name in shown and node.name not in used)
