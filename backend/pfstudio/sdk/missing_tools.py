"""Package tools that a flow names and that no package installed here offers."""

from __future__ import annotations

from collections.abc import Iterator

from pfstudio.flow.graph import did_you_mean
from pfstudio.flow.problems import Problem, warning_at
from pfstudio.flow.spec import Flow, Node

_KINDS = ("package", "package_with_prompt")


def missing_tools(flow: Flow) -> Iterator[Problem]:
    """A warning for each such node: the flow may be meant for a machine that has the package."""
    variants = (variant.node for each in flow.node_variants.values() for variant in each.variants.values())
    wanted = [(node, tool) for node in (*flow.nodes, *variants) if (tool := _package_tool(node))]
    if not wanted:
        return
    from pfstudio.tools.registry import package_tools

    known = package_tools()
    replaced = {str(old) for meta in known.values() for old in meta.get("deprecated_tools") or ()}
    for node, tool in wanted:
        if tool not in known and tool not in replaced:
            message = f"No installed package has the tool '{tool}' of the node '{node.name}'."
            line = node.source.line if node.source else node.line
            yield warning_at(flow, line, "package_tool_not_found", message + did_you_mean(tool, known))


def _package_tool(node: Node) -> str | None:
    return node.source.tool if node.source is not None and node.source.type in _KINDS else None
