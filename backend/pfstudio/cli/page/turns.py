"""What the page is told: the flow's ports, and the events of a run, one JSON document a line."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any, Protocol

from pfstudio.engine.media import InlineMedia, outward
from pfstudio.engine.serialize import json_safe
from pfstudio.errors import PromptflowException
from pfstudio.flow.spec import InputDefinition
from pfstudio.sandbox.records import so_far
from pfstudio.sdk.conversation import ChatPorts, Conversation, NoChatFlowError, Turn, TurnListener


class Writer(Protocol):
    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...


def describe(conversation: Conversation) -> dict[str, Any]:
    """The flow as the page shows it.

    Raises:
        PromptflowException: it cannot be read.
    """
    flow = conversation.flow
    ports = _ports(conversation)
    return {
        "name": conversation.name,
        "title": flow.display_name or conversation.name,
        "description": flow.description,
        "chat": None if ports is None else {"message": ports.message, "history": ports.history, "answer": ports.answer},
        "messageFormat": flow.message_format,
        "inputs": [_input(item, conversation) for item in flow.inputs.values()],
        "outputs": list(flow.outputs),
    }


def run_turn(conversation: Conversation, inputs: Mapping[str, Any], out: Writer) -> None:
    """Run the flow and write what happens; the last event is `finished`. A reader that went away is no error."""
    stream = _Stream(out)
    started = monotonic()
    ports = _ports(conversation)
    listener = TurnListener(
        printed=lambda node, text: stream.send({"event": "printed", "node": node, "text": text}),
        piece=lambda text: stream.send({"event": "piece", "text": text}),
    )
    finished: dict[str, Any] = {"event": "finished", "outputs": {}, "failure": None, "tokens": 0}
    try:
        turn = conversation.take_turn(inputs, listener, answer=ports.answer if ports else None)
    except PromptflowException as error:
        finished["failure"] = _failure(error, None)
    except Exception as error:
        finished["failure"] = {"message": f"({type(error).__name__}) {error}", "place": "", "traceback": None}
    else:
        finished |= _finished(turn)
    stream.send({**finished, "seconds": monotonic() - started})


def _finished(turn: Turn) -> dict[str, Any]:
    error = turn.outcome.error
    media = InlineMedia(turn.outcome.flow.message_format)
    return {
        "outputs": json_safe(
            outward({name: so_far(value) for name, value in turn.outputs.items()}, media), finite=True
        ),
        "failure": None if turn.failure is None else _failure(turn.failure, error.traceback if error else None),
        "tokens": turn.outcome.system_metrics.get("total_tokens", 0),
        "metrics": json_safe(turn.outcome.metrics, finite=True),
    }


def _failure(error: PromptflowException, traceback: str | None) -> dict[str, Any]:
    place = f"{error.file}:{error.line}" if error.file and error.line else ""
    return {"message": error.message, "place": place, "traceback": traceback}


def _ports(conversation: Conversation) -> ChatPorts | None:
    try:
        return conversation.chat_ports()
    except NoChatFlowError:
        return None


def _input(item: InputDefinition, conversation: Conversation) -> dict[str, Any]:
    given = conversation.test.inputs.get(item.name)
    value = given if given is not None else item.default
    text = value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False, default=str)
    return {
        "name": item.name,
        "type": item.type,
        "description": item.description,
        "choices": [str(choice) for choice in item.enum],
        "value": text,
        "required": not item.has_default and given is None,
    }


class _Stream:
    """Writes events from any thread, and stops silently when nobody reads."""

    def __init__(self, out: Writer) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._gone = False

    def send(self, event: Mapping[str, Any]) -> None:
        line = json.dumps(event, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"
        with self._lock:
            if self._gone:
                return
            try:
                self._out.write(line)
                self._out.flush()
            except OSError:
                self._gone = True
