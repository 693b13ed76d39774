"""`PFClient.flows`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pfstudio.sdk.entries import as_tested
from pfstudio.sdk.test_inputs import read_inputs
from pfstudio.sdk.transport import FlowTest, Transport


class FlowOperations:
    """What can be done with a flow."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def test(
        self,
        flow: str | Path | Callable[..., Any],
        *,
        inputs: Mapping[str, Any] | str | Path | None = None,
        variant: str | None = None,
        node: str | None = None,
        environment_variables: Mapping[str, Any] | None = None,
        init: Mapping[str, Any] | None = None,
        output_path: str | Path | None = None,
        dump_test_result: bool = False,
        stream_log: bool = False,
        log_level: str = "info",
    ) -> Any:
        """Run a flow once; returns its outputs by name, or the output of `node`.

        A flex flow may also be given by its entry, `module:name`, or as the function, class or object itself; `init`
        makes the object of a class. It returns what the entry does.

        `output_path` is where records are written (default with `dump_test_result`: `.promptflow` in the flow).

        Raises:
            UserErrorException: the flow failed; the message begins with the type of what was raised.
        """
        return self._transport.test_flow(
            FlowTest(
                flow=as_tested(flow),
                inputs=read_inputs(inputs),
                init=init,
                node=node,
                variant=variant,
                environment_variables={name: str(value) for name, value in (environment_variables or {}).items()},
                keep_records=dump_test_result or output_path is not None,
                record_folder=Path(output_path) if output_path is not None else None,
                log_to_stderr=stream_log,
                log_level=log_level,
            )
        )
