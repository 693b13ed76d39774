"""What invoking a flow gives: its outputs, and the runs behind them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from pfstudio.engine.record import flow_run_record, node_run_record
from pfstudio.engine.results import LineResult, RunStatus
from pfstudio.engine.streams import StreamedOutput
from pfstudio.kit.ids import new_id


class FlowResult:
    """`run_info` and `node_run_infos` have the attributes of the original's run records; they are made when asked for.

    `line` is what the engine has of the run, with live values.
    """

    def __init__(self, line: LineResult) -> None:
        self.line = line
        self.output: dict[str, Any] = {name: _shown(value) for name, value in line.outputs.items()}
        self.aggregation_inputs: dict[str, Any] = dict(line.aggregation_inputs)

    @cached_property
    def _run_id(self) -> str:
        return new_id()

    @cached_property
    def run_info(self) -> SimpleNamespace:
        record = flow_run_record(self.line, run_id=self._run_id)
        return SimpleNamespace(**{**record, "status": _status(self.line.status)})

    @cached_property
    def node_run_infos(self) -> dict[str, SimpleNamespace]:
        return {
            name: SimpleNamespace(**{**node_run_record(run, run_id=self._run_id), "status": _status(run.status)})
            for name, run in self.line.node_runs.items()
        }


def _status(status: RunStatus) -> Enum:
    """The word as a member of the original's enumeration, which equals ours."""
    from pfstudio.sdk.legacy.run_records import Status

    return Status(status.value)


def _shown(value: Any) -> Any:
    return _generated(value) if isinstance(value, StreamedOutput) else value


def _generated(stream: StreamedOutput) -> Iterator[Any]:
    yield from stream
