"""Checks a flow folder and reports everything at once. Runs nothing and never fails on bad content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import IncludeNotFoundError
from pfstudio.flow.files import FlowFiles, FolderFiles
from pfstudio.flow.graph import graph_problems, node_reference_problems
from pfstudio.flow.load_warnings import buried_references, load_warnings
from pfstudio.flow.loader import flow_of_document, read_document
from pfstudio.flow.node_checks import node_findings
from pfstudio.flow.problems import Problem, Severity, warning_at
from pfstudio.flow.signature import ToolSignature, python_signature
from pfstudio.flow.spec import Flow, Node
from pfstudio.flow.values import convert

__all__ = ["CheckedFlow", "Problem", "Severity", "check_flow", "node_signature"]


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
    found: list[PromptflowException | Problem] = []
    try:
        document = read_document(files, file)
        flow = flow_of_document(document, file, report=found.append)
    except PromptflowException as error:
        return CheckedFlow(None, [_problem(error, file)])
    found += graph_problems(flow)
    for node in flow.nodes:
        found += node_findings(files, flow, node)
    for node in _other_variants(flow):
        found += node_reference_problems(flow, node)
        found += buried_references(flow, node)
        found += node_findings(files, flow, node)
    found += _input_findings(flow)
    found += _chat_findings(flow)
    found += load_warnings(flow)
    found += _surroundings(files, flow)
    problems = [item if isinstance(item, Problem) else _problem(item, file) for item in found]
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


def _other_variants(flow: Flow) -> Iterator[Node]:
    """The bodies of variants that are not chosen now; they must be right, too."""
    chosen = {(node.name, node.variant) for node in flow.nodes}
    for name, variants in flow.node_variants.items():
        for variant in variants.variants.values():
            if flow.node(name) is not None and (name, variant.id) not in chosen:
                yield replace(variant.node, name=name)


def _input_findings(flow: Flow) -> Iterator[Problem]:
    for name, definition in flow.inputs.items():
        try:
            if definition.has_default:
                convert(definition.type, definition.default)
        except ValueError:
            message = (
                f"The default of the flow input '{name}' is '{definition.default}', which is no {definition.type}: "
                "the flow only runs where the input is given."
            )
            yield warning_at(flow, definition.line, "input_type", message)


def _chat_findings(flow: Flow) -> Iterator[Problem]:
    """What keeps a flow that has a chat input from being used as a chat."""
    questions = [item for item in flow.inputs.values() if item.is_chat_input]
    answers = [item for item in flow.outputs.values() if item.is_chat_output]
    if not questions and not answers:
        return
    first = questions[0] if questions else answers[0]
    said = []
    if len(questions) > 1:
        said.append("more than one input is marked 'is_chat_input'")
    elif not questions:
        said.append("no input is marked 'is_chat_input'")
    if len(answers) > 1:
        said.append("more than one output is marked 'is_chat_output'")
    elif not answers:
        said.append("no output is marked 'is_chat_output'")
    if flow.chat_history_input is None:
        said.append("no input holds the chat history")
    if said:
        yield warning_at(flow, first.line, "chat_flow", f"The flow cannot be used as a chat: {', '.join(said)}.")


def _surroundings(files: FlowFiles, flow: Flow) -> Iterator[PromptflowException | Problem]:
    requirements: Any = flow.environment.get("python_requirements_txt")
    if isinstance(requirements, str) and not files.exists(requirements):
        message = f"The flow's environment names the file '{requirements}', which is not there."
        yield warning_at(flow, 1, "requirements_missing", message)
    if isinstance(files, FolderFiles):  # Other files are never looked for outside of their folder.
        for include in flow.additional_includes:
            is_zip_of_folder = include.endswith(".zip") and files.exists(include.removesuffix(".zip"))
            if not files.exists(include) and not is_zip_of_folder:
                yield IncludeNotFoundError(include, file=flow.file, line=flow.includes_line or None)
