"""Running a flow once, to try it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class FlowTestStart(BaseModel):
    """What to run. With `node`, only that node runs and `inputs` are its inputs, as in `pf flow test --node`.

    `init` goes to the constructor of a flex flow's class, or over the front matter of a prompty.
    """

    model_config = ConfigDict(extra="forbid")

    inputs: dict[str, Any] = Field(default_factory=dict)
    node: str | None = None
    variant: str | None = Field(default=None, description="`${node.variant}`, as in `pf flow test --variant`.")
    init: dict[str, Any] = Field(default_factory=dict)


class FlowTestError(BaseModel):
    model_config = ConfigDict(extra="allow")

    message: str
    type: str | None = None
    code: str | None = None
    file: str | None = None
    line: int | None = None
    node: str | None = None
    traceback: str | None = None


class NodeLogs(BaseModel):
    model_config = ConfigDict(extra="allow")

    stdout: str = ""
    stderr: str = ""


class NodeResult(BaseModel):
    """One execution of one node."""

    model_config = ConfigDict(extra="allow")

    node: str
    status: str
    inputs: Any = None
    output: Any = None
    error: FlowTestError | None = None
    start_time: str | None = None
    end_time: str | None = None
    duration: float | None = None
    logs: NodeLogs | None = None
    api_calls: list[dict[str, Any]] = Field(default_factory=list)
    system_metrics: dict[str, Any] = Field(default_factory=dict)


class FlowTestResult(BaseModel):
    """What a test produced. `status` is `Failed` where the flow failed; `output` is then null.

    `api_calls` are those of a flow without nodes; a node's are in its run.
    """

    model_config = ConfigDict(extra="allow")

    status: str
    output: Any = None
    node_runs: list[NodeResult] = Field(default_factory=list)
    metrics: dict[str, Any] = Field(default_factory=dict)
    api_calls: list[dict[str, Any]] = Field(default_factory=list)
    error: FlowTestError | None = None
    duration: float | None = None
    system_metrics: dict[str, Any] = Field(default_factory=dict)
