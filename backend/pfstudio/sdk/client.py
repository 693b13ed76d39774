"""`PFClient`: flows from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfstudio.sdk.configuration import Configuration
from pfstudio.sdk.trace_export import use_destination

if TYPE_CHECKING:
    from pfstudio.sdk.operations.connections import ConnectionOperations
    from pfstudio.sdk.operations.flows import FlowOperations
    from pfstudio.sdk.operations.runs import RunOperations
    from pfstudio.sdk.operations.tools import ToolOperations
    from pfstudio.sdk.runs.entity import Run
    from pfstudio.sdk.transport import Transport


class PFClient:
    """Runs flows in this process. Making one is cheap and touches nothing.

    `connection_provider`, `config`, `credential` and `user_agent` are accepted as promptflow had them; only the local
    provider exists.
    """

    def __init__(
        self,
        connection_provider: str | None = None,
        config: Mapping[str, Any] | None = None,
        credential: object = None,
        user_agent: str | None = None,
        **_: Any,
    ) -> None:
        given = {"connection.provider": connection_provider} if connection_provider else {}
        self._config = Configuration({**given, **(config or {})})
        self._credential = credential
        self._user_agent = user_agent

    @cached_property
    def flows(self) -> FlowOperations:
        from pfstudio.sdk.operations.flows import FlowOperations

        return FlowOperations(self._transport)

    @cached_property
    def runs(self) -> RunOperations:
        from pfstudio.sdk.connection_source import LazyConnections
        from pfstudio.sdk.operations.runs import RunOperations
        from pfstudio.sdk.runs.places import RunPlaces

        self._config.require_local_connections()
        use_destination(self._config)
        return RunOperations(RunPlaces(self._config), LazyConnections(self._config))

    @cached_property
    def connections(self) -> ConnectionOperations:
        from pfstudio.connections.local_store import LocalConnections, pf_home
        from pfstudio.sdk.operations.connections import ConnectionOperations

        self._config.require_local_connections()
        return ConnectionOperations(LocalConnections(pf_home()))

    @cached_property
    def tools(self) -> ToolOperations:
        from pfstudio.sdk.operations.tools import ToolOperations

        return ToolOperations()

    @cached_property
    def _transport(self) -> Transport:
        from pfstudio.sdk.local import LocalTransport

        use_destination(self._config)
        return LocalTransport(self._config)

    def test(
        self,
        flow: str | Path | Callable[..., Any],
        *,
        inputs: Mapping[str, Any] | str | Path | None = None,
        variant: str | None = None,
        node: str | None = None,
        environment_variables: Mapping[str, Any] | None = None,
        init: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run a flow once; returns its outputs by name, or the output of `node`.

        Raises:
            UserErrorException: the flow failed; the message begins with the type of what was raised.
        """
        return self.flows.test(
            flow,
            inputs=inputs,
            variant=variant,
            node=node,
            environment_variables=environment_variables,
            init=init,
        )

    def run(
        self,
        flow: Any = None,
        *,
        data: str | Path | None = None,
        run: str | Run | None = None,
        column_mapping: Mapping[str, Any] | None = None,
        variant: str | None = None,
        connections: Mapping[str, Mapping[str, Any]] | None = None,
        environment_variables: Mapping[str, Any] | str | Path | None = None,
        name: str | None = None,
        display_name: str | None = None,
        tags: Mapping[str, Any] | None = None,
        resume_from: str | Run | None = None,
        code: str | Path | None = None,
        init: Mapping[str, Any] | None = None,
        stream: bool = False,
        description: str | None = None,
        reuse: bool = False,
        record: str | Path | None = None,
        replay: str | Path | None = None,
        **_: Any,
    ) -> Run:
        """Run a flow over the lines of `data`, or over what another `run` produced; returns the run as it ended.

        `flow` is a folder, a file, `module:entry` (with `code`, its folder), a function, a class, an object that can be
        called, or a loaded flow or prompty. `resume_from` takes over the lines that another run has completed. `reuse`
        answers model calls that earlier runs made alike, `record` keeps them in a file, `replay` makes none but those
        of such a file.

        Raises:
            ValueError: `flow`, or both `data` and `run`, are missing, or `resume_from` comes with other arguments.
            PromptflowException: the run was refused; then there is none.
            InvalidRunStatusError: with `stream`, the run failed.
        """
        from pfstudio.sdk.operations.runs import check_resume_arguments, run_options
        from pfstudio.sdk.runs.entity import Run

        given = {"flow": flow, "data": data, "run": run, "column_mapping": column_mapping, "variant": variant}
        given |= {"connections": connections, "environment_variables": environment_variables, "init": init}
        names: dict[str, Any] = {"name": name, "display_name": display_name, "tags": tags, "description": description}
        options = run_options(stream=stream, reuse=reuse, record=record, replay=replay)
        if resume_from:
            check_resume_arguments(given)
            return self.runs.resume(resume_from, options=options, **names)
        return self.runs.create_or_update(Run(**given, **names, code=code), options=options)

    def stream(self, run: str | Run, raise_on_error: bool = True) -> Run:
        """Write a run's log until it has ended, then its summary.

        Raises:
            InvalidRunStatusError: the run failed or was canceled, unless `raise_on_error` is off.
        """
        return self.runs.stream(run, raise_on_error=raise_on_error)

    def get_details(self, run: str | Run, max_results: int = 100, all_results: bool = False) -> Any:
        """Inputs and outputs of a run's lines as a pandas DataFrame."""
        return self.runs.get_details(run, max_results=max_results, all_results=all_results)

    def get_metrics(self, run: str | Run) -> dict[str, Any]:
        """What the aggregation nodes of a completed run have logged."""
        return self.runs.get_metrics(run)

    def visualize(self, runs: Any, *, html_path: str | Path | None = None) -> Path:
        """One page that compares runs; the browser opens it unless `html_path` says where it goes."""
        return self.runs.visualize(runs, html_path=html_path)
