"""Choosing variants: each node that uses them is replaced by the chosen body."""

from __future__ import annotations

import re
from dataclasses import replace

from pfstudio.flow.errors import InvalidFlowError, InvalidVariantError
from pfstudio.flow.reader import Report
from pfstudio.flow.spec import Flow, Node

_CHOICE = re.compile(r"\$\{([^.}]+)\.([^}]+)\}\Z")


def parse_variant(text: str) -> tuple[str, str]:
    """Node and variant of `${node.variant}`.

    Raises:
        InvalidVariantError: the text has another form.
    """
    match = _CHOICE.match(text.strip())
    if match is None:
        raise InvalidVariantError(text)
    return match[1], match[2]


def apply_variants(flow: Flow, chosen: str | None, report: Report) -> Flow:
    """The flow with every node that uses variants replaced: by the chosen variant, else by its default."""
    choice = None
    if chosen is not None:
        choice = parse_variant(chosen)
        _check_choice(flow, *choice, report)
    if choice is None and not any(node.use_variants for node in flow.nodes):
        return flow
    return replace(flow, nodes=[_resolved(flow, node, choice, report) for node in flow.nodes])


def _check_choice(flow: Flow, node: str, variant: str, report: Report) -> None:
    if flow.node(node) is None:
        report(InvalidFlowError(f"Node {node} not found in flow", file=flow.file))
    elif node not in flow.node_variants or variant not in flow.node_variants[node].variants:
        line = flow.node_variants[node].line if node in flow.node_variants else None
        report(InvalidFlowError(f"Variant {variant} not found for node {node}", file=flow.file, line=line))


def _resolved(flow: Flow, node: Node, choice: tuple[str, str] | None, report: Report) -> Node:
    is_chosen = choice is not None and choice[0] == node.name
    if not node.use_variants:
        return node
    variants = flow.node_variants.get(node.name)
    if variants is None or not variants.variants:
        report(InvalidFlowError(f"No variant for the node {node.name}.", file=flow.file, line=node.line))
        return node
    wanted = choice[1] if choice is not None and is_chosen else variants.default
    if not wanted:
        report(
            InvalidFlowError(
                f"Default variant id is not specified for {node.name}.", file=flow.file, line=variants.line
            )
        )
        return node
    if wanted not in variants.variants:
        message = f"Cannot find the variant {wanted} for {node.name}."
        report(InvalidFlowError(message, file=flow.file, line=variants.line))
        return node
    return replace(variants.variants[wanted].node, use_variants=True)
