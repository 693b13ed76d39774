"""What is wrong with a node and the file it names, as far as that can be seen without running anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import InvalidSource, NodeSourceMissingError
from pfstudio.flow.files import FlowFiles
from pfstudio.flow.graph import did_you_mean
from pfstudio.flow.problems import Problem, error_at, warning_at
from pfstudio.flow.signature import ToolSignature, python_signature
from pfstudio.flow.spec import Flow, Literal, Node
from pfstudio.flow.templates import variables_of
from pfstudio.flow.values import convert

_APIS = ("chat", "completion")
_RESERVED_NAMES = ("inputs", "flow")
Finding = PromptflowException | Problem


def node_findings(files: FlowFiles, flow: Flow, node: Node) -> Iterator[Finding]:
    """Everything about one node (or one variant of it), its references apart."""
    yield from _name_findings(flow, node)
    if node.type is None or (node.use_variants and node.source is None):
        return
    source = node.source
    if source is None:
        yield NodeSourceMissingError(node.name, file=flow.file, line=node.line)
        return
    if node.type == "llm":
        yield from _model_findings(flow, node)
    if source.type in ("package", "package_with_prompt") and not source.tool:
        yield error_at(flow, source.line, "package_tool", f"The source of the node '{node.name}' names no tool.")
    if source.type == "package" or _is_included(flow, source.path):
        return
    where: dict[str, Any] = {"file": flow.file, "line": source.line or node.line}
    path = source.path
    try:
        content = files.read_bytes(path) if path and files.exists(path) else None
    except FileNotFoundError:
        content = None
    if not path or content is None:
        yield InvalidSource(node.name, path, is_template=node.type != "python", **where)
        return
    try:
        if node.type == "python":
            yield from _input_findings(flow, node, python_signature(content, path))
        else:
            yield from _template_findings(flow, node, content, path)
    except PromptflowException as error:
        yield error


def _is_included(flow: Flow, path: str | None) -> bool:
    """Whether a file may come from an additional include, which is put beside the flow only when it runs."""
    first = PurePosixPath(path or ".").parts[:1]
    return bool(first) and first[0] in {PurePosixPath(include).name for include in flow.additional_includes}


def _name_findings(flow: Flow, node: Node) -> Iterator[Finding]:
    if node.name in _RESERVED_NAMES:
        message = f"No reference can name the node '{node.name}': '${{{node.name}.…}}' means a flow input."
        yield warning_at(flow, node.line, "node_name", message)
    elif "." in node.name:
        message = f"No reference can name the node '{node.name}', because of the dot in its name."
        yield warning_at(flow, node.line, "node_name", message)


def _model_findings(flow: Flow, node: Node) -> Iterator[Finding]:
    if not node.connection:
        yield warning_at(flow, node.line, "llm_without_connection", f"The llm node '{node.name}' names no connection.")
    if node.api not in _APIS:
        said = "has no api" if node.api is None else f"has the unknown api '{node.api}'"
        message = f"The llm node '{node.name}' {said}. Known are {' and '.join(_APIS)}."
        yield error_at(flow, node.line, "api_not_found", message + did_you_mean(node.api or "", _APIS))


def _input_findings(flow: Flow, node: Node, signature: ToolSignature) -> Iterator[Finding]:
    known = {item.name: item for item in signature.inputs}
    # Another decorator may give the function other parameters than it is written with.
    tell = error_at if signature.is_certain else warning_at
    for name, binding in node.inputs.items():
        line = binding.line or node.line
        if name not in known:
            if not signature.takes_any:
                hint = did_you_mean(name, known)
                message = f"The tool of the node '{node.name}' has no parameter '{name}'.{hint}"
                yield tell(flow, line, "unknown_tool_input", message)
        elif isinstance(binding, Literal) and binding.value not in (None, ""):
            try:
                convert(known[name].type, binding.value)
            except ValueError:
                message = f"Input '{name}' for node '{node.name}' of value '{binding.value}' is not type "
                yield error_at(flow, line, "node_input_validation", f"{message}{known[name].type}.")
    for item in signature.inputs:
        given = node.inputs.get(item.name)
        is_empty = given is None or (isinstance(given, Literal) and given.value in (None, ""))
        if item.required and is_empty:
            message = f"The node '{node.name}' gives its tool no value for '{item.name}'."
            yield tell(flow, given.line if given else node.line, "missing_tool_input", message)


def _template_findings(flow: Flow, node: Node, content: bytes, path: str) -> Iterator[Finding]:
    text = content.decode("utf-8-sig", errors="replace")
    for name, _ in variables_of(text, path):
        if name not in node.inputs:
            message = f"The template '{path}' uses '{name}', which the node '{node.name}' does not give."
            yield warning_at(flow, node.line, "missing_template_variable", message)
