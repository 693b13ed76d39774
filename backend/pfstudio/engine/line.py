"""One line: which nodes are ready, which are bypassed, what they are given, what comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pfstudio.engine.errors import FlowOutputUnserializable
from pfstudio.engine.inputs import fresh
from pfstudio.engine.node import NodeExecution, ReadyNode
from pfstudio.engine.plan import Plan
from pfstudio.engine.ports import RunObserver
from pfstudio.engine.results import NodeRun, RunStatus
from pfstudio.engine.streams import StreamedOutput, StreamReader
from pfstudio.flow.errors import InvalidReferenceProperty
from pfstudio.flow.references import follow_path
from pfstudio.flow.spec import Binding, Literal, OutputDefinition, Reference
from pfstudio.kit.clock import utc_now

_PLAIN = (str, int, float, bool, type(None))


class Line:
    """The state of one line while its nodes run. Only the thread that coordinates the line changes it."""

    def __init__(
        self,
        plan: Plan,
        inputs: Mapping[str, Any],
        index: int | None,
        observer: RunObserver | None,
        *,
        streaming: bool = False,
    ) -> None:
        self.plan = plan
        self.inputs = inputs
        self.index = index
        self.observer = observer
        self.streaming = streaming
        self.values: dict[str, Any] = {}
        self.bypassed: set[str] = set()
        self.runs: dict[str, NodeRun] = {}
        self.executions: dict[str, NodeExecution] = {}
        self.failure: BaseException | None = None

    def prepare(self, node: ReadyNode) -> NodeExecution | None:
        """The execution of a node whose needs have ended; None where it is bypassed or cannot be fed."""
        execution = NodeExecution(node, {}, self.index, self.plan.folder, self.observer)
        try:
            if self.is_bypassed(node):
                self._bypass(node)
                return None
            execution.arguments = self.arguments(node)
        except Exception as error:  # A property that is not there, or whatever the property's own code raises.
            execution.begin()
            self.finish(execution, execution.failed_before_call(error))
            return None
        execution.streaming = self.streaming and node.name in self.plan.streaming_nodes
        return execution

    def finish(self, execution: NodeExecution, run: NodeRun) -> None:
        """Take in what a node produced."""
        name = execution.node.name
        self.runs[name] = run
        if execution.exception is not None:
            self.failure = self.failure or execution.exception
            return
        self.values[name] = run.output
        if isinstance(run.output, StreamedOutput):
            self.executions[name] = execution
            self._watch(name, run.output)

    def _watch(self, name: str, output: StreamedOutput) -> None:
        observer = self.observer
        if observer is not None:
            output.on_item = lambda item: observer.output_chunk(name, str(item))

    def is_bypassed(self, node: ReadyNode) -> bool:
        activate = node.spec.activate
        if activate is not None:
            when = activate.when
            if isinstance(when, Reference) and when.node in self.bypassed:
                return True
            return bool(self.value(when) != activate.value)
        sources = {reference.node for _, reference in node.references if reference.node is not None}
        return bool(sources) and sources <= self.bypassed

    def _bypass(self, node: ReadyNode) -> None:
        now = utc_now()
        self.bypassed.add(node.name)
        self.values[node.name] = None
        run = NodeRun(
            node=node.name,
            status=RunStatus.BYPASSED,
            inputs={},
            output=None,
            start_time=now,
            end_time=now,
            index=self.index,
            system_metrics={"duration": 0.0},
        )
        self.runs[node.name] = run
        if self.observer is not None:
            self.observer.node_finished(run)

    def arguments(self, node: ReadyNode) -> dict[str, Any]:
        """The keywords a node is called with."""
        arguments = dict(node.literals)
        for name in node.changeable_literals:
            arguments[name] = fresh(arguments[name])
        for name, reference in node.references:
            if reference.node is not None and reference.node in self.bypassed:
                if name in node.optional:
                    continue
                self.warn(f"The node '{reference.node}' was bypassed, so '{name}' is given as None.", node.name)
                arguments[name] = None
            else:
                value = self.value(reference)
                arguments[name] = StreamReader(value) if isinstance(value, StreamedOutput) else value
        return arguments

    def value(self, binding: Binding) -> Any:
        """What a binding stands for in this line."""
        if isinstance(binding, Literal):
            return binding.value
        node = binding.node
        if node is None:
            return self.inputs[str(binding.input)]
        return self.part_of(self.values[node], binding)

    def part_of(self, value: Any, reference: Reference) -> Any:
        """What the path of a reference leads to in the output of its node."""
        if not reference.path:
            return value
        try:
            return follow_path(value, str(reference.node), reference.path)
        except InvalidReferenceProperty as error:
            error.file, error.line = self.plan.flow.file, reference.line or None
            raise

    def outputs(self) -> dict[str, Any]:
        """The flow's outputs.

        Raises:
            InvalidReferenceProperty: an output names a part that its node's output does not have.
            FlowOutputUnserializable: an output cannot be JSON.
        """
        outputs: dict[str, Any] = {}
        for name, definition in self.plan.outputs.items():
            binding = definition.binding
            if isinstance(binding, Reference) and binding.node in self.bypassed:
                if binding.path:
                    where = {"file": self.plan.flow.file, "line": binding.line or None}
                    raise InvalidReferenceProperty(binding.node, binding.path, **where)
                self.warn(f"The node '{binding.node}' was bypassed, so the flow output '{name}' is None.")
            outputs[name] = self._output(definition, self.value(binding))
        return outputs

    def _output(self, definition: OutputDefinition, value: Any) -> Any:
        if isinstance(value, StreamedOutput):
            return value if self.streaming else value.text()
        if isinstance(value, Iterator):  # Part of a node's output.
            return value if self.streaming else "".join(str(item) for item in value)
        if not isinstance(value, _PLAIN):
            try:
                json.dumps(value, default=_multimedia)
            except (TypeError, ValueError, RecursionError) as error:
                where = {"file": self.plan.flow.file, "line": definition.line or None}
                raise FlowOutputUnserializable(definition.name, error, **where) from error
        return value

    def aggregation_inputs(self) -> dict[str, Any]:
        """By reference text, what the aggregation nodes need from this line."""
        return {
            text: None if reference.node in self.bypassed else self.value(reference)
            for text, reference in self.plan.aggregation_references.items()
        }

    def settle(self) -> None:
        """Complete the runs whose output came piece by piece: what they printed, used and took meanwhile."""
        for name, execution in self.executions.items():
            output = self.values[name]
            if isinstance(output, StreamedOutput) and not (self.streaming and not output.ended):
                self.runs[name] = execution.settled(output)
                self.failure = self.failure or execution.exception

    def warn(self, message: str, node: str | None = None) -> None:
        if self.observer is not None:
            self.observer.log("warning", message, node)


def _multimedia(value: Any) -> Any:
    """Images are written to files by whoever keeps the record; they are no obstacle to an output."""
    if type(value).__name__ in ("Image", "Text"):
        return str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
