"""Aggregation nodes: run once over the successful lines of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pfstudio.engine.errors import InvalidAggregationInput
from pfstudio.engine.inputs import prepare_inputs
from pfstudio.engine.line import Line
from pfstudio.engine.plan import Plan
from pfstudio.engine.ports import RunObserver
from pfstudio.engine.results import LineResult, RunStatus
from pfstudio.flow.spec import Binding, Literal


class AggregationLine(Line):
    """Like a line, but flow inputs and normal nodes stand for lists with one value per successful line."""

    def __init__(
        self,
        plan: Plan,
        inputs: Mapping[str, list[Any]],
        references: Mapping[str, list[Any]],
        observer: RunObserver | None,
    ) -> None:
        super().__init__(plan, inputs, None, observer)
        self._references = references
        self._reduced = {node.name for node in plan.aggregation_nodes}

    def value(self, binding: Binding) -> Any:
        if isinstance(binding, Literal):
            return binding.value
        node = binding.node
        if node is None:
            return self.inputs[str(binding.input)]
        if node in self._reduced:
            return self.part_of(self.values[node], binding)
        return self._references[binding.text]


def aggregation_line(plan: Plan, lines: Sequence[LineResult], observer: RunObserver | None) -> AggregationLine:
    """The lists of the successful lines, in line order.

    Raises:
        InvalidAggregationInput: a line lacks a value that another has.
    """
    done = sorted(
        (line for line in lines if line.status is RunStatus.COMPLETED),
        key=lambda line: -1 if line.index is None else line.index,
    )
    prepared = [prepare_inputs(plan.flow, line.inputs, line.index, plan.folder) for line in done]
    inputs = {name: [values[name] for values in prepared] for name in plan.flow.inputs}
    for text in plan.aggregation_references:
        if any(text not in line.aggregation_inputs for line in done):
            raise InvalidAggregationInput(f"A line has no value for '{text}', which an aggregation node uses.")
    references = {text: [line.aggregation_inputs[text] for line in done] for text in plan.aggregation_references}
    return AggregationLine(plan, inputs, references, observer)
