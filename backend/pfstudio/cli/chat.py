"""`pf flow test --interactive`: a chat with a flow on a terminal."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pfstudio.cli import output

if TYPE_CHECKING:
    from pfstudio.sdk.conversation import Conversation, Turn

GREEN = "\x1b[32m"
CYAN = "\x1b[36m"


def run(conversation: Conversation, *, with_node_outputs: bool) -> None:
    """Talk until the input ends or Ctrl-C.

    Raises:
        NoChatFlowError: the flow is none to chat with.
        UserErrorException: a turn failed.
    """
    ports = conversation.chat_ports()
    _welcome(conversation.name)
    if sys.stdin.isatty():
        with suppress(ImportError):  # Windows' own console does without.
            import readline  # noqa: F401 - `input` then knows arrow keys and earlier messages.
    history: list[dict[str, Any]] = []
    try:
        while True:
            message = input(output.painted("User: ", GREEN, sys.stdout))
            if not message.strip():
                continue
            given = {ports.message: message, ports.history: list(history)}
            speaker = _Speaker()
            turn = conversation.take_turn(given, speaker.listener(), answer=ports.answer)
            if turn.failure is not None:
                if turn.outcome.error is not None and turn.outcome.error.traceback:
                    output.say(turn.outcome.error.traceback.rstrip())
                raise turn.failure
            if with_node_outputs:
                _show_nodes(turn)
            speaker.finish(turn.outputs.get(ports.answer))
            history.append({"inputs": {ports.message: message}, "outputs": dict(turn.outputs)})
    except (KeyboardInterrupt, EOFError):
        output.write("Terminate the chat.")


class _Speaker:
    """Writes what nodes print and then the answer, as far as possible while it is made."""

    def __init__(self) -> None:
        self._out = sys.stdout  # Taken now: inside a node `sys.stdout` is the node's own.
        self._speaking = False
        self._waiting: list[tuple[str, str]] = []

    def listener(self) -> Any:
        from pfstudio.sdk.conversation import TurnListener

        return TurnListener(self.printed, self.piece)

    def printed(self, node: str, text: str) -> None:
        if self._speaking:
            self._waiting.append((node, text))  # Behind the answer, which is not torn apart.
        else:
            self._show_print(node, text)

    def piece(self, text: str) -> None:
        self._begin()
        self._out.write(text)
        self._out.flush()

    def finish(self, answer: Any) -> None:
        if not self._speaking:
            self._begin()
            self._out.write(answer if isinstance(answer, str) else _as_text(answer))
        self._out.write("\n")
        for node, text in self._waiting:
            self._show_print(node, text)
        self._out.flush()

    def _begin(self) -> None:
        if not self._speaking:
            self._speaking = True
            self._out.write(output.painted("Bot: ", output.YELLOW, self._out))

    def _show_print(self, node: str, text: str) -> None:
        for line in text.splitlines():
            self._out.write(f"{output.painted(f'[{node}]:', CYAN, self._out)} {line}\n")
        self._out.flush()


def _welcome(name: str) -> None:
    lines = [f"Welcome to chat flow, {name}.", "Press Enter to send your message.", "You can quit with ctrl+C."]
    border = "=" * len(lines[0])
    for line in (border, *lines, border):
        output.write(line)


def _show_nodes(turn: Turn) -> None:
    for name, run in turn.outcome.node_runs.items():
        value = run.output
        if not hasattr(value, "text"):  # A stream is shown as the answer.
            output.write(f"{output.painted(f'{name}:', CYAN, sys.stdout)} {value}")


def _as_text(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, default=str)
