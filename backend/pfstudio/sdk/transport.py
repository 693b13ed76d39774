"""Where a client's work is done: in this process (`local`), or by a studio."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pfstudio.sdk.model_calls import ModelCalls

if TYPE_CHECKING:
    from pfstudio.sdk.conversation import Conversation


@dataclass(frozen=True, slots=True)
class FlowTest:
    """What `test` was asked. `record_folder` is where records go, None for nowhere; `log_to_stderr` shows the log.

    With `streaming` the answer of a chat may be a generator.

    `flow` is a file or folder, the entry of a flex flow as text (`module:name`), or a function, class or object.
    """

    flow: Path | str | Callable[..., Any]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    init: Mapping[str, Any] | None = None
    node: str | None = None
    variant: str | None = None
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    keep_records: bool = False
    record_folder: Path | None = None
    log_to_stderr: bool = False
    streaming: bool = True
    log_level: str = "info"
    model_calls: ModelCalls | None = None


class Transport(Protocol):
    """What every place can do."""

    def test_flow(self, test: FlowTest) -> Any:
        """The flow's outputs by name, or the tested node's output.

        Raises:
            UserErrorException: the flow failed; the message begins with the type of what was raised.
            PromptflowException: the flow could not be started.
        """

    def conversation(self, test: FlowTest) -> Conversation:
        """The flow of `test`, to be run again and again."""
