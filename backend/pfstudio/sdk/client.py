"""`PFClient`: flows from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfstudio.sdk.configuration import Configuration
from pfstudio.sdk.operations.flows import FlowOperations
from pfstudio.sdk.transport import Transport

if TYPE_CHECKING:
    from pfstudio.sdk.operations.connections import ConnectionOperations
    from pfstudio.sdk.operations.tools import ToolOperations


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
        return FlowOperations(self._transport)

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

        return LocalTransport()

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
