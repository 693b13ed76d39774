"""`PFClient`: flows from Python."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pfstudio.sdk.operations.flows import FlowOperations
from pfstudio.sdk.transport import Transport


class PFClient:
    """Runs flows in this process. Making one is cheap and touches nothing.

    `connection_provider`, `config`, `credential` and `user_agent` are accepted as promptflow had them; only the local
    provider exists.
    """

    def __init__(
        self,
        connection_provider: str = "local",
        config: Mapping[str, Any] | None = None,
        credential: object = None,
        user_agent: str | None = None,
        **_: Any,
    ) -> None:
        self._config = {"connection.provider": connection_provider, **(config or {})}
        self._credential = credential
        self._user_agent = user_agent

    @cached_property
    def flows(self) -> FlowOperations:
        return FlowOperations(self._transport)

    @cached_property
    def _transport(self) -> Transport:
        from pfstudio.sdk.local import LocalTransport

        return LocalTransport()

    def test(
        self,
        flow: str | Path,
        *,
        inputs: Mapping[str, Any] | str | Path | None = None,
        variant: str | None = None,
        node: str | None = None,
        environment_variables: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run a flow once; returns its outputs by name, or the output of `node`.

        Raises:
            UserErrorException: the flow failed; the message begins with the type of what was raised.
        """
        return self.flows.test(
            flow, inputs=inputs, variant=variant, node=node, environment_variables=environment_variables
        )
