"""Records of runs as dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class Status(str, Enum):
    """How a node or a line ended; equal to the words in records."""

    Running = "Running"
    Preparing = "Preparing"
    Completed = "Completed"
    Failed = "Failed"
    Bypassed = "Bypassed"
    Canceled = "Canceled"
    NotStarted = "NotStarted"
    CancelRequested = "CancelRequested"

    @staticmethod
    def is_terminated(status: Status | str) -> bool:
        """Whether nothing can follow."""
        return str(getattr(status, "value", status)) in ("Completed", "Failed", "Bypassed", "Canceled")


@dataclass
class RunInfo:
    """One execution of one node."""

    node: str
    flow_run_id: str
    run_id: str
    status: Status
    inputs: Any
    output: Any
    metrics: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    parent_run_id: str | None
    start_time: datetime
    end_time: datetime
    index: int | None = None
    api_calls: list[Mapping[str, Any]] | None = None
    cached_run_id: str | None = None
    cached_flow_run_id: str | None = None
    logs: Mapping[str, str] | None = None
    system_metrics: Mapping[str, Any] | None = None
    result: Any = None
    message_format: str = "basic"


@dataclass
class FlowRunInfo:
    """One line of a run."""

    run_id: str
    status: Status
    error: Mapping[str, Any] | None
    inputs: Any
    output: Any
    metrics: Mapping[str, Any] | None
    request: Any
    parent_run_id: str | None
    root_run_id: str | None
    source_run_id: str | None
    flow_id: str
    start_time: datetime
    end_time: datetime
    index: int | None = None
    api_calls: list[Mapping[str, Any]] | None = None
    name: str = ""
    description: str = ""
    tags: Mapping[str, str] | None = None
    system_metrics: Mapping[str, Any] | None = None
    result: Any = None
    upload_metrics: bool = False
    otel_trace_id: str | None = ""
    message_format: str = "basic"
