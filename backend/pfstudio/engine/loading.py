"""Loads a flow of any kind, ready to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pfstudio.engine.environment import Precedence
from pfstudio.engine.executor import FlowExecutor
from pfstudio.engine.ports import ConnectionSource, LineExecutor, RunObserver
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.kinds import FlowKind, flow_kind
from pfstudio.flow.loader import find_flow_file, load_flow
from pfstudio.flow.overrides import with_node_overrides


def load_executor(
    folder_or_file: Path,
    *,
    connections: ConnectionSource,
    variant: str | None = None,
    environment_variables: Mapping[str, str] | None = None,
    precedence: Precedence = "flow",
    init: Mapping[str, Any] | None = None,
    node_overrides: Mapping[str, Mapping[str, Any]] | None = None,
    observer: RunObserver | None = None,
    line_timeout: float | None = None,
    concurrency: int = 16,
) -> LineExecutor:
    """Read and check a flow, then load its code. Close it when done.

    `init` makes the object of a flex flow's class, or changes a prompty's model; a DAG flow has no use for it.
    `node_overrides` names other connections, deployments and models for nodes of a DAG flow.

    Raises:
        PromptflowException: the first problem of the flow.
    """
    file = find_flow_file(Path(folder_or_file)).absolute()
    kind = flow_kind(FolderFiles(file.parent), file.name)
    if kind != "dag":
        return _entry_loader(kind)(
            file,
            connections=connections,
            environment_variables=environment_variables,
            precedence=precedence,
            init=init,
            observer=observer,
            line_timeout=line_timeout,
        )
    flow = with_node_overrides(load_flow(file, variant=variant), node_overrides)
    return FlowExecutor.of_flow(
        flow,
        file.parent,
        connections=connections,
        environment_variables=environment_variables,
        precedence=precedence,
        observer=observer,
        line_timeout=line_timeout,
        concurrency=concurrency,
    )


def _entry_loader(kind: FlowKind) -> Callable[..., LineExecutor]:
    if kind == "flex":
        from pfstudio.engine.flex import load_flex

        return load_flex
    from pfstudio.engine.prompty import load_prompty

    return load_prompty
