"""`PFClient.flows`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfstudio.errors import UserErrorException
from pfstudio.sdk.model_calls import ModelCalls
from pfstudio.sdk.test_inputs import read_inputs
from pfstudio.sdk.transport import FlowTest, Transport

if TYPE_CHECKING:
    from pfstudio.sdk.conversation import Conversation
    from pfstudio.sdk.flow_validation import FlowValidation


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
        allow_generator_output: bool = True,
        model_calls: ModelCalls | None = None,
        **_: Any,
    ) -> Any:
        """Run a flow once; returns its outputs by name, or the output of `node`.

        A flex flow may also be given by its entry, `module:name`, or as the function, class or object itself; `init`
        makes the object of a class. It returns what the entry does.

        `output_path` is where records are written (default with `dump_test_result`: `.promptflow` in the flow). The
        answer of a chat that comes piece by piece is a generator, unless `allow_generator_output` is off.

        Raises:
            UserErrorException: the flow failed; the message begins with the type of what was raised.
        """
        return self._transport.test_flow(
            FlowTest(
                flow=_tested(flow),
                inputs=read_inputs(inputs),
                init=init,
                node=node,
                variant=variant,
                environment_variables={name: str(value) for name, value in (environment_variables or {}).items()},
                keep_records=dump_test_result or output_path is not None,
                record_folder=Path(output_path) if output_path is not None else None,
                log_to_stderr=stream_log,
                streaming=allow_generator_output,
                log_level=log_level,
                model_calls=model_calls,
            )
        )

    def conversation(
        self,
        flow: str | Path | Callable[..., Any],
        *,
        inputs: Mapping[str, Any] | str | Path | None = None,
        variant: str | None = None,
        environment_variables: Mapping[str, Any] | None = None,
        init: Mapping[str, Any] | None = None,
        output_path: str | Path | None = None,
        log_level: str = "info",
        model_calls: ModelCalls | None = None,
    ) -> Conversation:
        """The flow, to be run again and again: a chat, or a page. `inputs` are those that stay the same."""
        return self._transport.conversation(
            FlowTest(
                flow=_tested(flow),
                inputs=read_inputs(inputs),
                init=init,
                variant=variant,
                environment_variables={name: str(value) for name, value in (environment_variables or {}).items()},
                keep_records=True,
                record_folder=Path(output_path) if output_path is not None else None,
                log_level=log_level,
                model_calls=model_calls,
            )
        )

    def validate(self, flow: str | Path, *, raise_error: bool = False, **_: Any) -> FlowValidation:
        """Everything that is wrong with a flow; nothing of it runs.

        Raises:
            FlowPathError: there is no flow.
            ValidationException: with `raise_error`, something is wrong.
        """
        from pfstudio.sdk.flow_validation import validate_flow

        return validate_flow(flow, raise_error=raise_error)

    def save(
        self,
        entry: str | Callable[..., Any],
        code: str | Path | None = None,
        path: str | Path | None = None,
        **more: Any,
    ) -> Path:
        """Write the flow folder of a function or class; returns it.

        Raises:
            UserErrorException: there is no such entry, or the folder cannot be made.
        """
        from pfstudio.sdk.flow_save import save_flow

        return save_flow(entry, code, path, **more)

    def infer_signature(self, entry: Any, **more: Any) -> dict[str, Any]:
        """What an entry takes and gives, as a flow file has it: `inputs`, `outputs`, `init`."""
        from pfstudio.sdk.flow_save import infer_signature

        return infer_signature(entry, **more)

    def build(self, *_: Any, **__: Any) -> None:
        """promptflow made a container's folder of a flow; pfstudio does not yet.

        Raises:
            UserErrorException: always, with what to do instead.
        """
        raise UserErrorException(
            "`flows.build` is not part of this version of pfstudio; the flow folder itself, with "
            "`pip install pfstudio`, is all another machine needs."
        )


def _tested(flow: str | Path | Callable[..., Any]) -> Path | str | Callable[..., Any]:
    if isinstance(flow, str | Path) and Path(flow).exists():
        return Path(flow)  # Nearly always; what else a flow may be costs more to load.
    from pfstudio.sdk.entries import as_tested

    return as_tested(flow)
