"""Checks a flow folder and reports everything at once. Runs nothing and never fails on bad content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from typing import Literal as Choice

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import InvalidSource, NodeSourceMissingError
from pfstudio.flow.files import FlowFiles
from pfstudio.flow.graph import did_you_mean, graph_problems
from pfstudio.flow.loader import read_flow
from pfstudio.flow.references import is_reference
from pfstudio.flow.signature import ToolSignature, python_signature
from pfstudio.flow.spec import Flow, Literal, Node, OutputDefinition, Reference
from pfstudio.flow.templates import variables_of
from pfstudio.flow.values import convert

Severity = Choice["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (`error`: the flow does not run) or suspicious (`warning`). Places count from 1."""

    file: str
    line: int
    column: int
    severity: Severity
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckedFlow:
    """The flow as far as it could be read, and its problems in the order of their places."""

    flow: Flow | None
    problems: list[Problem]

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]


def check_flow(files: FlowFiles, file: str = "flow.dag.yaml") -> CheckedFlow:
    """Read and check a flow and the files it names."""
    found: list[PromptflowException] = []
    try:
        flow = read_flow(files, file, report=found.append)
    except PromptflowException as error:
        return CheckedFlow(None, [_problem(error, file)])
    found += graph_problems(flow)
    warnings: list[Problem] = []
    for node in flow.nodes:
        for item in _node_problems(files, flow, node):
            if isinstance(item, Problem):
                warnings.append(item)
            else:
                found.append(item)
    warnings += _flow_warnings(flow)
    problems = [*(_problem(error, file) for error in found), *warnings]
    return CheckedFlow(flow, sorted(dict.fromkeys(problems), key=lambda p: (p.file != file, p.file, p.line)))


def node_signature(files: FlowFiles, node: Node) -> ToolSignature | None:
    """The signature of a python node's tool; None where the node has none that can be read."""
    if node.type != "python" or node.source is None or node.source.type != "code" or not node.source.path:
        return None
    try:
        return python_signature(files.read_bytes(node.source.path), node.source.path)
    except (PromptflowException, FileNotFoundError):
        return None


def _problem(error: PromptflowException, file: str) -> Problem:
    column = getattr(error, "column", 1)
    return Problem(error.file or file, error.line or 1, column, "error", error.code, error.message)


def _node_problems(files: FlowFiles, flow: Flow, node: Node) -> Iterator[PromptflowException | Problem]:
    if node.type is None or (node.use_variants and node.source is None):
        return
    where: dict[str, Any] = {"file": flow.file, "line": node.source.line if node.source else node.line}
    if node.source is None:
        yield NodeSourceMissingError(node.name, **where)
        return
    if node.type == "llm" and not node.connection:
        yield _warning(flow, node.line, "llm_without_connection", f"The llm node '{node.name}' names no connection.")
    if node.source.type == "package":
        return
    path = node.source.path
    if not path or not files.exists(path):
        yield InvalidSource(node.name, path, **where)
        return
    try:
        content = files.read_bytes(path)
    except FileNotFoundError:
        yield InvalidSource(node.name, path, **where)
        return
    try:
        if node.type == "python":
            yield from _input_problems(flow, node, python_signature(content, path))
        else:
            yield from _template_problems(flow, node, content, path)
    except PromptflowException as error:
        yield error


def _input_problems(flow: Flow, node: Node, signature: ToolSignature) -> Iterator[Problem]:
    known = {item.name: item for item in signature.inputs}
    for name, binding in node.inputs.items():
        line = binding.line or node.line
        if name not in known:
            if not signature.takes_any:
                hint = did_you_mean(name, known)
                message = f"The tool of the node '{node.name}' has no parameter '{name}'.{hint}"
                yield _warning(flow, line, "unknown_tool_input", message)
        elif isinstance(binding, Literal) and binding.value not in (None, ""):
            try:
                convert(known[name].type, binding.value)
            except ValueError:
                message = f"Input '{name}' for node '{node.name}' of value '{binding.value}' is not type "
                yield Problem(flow.file, line, 1, "error", "node_input_validation", f"{message}{known[name].type}.")
    for item in signature.inputs:
        given = node.inputs.get(item.name)
        is_empty = given is None or (isinstance(given, Literal) and given.value in (None, ""))
        if item.required and is_empty:
            message = f"The node '{node.name}' gives its tool no value for '{item.name}'."
            yield _warning(flow, node.line, "missing_tool_input", message)


def _template_problems(flow: Flow, node: Node, content: bytes, path: str) -> Iterator[Problem]:
    text = content.decode("utf-8-sig", errors="replace")
    for name, _ in variables_of(text, path):
        if name not in node.inputs:
            message = f"The template '{path}' uses '{name}', which the node '{node.name}' does not give."
            yield _warning(flow, node.line, "missing_template_variable", message)


def _flow_warnings(flow: Flow) -> Iterator[Problem]:
    aggregations = {node.name for node in flow.nodes if node.aggregation}
    for output in flow.outputs.values():
        if _node_of(output) in aggregations:
            message = f"Output '{output.name}' references a reduce node '{_node_of(output)}', will not take effect."
            yield _warning(flow, output.line, "output_of_aggregation", message)
    for node in flow.nodes:
        for name, binding in node.inputs.items():
            if isinstance(binding, Literal) and (found := _buried_reference(binding.value)):
                message = (
                    f"'{found}' inside the value of '{name}' is not replaced: a reference must be the whole value."
                )
                yield _warning(flow, binding.line or node.line, "buried_reference", message)


def _node_of(output: OutputDefinition) -> str | None:
    return output.binding.node if isinstance(output.binding, Reference) else None


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


def _warning(flow: Flow, line: int, code: str, message: str) -> Problem:
    return Problem(flow.file, line or 1, 1, "warning", code, message)
