"""Loads a flow once and executes it many times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pfstudio.engine.aggregation import aggregation_line
from pfstudio.engine.capture import captured_streams
from pfstudio.engine.connection_scope import connections_in_scope
from pfstudio.engine.entry_outputs import is_stream, joined
from pfstudio.engine.environment import Precedence, flow_environment
from pfstudio.engine.errors import LineCanceledError, SingleNodeValidationError
from pfstudio.engine.failures import run_error
from pfstudio.engine.inputs import prepare_inputs
from pfstudio.engine.line import Line
from pfstudio.engine.node import NodeExecution
from pfstudio.engine.plan import Plan, make_plan
from pfstudio.engine.ports import ConnectionSource, RunObserver
from pfstudio.engine.results import AggregationResult, LineResult, NodeRun, RunStatus
from pfstudio.engine.scheduler import Scheduler
from pfstudio.engine.single_node import node_arguments
from pfstudio.engine.workspace import Workspace
from pfstudio.flow.kinds import FlowKind
from pfstudio.flow.loader import find_flow_file, load_flow
from pfstudio.flow.overrides import with_node_overrides
from pfstudio.flow.spec import Flow
from pfstudio.kit.clock import utc_now
from pfstudio.tools.metrics import collect_metrics

_TOKENS = ("prompt_tokens", "completion_tokens", "total_tokens")


class FlowExecutor:
    """A loaded flow. `run_line` may be called any number of times, also from several threads."""

    def __init__(
        self,
        plan: Plan,
        workspace: Workspace,
        *,
        observer: RunObserver | None,
        line_timeout: float | None,
        working_copy: Path | None,
        concurrency: int,
        connections: ConnectionSource,
    ) -> None:
        self._plan = plan
        self._connections = connections
        self._workspace = workspace
        self._observer = observer
        self._line_timeout = line_timeout
        self._working_copy = working_copy
        self._scheduler = Scheduler(concurrency=concurrency)

    @classmethod
    def load(
        cls,
        folder_or_file: Path,
        *,
        connections: ConnectionSource,
        variant: str | None = None,
        environment_variables: Mapping[str, str] | None = None,
        precedence: Precedence = "flow",
        node_overrides: Mapping[str, Mapping[str, Any]] | None = None,
        observer: RunObserver | None = None,
        line_timeout: float | None = None,
        concurrency: int = 16,
    ) -> FlowExecutor:
        """Read and check a flow, then load its tools. Close it when done.

        `node_overrides` names other connections, deployments and models by node.

        Raises:
            PromptflowException: the first problem of the flow, its graph before its tools.
        """
        file = find_flow_file(Path(folder_or_file))
        folder = file.absolute().parent
        flow = with_node_overrides(load_flow(file, variant=variant), node_overrides)
        return cls.of_flow(
            flow,
            folder,
            connections=connections,
            environment_variables=environment_variables,
            precedence=precedence,
            observer=observer,
            line_timeout=line_timeout,
            concurrency=concurrency,
        )

    @classmethod
    def of_flow(
        cls,
        flow: Flow,
        folder: Path,
        *,
        connections: ConnectionSource,
        environment_variables: Mapping[str, str] | None = None,
        precedence: Precedence = "flow",
        observer: RunObserver | None = None,
        line_timeout: float | None = None,
        concurrency: int = 16,
        runs_in_folder: bool = True,
    ) -> FlowExecutor:
        """Load the tools of a flow that was read and changed before (overrides of a `FlowContext`).

        Without `runs_in_folder` the current folder of a node is the caller's, as it is for a flow called as a function;
        a flow with additional includes runs in its working copy all the same.
        """
        working_copy = None
        if flow.additional_includes:
            from pfstudio.engine.includes import materialize

            folder = working_copy = materialize(flow, folder, lambda text: _warn(observer, text))
        try:
            environment = flow_environment(flow, environment_variables, connections, precedence)
            workspace = Workspace(folder, environment)
            with workspace, connections_in_scope(connections):
                plan = make_plan(flow, folder, connections)
            workspace.is_current_folder = runs_in_folder or working_copy is not None
        except BaseException:
            _remove(working_copy)
            raise
        return cls(
            plan,
            workspace,
            observer=observer,
            line_timeout=line_timeout,
            working_copy=working_copy,
            concurrency=concurrency,
            connections=connections,
        )

    @property
    def kind(self) -> FlowKind:
        return "dag"

    @property
    def flow(self) -> Flow:
        return self._plan.flow

    @property
    def has_aggregation(self) -> bool:
        return bool(self._plan.aggregation_nodes)

    @property
    def is_object(self) -> bool:
        return False

    @property
    def folder(self) -> Path:
        """Where the flow runs: its folder, or the working copy with its additional includes."""
        return self._plan.folder

    def run_line(
        self,
        inputs: Mapping[str, Any],
        *,
        index: int | None = 0,
        streaming: bool = False,
        timeout: float | None = None,
    ) -> LineResult:
        """Execute the flow once. A flow that fails is a result with status Failed; nothing is raised for it.

        With `streaming`, an output that its node yields piece by piece is handed out as it is, an iterator.
        """
        start = utc_now()
        line = Line(self._plan, inputs, index, self._observer, streaming=streaming)
        error: BaseException | None = None
        outputs: dict[str, Any] = {}
        aggregation: dict[str, Any] = {}
        try:
            line.inputs = prepare_inputs(self._plan.flow, inputs, index, self._plan.folder)
            with self._workspace, captured_streams, connections_in_scope(self._connections):
                limit = timeout if timeout is not None else self._line_timeout
                self._scheduler.run(line, self._plan.nodes, is_chain=self._plan.is_chain, timeout=limit)
                error = line.failure
                if error is None:
                    outputs = line.outputs()
                    aggregation = line.aggregation_inputs() if self._plan.aggregation_references else {}
                line.settle()
        except Exception as failure:  # Whatever goes wrong in a line is that line's result.
            error, outputs, aggregation = failure, {}, {}
        result = self._line_result(line, start, outputs, aggregation, error)
        if not streaming or error is not None:
            return result
        return replace(result, read_out=lambda: self._read_out(line, start, outputs, aggregation))

    def _read_out(self, line: Line, start: Any, outputs: dict[str, Any], aggregation: dict[str, Any]) -> LineResult:
        texts: dict[str, Any] = {}
        error: BaseException | None = None
        with self._workspace, captured_streams, connections_in_scope(self._connections):
            try:
                texts = {name: joined(value) if is_stream(value) else value for name, value in outputs.items()}
            except Exception as failure:
                error = failure
            line.settle()
        if error is not None:
            texts, aggregation, error = {}, {}, line.failure or error
        return self._line_result(line, start, texts, aggregation, error)

    def _line_result(
        self, line: Line, start: Any, outputs: dict[str, Any], aggregation: dict[str, Any], error: BaseException | None
    ) -> LineResult:
        end = utc_now()
        status = RunStatus.COMPLETED
        if error is not None:
            status = RunStatus.CANCELED if isinstance(error, LineCanceledError) else RunStatus.FAILED
        return LineResult(
            index=line.index,
            status=status,
            inputs=line.inputs,
            outputs=outputs,
            start_time=start,
            end_time=end,
            error=None if error is None else run_error(error, self._plan.folder),
            node_runs=line.runs,
            aggregation_inputs=aggregation,
            system_metrics={"duration": (end - start).total_seconds(), **token_sum(line.runs.values())},
            exception=error,
        )

    def run_aggregation(self, lines: Sequence[LineResult]) -> AggregationResult:
        """Execute the aggregation nodes over the successful lines; nothing runs where none succeeded.

        A node that fails is a run with status Failed; nodes behind it do not run, metrics logged so far are kept.
        """
        metrics: dict[str, Any] = {}
        if not self._plan.aggregation_nodes or not any(line.status is RunStatus.COMPLETED for line in lines):
            return AggregationResult({}, {}, {})
        line = aggregation_line(self._plan, lines, self._observer)
        stop_collecting = collect_metrics(metrics)
        try:
            with self._workspace, captured_streams, connections_in_scope(self._connections):
                self._scheduler.run(line, self._plan.aggregation_nodes, is_chain=False, timeout=None)
                line.settle()
        finally:
            stop_collecting()
        outputs = {name: run.output for name, run in line.runs.items() if run.status is RunStatus.COMPLETED}
        return AggregationResult(outputs, metrics, line.runs)

    def run_node(self, node: str, inputs: Mapping[str, Any]) -> NodeRun:
        """Execute one node. `inputs` is keyed by the node's input names or by reference text (`other.output`).

        Raises:
            SingleNodeValidationError: there is no such node, or an input is given nowhere.
        """
        ready = next((n for n in (*self._plan.nodes, *self._plan.aggregation_nodes) if n.name == node), None)
        if ready is None:
            raise SingleNodeValidationError(f"Node '{node}' is not in the flow.")
        arguments = node_arguments(ready, self._plan.flow, inputs, self._plan.folder)
        execution = NodeExecution(ready, arguments, 0, self._plan.folder, self._observer)
        line = Line(self._plan, {}, 0, self._observer)
        stop_collecting = collect_metrics({})
        try:
            with self._workspace, captured_streams, connections_in_scope(self._connections):
                run = self._scheduler.run_one(execution, line)
                line.settle()
        finally:
            stop_collecting()
        return line.runs.get(node, run)

    def cancel(self) -> None:
        """End the lines that run now; their results have the status Canceled."""
        self._scheduler.cancel()

    def close(self) -> None:
        """Give threads, event loop and working copy back. Nodes that still run are left behind."""
        self._scheduler.close()
        _remove(self._working_copy)

    def __enter__(self) -> FlowExecutor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def token_sum(runs: Any) -> dict[str, float | int]:
    """Tokens of several runs together, always with all three counts, and whatever else was counted of model calls."""
    sums: dict[str, float | int] = dict.fromkeys(_TOKENS, 0)
    for run in runs:
        for key, value in run.system_metrics.items():
            if key != "duration":
                sums[key] = sums.get(key, 0) + value
    return sums


def _warn(observer: RunObserver | None, text: str) -> None:
    if observer is not None:
        observer.log("warning", text)


def _remove(working_copy: Path | None) -> None:
    if working_copy is not None:
        import shutil

        shutil.rmtree(working_copy.parent, ignore_errors=True)
