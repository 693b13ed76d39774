"""A flow that is run again and again from one place: the turns of a chat, or a form sent several times.

Each turn loads the flow anew, so that what was edited in between counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pfstudio.engine.failures import user_place
from pfstudio.engine.ports import ConnectionSource, RunObserver
from pfstudio.engine.results import LineResult, NodeRun
from pfstudio.errors import PromptflowException, UserErrorException
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.kinds import flow_kind
from pfstudio.flow.loader import find_flow_file, load_flow
from pfstudio.flow.spec import Flow, Reference
from pfstudio.kit.ids import new_id
from pfstudio.sandbox.flow_test import TestOutcome, run_flow_test
from pfstudio.sandbox.scrubbing import Scrubber
from pfstudio.sdk.model_calls import installed
from pfstudio.sdk.run_log import RunLog
from pfstudio.sdk.test_records import TestRecords
from pfstudio.sdk.trace_export import exported
from pfstudio.sdk.transport import FlowTest


class NoChatFlowError(UserErrorException):
    original_name = "UserErrorException"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Only support chat flow in interactive mode, {reason}.")


@dataclass(frozen=True, slots=True)
class ChatPorts:
    """Which input is the message, which the history, and which output the answer."""

    message: str
    history: str
    answer: str


@dataclass(frozen=True, slots=True)
class TurnListener:
    """Told while a turn runs, from any thread: what nodes print, and the answer piece by piece."""

    printed: Callable[[str, str], None]
    piece: Callable[[str], None]


@dataclass
class Turn:
    """What came of one turn. `failure` is the error as `pf flow test` words it."""

    outcome: TestOutcome
    outputs: Mapping[str, Any]
    failure: UserErrorException | None = None


@dataclass
class Conversation:
    """Runs the flow of `test` with the inputs of each turn over its own.

    Records go to `folder`, None for nowhere; the images of outputs to `image_folder`.
    """

    test: FlowTest
    connections: ConnectionSource
    folder: Path | None
    image_folder: Path
    failure_of: Callable[[TestOutcome], UserErrorException | None]
    _flow: Flow | None = field(default=None, init=False)

    @property
    def flow(self) -> Flow:
        """The flow as it is now.

        Raises:
            PromptflowException: it cannot be read.
        """
        if not isinstance(self.test.flow, Path) or not _is_dag(self.test.flow):
            if self._flow is None:
                self._flow = self._loaded_entry()
            return self._flow
        return load_flow(self.test.flow, variant=self.test.variant)

    @property
    def name(self) -> str:
        if not isinstance(self.test.flow, Path):
            return str(self.test.flow) if isinstance(self.test.flow, str) else self.flow.name
        file = find_flow_file(self.test.flow).resolve()
        return file.stem if file.suffix == ".prompty" else file.parent.name

    def chat_ports(self) -> ChatPorts:
        """The ports of the chat.

        Raises:
            NoChatFlowError: the flow is none to chat with, with the reason.
        """
        flow = self.flow
        messages = [name for name, item in flow.inputs.items() if item.is_chat_input]
        answers = [name for name, item in flow.outputs.items() if item.is_chat_output]
        if len(messages) != 1:
            what = "has no chat input" if not messages else "does not support multiple chat inputs"
            raise NoChatFlowError(f"chat flow {what}" if messages else f"the flow {what}")
        if len(answers) != 1:
            what = "has no chat output" if not answers else "does not support multiple chat outputs"
            raise NoChatFlowError(f"chat flow {what}" if answers else f"the flow {what}")
        history = flow.chat_history_input
        if history is None:
            raise NoChatFlowError("chat_history is required in the inputs of chat flow")
        return ChatPorts(messages[0], history, answers[0])

    def take_turn(
        self,
        inputs: Mapping[str, Any],
        listener: TurnListener,
        *,
        answer: str | None = None,
        streamed: Callable[[LineResult], None] | None = None,
    ) -> Turn:
        """Run the flow once. A flow that fails is a turn with a failure.

        `answer` is the output whose pieces are told; without it none are. `streamed` is that of `run_flow_test`.

        Raises:
            PromptflowException: the flow cannot be loaded, or the inputs do not do.
        """
        scrubber = Scrubber(self.connections)
        records = TestRecords(self.folder, prefix="chat", node=None)
        run_id = new_id()
        with RunLog(
            records.open_log(), run_id, to_stderr=False, level=self.test.log_level, scrub=scrubber.scrub
        ) as log:
            observer = _TurnObserver(log, listener, self._streaming_node(answer))
            outcome = self._outcome({**self.test.inputs, **inputs}, scrubber, observer, streamed)
            if outcome.error is not None:
                log.failed(outcome)
            outcome = records.with_image_files(outcome, self.image_folder)
            records.write(outcome, run_id)
        outputs = dict(outcome.line.outputs) if outcome.line is not None else {}
        return Turn(outcome, outputs, self.failure_of(outcome))

    def _outcome(
        self,
        inputs: Mapping[str, Any],
        connections: ConnectionSource,
        observer: RunObserver,
        streamed: Callable[[LineResult], None] | None,
    ) -> TestOutcome:
        try:
            with installed(self.test.model_calls):
                outcome = run_flow_test(
                    self.test.flow,
                    inputs=inputs,
                    connections=connections,
                    variant=self.test.variant,
                    environment_variables=self.test.environment_variables,
                    init=self.test.init,
                    observer=observer,
                    streaming=True,
                    streamed=streamed,
                )
                return exported(outcome)
        except PromptflowException:
            raise
        except Exception as error:  # A generator of the user's that raises while its pieces are read.
            folder = self.test.flow if isinstance(self.test.flow, Path) else Path.cwd()
            file, line = user_place(error, folder if folder.is_dir() else folder.parent)
            raise UserErrorException(f"{type(error).__name__}: {error}", file=file, line=line) from error

    def _streaming_node(self, answer: str | None) -> Callable[[str], bool]:
        """Whether pieces of a node are pieces of the answer. What is not a DAG has one stream only."""
        if answer is None:
            return lambda _: False
        output = self.flow.outputs.get(answer)
        binding = output.binding if output is not None else None
        node = binding.node if isinstance(binding, Reference) else None
        return (lambda _: True) if node is None else (lambda name: name == node)

    def _loaded_entry(self) -> Flow:
        """A flex flow's inputs may be known only from its code, which is loaded for it."""
        if isinstance(self.test.flow, Path):
            from pfstudio.engine.loading import load_executor

            with load_executor(self.test.flow, connections=self.connections, init=self.test.init) as executor:
                return executor.flow
        from pfstudio.engine.flex import load_entry

        with load_entry(self.test.flow, connections=self.connections, init=self.test.init) as executor:
            return executor.flow


class _TurnObserver:
    """A `RunObserver` that writes the log and tells the listener."""

    def __init__(self, log: RunLog, listener: TurnListener, is_answer: Callable[[str], bool]) -> None:
        self._log = log
        self._listener = listener
        self._is_answer = is_answer

    def node_started(self, node: str, index: int | None) -> None:
        self._log.node_started(node, index)

    def node_finished(self, run: NodeRun) -> None:
        self._log.node_finished(run)

    def log(self, level: str, message: str, node: str | None = None) -> None:
        self._log.log(level, message, node)
        if level in ("stdout", "stderr"):
            self._listener.printed(node or "", message)

    def output_chunk(self, node: str, text: str) -> None:
        if self._is_answer(node):
            self._listener.piece(text)


def _is_dag(path: Path) -> bool:
    file = find_flow_file(path).absolute()
    return flow_kind(FolderFiles(file.parent), file.name) == "dag"
