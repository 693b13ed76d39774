"""One test of a flow or of one of its nodes: what `pf flow test`, the SDK and a studio's worker all do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.engine.errors import SingleNodeValidationError
from pfstudio.engine.executor import FlowExecutor
from pfstudio.engine.failures import run_error, tool_failure
from pfstudio.engine.inputs import fresh
from pfstudio.engine.ports import ConnectionSource, RunObserver
from pfstudio.engine.results import LineResult, NodeRun, RunError, RunStatus
from pfstudio.engine.streams import StreamedOutput
from pfstudio.errors import UserErrorException
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.kinds import flow_kind
from pfstudio.flow.load_warnings import load_warnings
from pfstudio.flow.loader import find_flow_file, load_flow
from pfstudio.flow.spec import Flow
from pfstudio.sandbox.records import so_far


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """`output` is the flow's outputs by name, or the one node's output. A node's test has no `line`."""

    flow: Flow
    status: RunStatus
    output: Any
    node_runs: Mapping[str, NodeRun]
    metrics: Mapping[str, Any]
    system_metrics: Mapping[str, float | int]
    error: RunError | None = None
    failed_node: str | None = None
    line: LineResult | None = None


def run_flow_test(
    path: Path | str | Callable[..., Any],
    *,
    inputs: Mapping[str, Any],
    connections: ConnectionSource,
    node: str | None = None,
    variant: str | None = None,
    environment_variables: Mapping[str, str] | None = None,
    init: Mapping[str, Any] | None = None,
    observer: RunObserver,
    streaming: bool = False,
    loaded: Callable[[Flow], None] | None = None,
    streamed: Callable[[LineResult], None] | None = None,
) -> TestOutcome:
    """Load the flow and run it once; its aggregation nodes run behind, over this one line. `loaded` is told the flow.

    `streamed` gets the line, with `streaming`, once all that is left is to read its streams; whoever has it may read
    them, too.

    A flow that fails is an outcome with an error. Text is the entry of a flex flow, `module:name`; flex flows and
    prompties take `init` and have neither nodes nor variants.

    Raises:
        PromptflowException: the flow cannot be loaded, or the inputs do not do.
    """
    file = find_flow_file(path).absolute() if isinstance(path, Path) else None
    if file is None or flow_kind(FolderFiles(file.parent), file.name) != "dag":
        from pfstudio.sandbox.entry_test import run_entry_test

        if node is not None or variant is not None:
            observer.log("warning", "Only flows with nodes have nodes and variants; what was given is ignored.")
        return run_entry_test(
            path if file is None else file,
            inputs=inputs,
            connections=connections,
            init=init,
            environment_variables=environment_variables,
            observer=observer,
            streaming=streaming,
            loaded=loaded,
        )
    flow = load_flow(file, variant=variant)
    if loaded is not None:
        loaded(flow)
    for problem in load_warnings(flow):
        observer.log("warning", f"{problem.file}:{problem.line}: {problem.message}")
    given: Mapping[str, Any] = inputs
    if node is not None:
        flow, given = _of_node(flow, node, inputs, file.parent)
    with FlowExecutor.of_flow(
        flow,
        file.parent,
        connections=connections,
        environment_variables=environment_variables,
        observer=observer,
    ) as executor:
        if node is not None:
            return _run_node(executor, node, given)
        given = _complete(flow, inputs, observer)  # As in the original, what does not load is told first.
        return _run_line(executor, given, observer, streaming=streaming, streamed=streamed)


def _complete(flow: Flow, given: Mapping[str, Any], observer: RunObserver) -> dict[str, Any]:
    """The inputs with an empty chat history where none was given."""
    inputs = dict(given)
    history = flow.chat_history_input
    if history is not None and history not in inputs and not flow.inputs[history].has_default:
        inputs[history] = []
    missing = [name for name, definition in flow.inputs.items() if name not in inputs and not definition.has_default]
    if missing:
        raise UserErrorException(f'Required input(s) {missing} are missing for "flow".')
    unknown = {name: value for name, value in inputs.items() if name not in flow.inputs}
    if unknown:
        observer.log("warning", f"Unknown input(s) of flow: {unknown}")
    defaults = {name: fresh(definition.default) for name, definition in flow.inputs.items() if definition.has_default}
    return {**defaults, **inputs}


def _of_node(flow: Flow, name: str, given: Mapping[str, Any], folder: Path) -> tuple[Flow, Mapping[str, Any]]:
    """The flow with no other node to load, and the node's inputs.

    An aggregation node keeps the others: which of its inputs are lists depends on them.
    """
    from pfstudio.sandbox.node_inputs import find_node, node_inputs

    node = find_node(flow, name)
    inputs = node_inputs(flow, node, given, folder)
    return (flow if node.aggregation else dataclasses.replace(flow, nodes=(node,), outputs={})), inputs


def _run_node(executor: FlowExecutor, node: str, inputs: Mapping[str, Any]) -> TestOutcome:
    try:
        run = executor.run_node(node, inputs)
    except SingleNodeValidationError as error:
        raise UserErrorException(error.message) from error  # The original shows no more than the root's name.
    output = None
    try:
        output = run.output.text() if isinstance(run.output, StreamedOutput) else run.output
    except Exception as error:  # A generator of the user's that raises on its way.
        failure = run_error(tool_failure(node, error, executor.folder), executor.folder)
        run = dataclasses.replace(run, status=RunStatus.FAILED, output=so_far(run.output), error=failure)
    return TestOutcome(
        flow=executor.flow,
        status=run.status,
        output=output,
        node_runs={node: run},
        metrics={},
        system_metrics=run.system_metrics,
        error=run.error,
        failed_node=node if run.error else None,
    )


def _run_line(
    executor: FlowExecutor,
    inputs: Mapping[str, Any],
    observer: RunObserver,
    *,
    streaming: bool,
    streamed: Callable[[LineResult], None] | None,
) -> TestOutcome:
    line = executor.run_line(inputs, streaming=streaming)
    if line.read_out is not None and streamed is not None:
        streamed(line)
    if line.read_out is not None:  # Inside the test: pieces are told as they come, while the flow's code still runs.
        line = line.read_out()
    aggregation = executor.run_aggregation([line])
    for name, run in aggregation.node_runs.items():
        if run.error is not None:
            observer.log("warning", f"The aggregation node '{name}' failed: {run.error.message}", name)
    runs = {**line.node_runs, **aggregation.node_runs}
    failed = next((name for name, run in line.node_runs.items() if run.error is not None), None)
    return TestOutcome(
        flow=executor.flow,
        status=line.status,
        output=line.outputs if line.error is None else None,
        node_runs=runs,
        metrics=aggregation.metrics,
        system_metrics=line.system_metrics,
        error=line.error,
        failed_node=failed,
        line=line,
    )
