"""One test of a flex flow, of a prompty, or of a function or class on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pfstudio.engine.loading import load_executor
from pfstudio.engine.ports import ConnectionSource, LineExecutor, RunObserver
from pfstudio.engine.results import RunStatus
from pfstudio.flow.entry_errors import InvalidSampleError
from pfstudio.flow.errors import ValidationException
from pfstudio.flow.spec import Flow
from pfstudio.sandbox.flow_test import TestOutcome

TestedFlow = Path | str | Callable[..., Any]


def run_entry_test(
    flow: TestedFlow,
    *,
    inputs: Mapping[str, Any],
    connections: ConnectionSource,
    init: Mapping[str, Any] | None,
    environment_variables: Mapping[str, str] | None,
    observer: RunObserver,
    streaming: bool = False,
    loaded: Callable[[Flow], None] | None = None,
) -> TestOutcome:
    """Load it and run it once; `loaded` is told what is known of it as a flow.

    A failure is an outcome with an error; `output` is what the entry returned.

    Raises:
        PromptflowException: it cannot be loaded, or the inputs do not do.
    """
    with _executor(flow, connections, init, environment_variables, observer) as executor:
        if loaded is not None:
            loaded(executor.flow)
        line = executor.run_line(inputs, streaming=streaming)
        if isinstance(line.exception, (ValidationException, InvalidSampleError)):
            raise line.exception
        if line.read_out is not None:  # Inside the test: the flow's code still runs with each piece.
            line = line.read_out()
        return TestOutcome(
            flow=executor.flow,
            status=line.status,
            output=line.returned if line.status is RunStatus.COMPLETED else None,
            node_runs={},
            metrics={},
            system_metrics=line.system_metrics,
            error=line.error,
            line=line,
        )


def _executor(
    flow: TestedFlow,
    connections: ConnectionSource,
    init: Mapping[str, Any] | None,
    environment_variables: Mapping[str, str] | None,
    observer: RunObserver,
) -> LineExecutor:
    if isinstance(flow, Path):
        return load_executor(
            flow,
            connections=connections,
            init=init,
            environment_variables=environment_variables,
            observer=observer,
        )
    from pfstudio.engine.flex import load_entry

    return load_entry(
        flow,
        connections=connections,
        init=init,
        environment_variables=environment_variables,
        observer=observer,
    )
