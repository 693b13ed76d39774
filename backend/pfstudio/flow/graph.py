"""The graph that the nodes' references make: what is wrong with it, and the order it runs in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import (
    DuplicateNodeName,
    InputReferenceNotFound,
    InvalidNodeReference,
    NodeCircularDependency,
    NodeReferenceNotFound,
    OutputReferenceNotFound,
    UnsupportedReference,
)
from pfstudio.flow.spec import Flow, Node, OutputDefinition, Reference


def references_of(node: Node) -> Iterator[Reference]:
    """The references of a node: its inputs in their order, then the activate condition."""
    for binding in node.inputs.values():
        if isinstance(binding, Reference):
            yield binding
    if node.activate is not None and isinstance(node.activate.when, Reference):
        yield node.activate.when


def dependencies_of(node: Node) -> set[str]:
    """The names of the nodes that must have ended before this one can run."""
    return {reference.node for reference in references_of(node) if reference.node is not None}


def run_order(nodes: Sequence[Node]) -> list[Node]:
    """The nodes in an order in which each comes after those it needs, in file order where that leaves a choice.

    Names that are no node count as done. Nodes of a cycle, and those behind one, are left out.
    """
    waiting = list(nodes)
    names = {node.name for node in nodes}
    done: set[str] = set()
    order: list[Node] = []
    while waiting:
        ready = next((node for node in waiting if (dependencies_of(node) & names) <= done), None)
        if ready is None:
            break
        waiting.remove(ready)
        done.add(ready.name)
        order.append(ready)
    return order


def graph_problems(flow: Flow) -> Iterator[PromptflowException]:
    """Everything that is wrong with the references of a flow, the most telling first."""
    nodes = {node.name: node for node in flow.nodes}
    yield from _duplicates(flow)
    for node in flow.nodes:
        yield from _node_problems(flow, nodes, node)
    if cycle := _cycle(flow.nodes):
        yield NodeCircularDependency([node.name for node in cycle], file=flow.file, line=cycle[0].line)
    for output in flow.outputs.values():
        yield from _output_problems(flow, nodes, output)


def node_reference_problems(flow: Flow, node: Node) -> Iterator[PromptflowException]:
    """What is wrong with the references of one node, which need not be among the flow's own."""
    yield from _node_problems(flow, {known.name: known for known in flow.nodes}, node)


def _duplicates(flow: Flow) -> Iterator[PromptflowException]:
    seen: set[str] = set()
    for node in flow.nodes:
        if node.name in seen:
            yield DuplicateNodeName(node.name, file=flow.file, line=node.line)
        seen.add(node.name)


def _node_problems(flow: Flow, nodes: Mapping[str, Node], node: Node) -> Iterator[PromptflowException]:
    for reference in references_of(node):
        where = {"file": flow.file, "line": reference.line or node.line}
        if reference.input is not None:
            if reference.input not in flow.inputs:
                hint = _input_hint(reference.input, flow.inputs)
                yield InputReferenceNotFound(node.name, reference.input, hint, **where)
            continue
        name = str(reference.node)
        target = nodes.get(name)
        if target is None:
            yield NodeReferenceNotFound(node.name, name, did_you_mean(name, nodes), **where)
        elif reference.section != "output":
            yield UnsupportedReference(target.name, reference.section, **where)
        elif target.aggregation and not node.aggregation:
            yield InvalidNodeReference.to_aggregation(node.name, [target.name], **where)
    when = node.activate.when if node.aggregation and node.activate is not None else None
    source = nodes.get(when.node or "") if isinstance(when, Reference) else None
    if when is not None and source is not None and not source.aggregation:
        yield InvalidNodeReference.in_activate(node.name, source.name, file=flow.file, line=when.line or node.line)


def _output_problems(flow: Flow, nodes: Mapping[str, Node], output: OutputDefinition) -> Iterator[PromptflowException]:
    reference = output.binding
    if not isinstance(reference, Reference):
        return
    where = {"file": flow.file, "line": reference.line or output.line}
    name = str(reference.node)
    if reference.input is not None:
        if reference.input not in flow.inputs:
            hint = _input_hint(reference.input, flow.inputs)
            yield OutputReferenceNotFound.no_input(output.name, reference.input, hint, **where)
    elif name not in nodes:
        yield OutputReferenceNotFound.no_node(output.name, name, did_you_mean(name, nodes), **where)
    elif reference.section != "output":
        yield UnsupportedReference(name, reference.section, **where)


def _cycle(nodes: Sequence[Node]) -> list[Node]:
    """The nodes that wait for each other, without those that merely stand behind them."""
    ordered = {node.name for node in run_order(nodes)}
    stuck = {node.name: node for node in nodes if node.name not in ordered}
    while True:
        needed = set().union(*(dependencies_of(node) for node in stuck.values())) if stuck else set()
        behind = [name for name in stuck if name not in needed]
        if not behind:
            return list(stuck.values())
        for name in behind:
            del stuck[name]


def _input_hint(name: str, inputs: Iterable[str]) -> str:
    known = list(inputs)
    first = name.partition(".")[0]
    if first != name and first in known:
        return (
            f" A property of a flow input cannot be referenced: use '${{inputs.{first}}}' and take it apart in a node."
        )
    return did_you_mean(name, known)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence (with a space before it) that offers the nearest known name, or nothing."""
    import difflib

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""
