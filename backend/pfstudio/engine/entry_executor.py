"""A Python entry, or a prompty, as a flow that runs lines."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pfstudio.engine.capture import captured_streams
from pfstudio.engine.connection_scope import connections_in_scope
from pfstudio.engine.entry_call import LOG_NAME, EntryCall, EntryRunner
from pfstudio.engine.entry_line import EntryLine
from pfstudio.engine.entry_outputs import (
    ONLY_OUTPUT,
    AttributeDict,
    check_outputs,
    joined,
    output_fields,
    with_streams,
)
from pfstudio.engine.failures import script_failure
from pfstudio.engine.flex_entry import ReadyEntry
from pfstudio.engine.inputs import prepare_inputs
from pfstudio.engine.ports import ConnectionSource, RunObserver
from pfstudio.engine.results import AggregationResult, LineResult, RunStatus
from pfstudio.engine.workspace import Workspace
from pfstudio.flow.kinds import FlowKind
from pfstudio.flow.spec import Flow, InputDefinition
from pfstudio.tools.metrics import collect_metrics


class EntryExecutor:
    """Runs an entry for each line. `sample` stands for inputs where none at all are given.

    Inputs in `optional` are neither required nor converted, since the entry's own default is None.
    """

    def __init__(
        self,
        kind: FlowKind,
        flow: Flow,
        entry: ReadyEntry,
        workspace: Workspace,
        *,
        connections: ConnectionSource,
        sample: Callable[[], Mapping[str, Any]],
        optional: frozenset[str] = frozenset(),
        observer: RunObserver | None,
        line_timeout: float | None,
        working_copy: Path | None = None,
    ) -> None:
        self._kind = kind
        self._flow = flow
        self._checked = replace(
            flow, inputs={name: _unloaded(item) for name, item in flow.inputs.items() if name not in optional}
        )
        self._connections = connections
        self._entry = entry
        self._workspace = workspace
        self._sample = sample
        self._observer = observer
        self._line_timeout = line_timeout
        self._working_copy = working_copy
        self._runner = EntryRunner(self.folder)

    @property
    def kind(self) -> FlowKind:
        return self._kind

    @property
    def flow(self) -> Flow:
        return self._flow

    @property
    def folder(self) -> Path:
        return Path(self._workspace.folder)

    @property
    def has_aggregation(self) -> bool:
        return self._entry.aggregate is not None

    @property
    def is_object(self) -> bool:
        return self._kind == "flex" and inspect.ismethod(self._entry.call)

    def run_line(
        self,
        inputs: Mapping[str, Any],
        *,
        index: int | None = 0,
        streaming: bool = False,
        timeout: float | None = None,
    ) -> LineResult:
        line = EntryLine(dict(inputs), index)
        try:
            with self._workspace, captured_streams, connections_in_scope(self._connections):
                line.inputs = line.inputs or dict(self._sample())
                values = prepare_inputs(self._checked, line.inputs, None, self.folder)
                line.inputs = {**values, **line.inputs}
                line.call = EntryCall(self._entry, self._keywords(values), self._observer)
                limit = timeout if timeout is not None else self._line_timeout
                line.returned = self._runner.run(line.call, streaming=streaming, timeout=limit, index=index)
            line.outputs = output_fields(line.returned)
            check_outputs(line.outputs, self._entry.place[0])
        except Exception as error:  # Whatever goes wrong in a line is that line's result.
            return line.failed(error, self.folder)
        result = line.completed()
        return replace(result, read_out=lambda: self._read_out(line)) if streaming else result

    def _read_out(self, line: EntryLine) -> LineResult:
        with self._workspace, captured_streams, connections_in_scope(self._connections):
            try:
                line.returned = with_streams(line.returned, joined)
            except Exception as error:
                failure = script_failure(self._entry.name, error, self.folder, self._entry.place)
                failure.__cause__ = error
                return line.failed(failure, self.folder)
            finally:
                if line.call is not None:
                    line.call.end_streams()
        line.outputs = output_fields(line.returned)
        return line.completed()

    def _keywords(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name in self._entry.parameters}

    def run_aggregation(self, lines: Sequence[LineResult]) -> AggregationResult:
        """Call `__aggregate__` with the outputs of the successful lines; its dictionary's items become metrics.

        An error in it is told the observer as a warning, and there are no metrics then.
        """
        aggregate = self._entry.aggregate
        done = sorted(
            (line for line in lines if line.status is RunStatus.COMPLETED),
            key=lambda line: -1 if line.index is None else line.index,
        )
        if aggregate is None or not done:
            return AggregationResult({}, {}, {})
        metrics: dict[str, Any] = {}
        stop_collecting = collect_metrics(metrics)
        try:
            with self._workspace, captured_streams, connections_in_scope(self._connections):
                output = self._aggregated(aggregate, [_as_seen(line.aggregation_inputs) for line in done])
        except Exception as error:
            self._warn(f"Failed to execute aggregation function with error: {error}")
            self._warn("The flow will have empty metrics.")
            return AggregationResult({}, {}, {})
        finally:
            stop_collecting()
        if isinstance(output, Mapping):
            metrics.update(output)
        else:
            self._warn("The output of aggregation function isn't a dictionary, skip the metrices update.")
        return AggregationResult({ONLY_OUTPUT: output}, metrics, {})

    def _aggregated(self, aggregate: ReadyEntry, outputs: list[Any]) -> Any:
        call = EntryCall(aggregate, {next(iter(aggregate.parameters)): outputs}, self._observer)
        return self._runner.run(call, streaming=False, timeout=None, index=None)

    def _warn(self, message: str) -> None:
        if self._observer is not None:
            self._observer.log("warning", message, LOG_NAME)

    def cancel(self) -> None:
        self._runner.cancel()

    def close(self) -> None:
        self._runner.close()
        if self._working_copy is not None:
            import shutil

            shutil.rmtree(self._working_copy.parent, ignore_errors=True)

    def __enter__(self) -> EntryExecutor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _unloaded(item: InputDefinition) -> InputDefinition:
    """An input that is converted like any other, but left as it is given where it is an image: entries load those."""
    return replace(item, type="file_path") if item.type == "image" else item


def _as_seen(aggregation_inputs: Mapping[str, Any]) -> Any:
    output = aggregation_inputs.get(ONLY_OUTPUT)
    return AttributeDict(output) if isinstance(output, Mapping) else output
