"""The test of a chat flow whose answer comes piece by piece: the caller gets it while it is being made."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from typing import Any

from pfstudio.engine.results import LineResult
from pfstudio.engine.streams import StreamedOutput
from pfstudio.sdk.conversation import Conversation, NoChatFlowError, Turn, TurnListener


def streamed_outputs(conversation: Conversation) -> dict[str, Any] | None:
    """The outputs of a chat flow, where a streamed answer is a generator of its pieces as in promptflow.

    None where the flow is none to chat with.

    Raises:
        UserErrorException: the flow failed.
    """
    try:
        answer = conversation.chat_ports().answer
    except NoChatFlowError:
        return None
    return _Streaming(conversation, answer).outputs()


class _Streaming:
    """One turn on a thread of its own, which goes on reading the streams after the outputs are handed out.

    So the flow's environment stays in place until the last piece, whether or not the caller reads that far.
    """

    def __init__(self, conversation: Conversation, answer: str) -> None:
        self._conversation = conversation
        self._answer = answer
        self._begun = threading.Event()
        self._line: LineResult | None = None
        self._ended: list[Turn] = []
        self._error: BaseException | None = None
        self._pieces: list[str] = []

    def outputs(self) -> dict[str, Any]:
        context = copy_context()
        threading.Thread(target=context.run, args=(self._run,), name="pfstudio-test", daemon=True).start()
        self._begun.wait()
        if self._line is not None:
            return {name: _shown(value) for name, value in self._line.outputs.items()}
        if self._error is not None:
            raise self._error
        return self._whole(*self._ended)

    def _run(self) -> None:
        listener = TurnListener(lambda *_: None, self._pieces.append)
        try:
            turn = self._conversation.take_turn({}, listener, answer=self._answer, streamed=self._streamed)
            self._ended.append(turn)
        except BaseException as error:
            self._error = error
        finally:
            self._begun.set()

    def _streamed(self, line: LineResult) -> None:
        if isinstance(line.outputs.get(self._answer), StreamedOutput):
            self._line = line
            self._begun.set()

    def _whole(self, turn: Turn) -> dict[str, Any]:
        """The outputs of a turn that is over, as that of a flex flow or a prompty."""
        if turn.failure is not None:
            raise turn.failure
        found = turn.outcome.output if isinstance(turn.outcome.output, Mapping) else turn.outputs
        outputs = dict(found)
        if self._pieces and isinstance(outputs.get(self._answer), str):
            outputs[self._answer] = (piece for piece in self._pieces)
        return outputs


def _shown(value: Any) -> Any:
    return _live(value) if isinstance(value, StreamedOutput) else value


def _live(stream: StreamedOutput) -> Iterator[Any]:
    yield from stream
    if stream.failure is not None:  # The other thread was the one to hear of it.
        raise stream.failure
