"""Flows run in this process, as `pf` and `PFClient()` do: no server, no database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfstudio.engine.ports import ConnectionSource
from pfstudio.errors import PromptflowException, UserErrorException
from pfstudio.flow.loader import find_flow_file
from pfstudio.kit.ids import new_id
from pfstudio.sandbox.flow_test import TestOutcome, run_flow_test
from pfstudio.sandbox.scrubbing import Scrubber
from pfstudio.sdk.configuration import Configuration
from pfstudio.sdk.connection_source import LazyConnections
from pfstudio.sdk.model_calls import installed
from pfstudio.sdk.run_log import RunLog
from pfstudio.sdk.test_records import TestRecords
from pfstudio.sdk.trace_export import exported
from pfstudio.sdk.transport import FlowTest

if TYPE_CHECKING:
    from pfstudio.sdk.conversation import Conversation

_USER_CODE = ("ToolExecutionErrorDetails", "FlexFlowExecutionErrorDetails")
_VARIANT = re.compile(r"\$\{([^.}]+)\.([^}]+)\}\Z")


class LocalTransport:
    """Runs everything here; connections are this user's own."""

    def __init__(self, configuration: Configuration | None = None) -> None:
        self._configuration = configuration

    def test_flow(self, test: FlowTest) -> Any:
        kept = test.keep_records or test.log_to_stderr or test.node is not None or not test.streaming
        if not kept and _may_be_chat(test.flow):
            from pfstudio.sdk.streamed_test import streamed_outputs

            outputs = streamed_outputs(self.conversation(test))
            if outputs is not None:
                return outputs
        scrubber = Scrubber(self.connections())
        records = TestRecords(_record_folder(test), prefix=_prefix(test), node=test.node)
        run_id = new_id()
        with RunLog(
            records.open_log(), run_id, to_stderr=test.log_to_stderr, level=test.log_level, scrub=scrubber.scrub
        ) as log:
            with installed(test.model_calls):
                outcome = run_flow_test(
                    test.flow,
                    inputs=test.inputs,
                    connections=scrubber,
                    node=test.node,
                    variant=test.variant,
                    environment_variables=test.environment_variables,
                    init=test.init,
                    observer=log,
                )
            exported(outcome)
            if outcome.error is not None:
                log.failed(outcome)
            outcome = records.with_image_files(outcome, _own_folder(test))
            records.write(outcome, run_id)
        return output_of(outcome)

    def conversation(self, test: FlowTest) -> Conversation:
        from pfstudio.sdk.conversation import Conversation

        return Conversation(test, self.connections(), _record_folder(test), _own_folder(test), _failure)

    def connections(self) -> ConnectionSource:
        """The user's connections, looked up by name when a flow names one."""
        return LazyConnections(self._configuration)


def output_of(outcome: TestOutcome) -> Any:
    """What the caller gets: the output, or the failure."""
    failure = _failure(outcome)
    if failure is None:
        return outcome.output
    raise failure


def _failure(outcome: TestOutcome) -> UserErrorException | None:
    """The failure as the original words it."""
    error = outcome.error
    if error is None:
        return None
    record = error.record
    from_user_code = any(item["type"] in _USER_CODE for item in record.get("additionalInfo", ()))
    kind = error.type if from_user_code else "Exception"
    return UserErrorException(f"{kind}: {error.message}", file=error.file, line=error.line)


def _may_be_chat(flow: object) -> bool:
    """Whether it is worth a closer look: most flows have no chat output, and looking costs time."""
    if not isinstance(flow, Path):
        return False
    try:
        return b"is_chat_output" in find_flow_file(flow).read_bytes()
    except (PromptflowException, OSError):
        return False  # Told in its place, when the flow is loaded.


def _record_folder(test: FlowTest) -> Path | None:
    if not test.keep_records:
        return None
    return test.record_folder or _own_folder(test)


def _own_folder(test: FlowTest) -> Path:
    """The flow's own folder for records, which is also where images go that a caller is handed."""
    if not isinstance(test.flow, Path):
        return Path.cwd() / ".promptflow"
    if test.flow.suffix == ".prompty":  # Several of them may stand in one folder.
        return test.flow.parent / ".promptflow" / test.flow.stem
    folder = test.flow if test.flow.is_dir() else test.flow.parent
    return folder / ".promptflow"


def _prefix(test: FlowTest) -> str:
    match = _VARIANT.match(test.variant or "")
    if test.node:
        return f"flow-{test.node}.node"
    return f"flow-{match[1]}-{match[2]}" if match else "flow"


__all__ = ["LocalTransport", "PromptflowException"]
