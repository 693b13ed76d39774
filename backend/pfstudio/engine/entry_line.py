"""One line of a flow that is a single entry: what it was given and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pfstudio.engine.entry_call import EntryCall
from pfstudio.engine.entry_outputs import ONLY_OUTPUT, output_fields
from pfstudio.engine.errors import LineCanceledError
from pfstudio.engine.failures import run_error
from pfstudio.engine.results import LineResult, RunStatus
from pfstudio.kit.clock import utc_now

_NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


@dataclass(slots=True)
class EntryLine:
    """Filled in while the line runs. `inputs` are shown as they were given, defaults added."""

    inputs: Mapping[str, Any]
    index: int | None
    start: datetime = field(default_factory=utc_now)
    call: EntryCall | None = None
    returned: Any = None
    outputs: Mapping[str, Any] = field(default_factory=dict)

    def completed(self) -> LineResult:
        return self._result(RunStatus.COMPLETED, self.outputs, {ONLY_OUTPUT: _seen_by_aggregation(self.returned)})

    def failed(self, error: Exception, folder: Path) -> LineResult:
        status = RunStatus.CANCELED if isinstance(error, LineCanceledError) else RunStatus.FAILED
        self.returned = None
        return self._result(status, {}, {}, error=run_error(error, folder), exception=error)

    def _result(
        self, status: RunStatus, outputs: Mapping[str, Any], aggregation: Mapping[str, Any], **failure: Any
    ) -> LineResult:
        end = utc_now()
        usage = self.call.trace.usage if self.call is not None else {}
        return LineResult(
            index=self.index,
            status=status,
            inputs=self.inputs,
            outputs=outputs,
            start_time=self.start,
            end_time=end,
            aggregation_inputs=aggregation,
            system_metrics={"duration": (end - self.start).total_seconds(), **_NO_TOKENS, **usage},
            returned=self.returned,
            api_calls=self.call.trace.calls if self.call is not None else (),
            **failure,
        )


def _seen_by_aggregation(returned: Any) -> Any:
    """A dictionary for a dictionary or a dataclass, so that it survives the way between processes."""
    fields = output_fields(returned)
    return returned if set(fields) == {ONLY_OUTPUT} and fields[ONLY_OUTPUT] is returned else fields
