"""What an execution produced: plain values, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any


class RunStatus(str, Enum):
    """Status words of promptflow 1.18, used in files, the database, the API and on the screen."""

    NOT_STARTED = "NotStarted"
    QUEUED = "Queued"
    PREPARING = "Preparing"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    BYPASSED = "Bypassed"
    CANCEL_REQUESTED = "CancelRequested"
    CANCELED = "Canceled"

    @property
    def is_terminal(self) -> bool:
        return self in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.BYPASSED, RunStatus.CANCELED)


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a node or line failed, in the error object of the original (`shared/spec/cli.md` section 6).

    `type` is the class name of the user's exception where user code raised (`ValueError`), else of ours.
    `file` is relative to the flow folder, `line` is 1-based; both are None where no place is known.
    """

    message: str
    type: str
    code: str
    file: str | None = None
    line: int | None = None
    traceback: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NodeLogs:
    """What a node printed. Each piece keeps its own text; timestamps are added where files are written."""

    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class NodeRun:
    """One execution of one node. `inputs` and `output` are the live Python values, not yet made JSON."""

    node: str
    status: RunStatus
    inputs: Mapping[str, Any]
    output: Any
    start_time: datetime
    end_time: datetime
    index: int | None = None
    error: RunError | None = None
    logs: NodeLogs = NodeLogs()
    api_calls: Sequence[Mapping[str, Any]] = ()
    system_metrics: Mapping[str, float | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineResult:
    """What one line of a batch run (or one test) produced. `outputs` is empty exactly when `error` is set.

    `aggregation_inputs` holds, by reference text (`${node.output.p}`), the values aggregation nodes need.
    `system_metrics`: `duration` in seconds, `prompt_tokens`, `completion_tokens`, `total_tokens`.
    `returned` is what a flex flow or a prompty gave back, as it is; `outputs` are made of it. `exception` is what
    `error` describes. Neither of the two is ever written down. `api_calls` are those of a flow without nodes.
    `read_out`, of a line that was run for its streams, reads these to their ends and gives the line as it is then:
    what they used and printed counts, and one that raises on its way has failed the line.
    """

    index: int | None
    status: RunStatus
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    start_time: datetime
    end_time: datetime
    error: RunError | None = None
    node_runs: Mapping[str, NodeRun] = field(default_factory=dict)
    aggregation_inputs: Mapping[str, Any] = field(default_factory=dict)
    system_metrics: Mapping[str, float | int] = field(default_factory=dict)
    returned: Any = None
    api_calls: Sequence[Mapping[str, Any]] = ()
    exception: BaseException | None = None
    read_out: Callable[[], LineResult] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class AggregationResult:
    """What the aggregation nodes produced: outputs by node, metrics by name, their runs."""

    outputs: Mapping[str, Any]
    metrics: Mapping[str, Any]
    node_runs: Mapping[str, NodeRun]
