"""Tries a connection by a real request, quickly."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from pfstudio.connections.types import Connection
from pfstudio.errors import PromptflowException
from pfstudio.models.client import ModelClient
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.errors import InvalidConnectionType

LONGEST_SECONDS = 10.0
MOST_MODELS = 200


@dataclass(frozen=True, slots=True)
class ConnectionTrial:
    """How a connection answered. `message` is a sentence to show, `models` what the server says it has."""

    ok: bool
    milliseconds: int
    message: str
    models: list[str]


def try_connection(connection: Connection) -> ConnectionTrial:
    """Ask the server of a connection for its models; answers within ten seconds, whatever the server does."""
    began = time.monotonic()
    answers: SimpleQueue[tuple[bool, str, list[str]]] = SimpleQueue()
    # A thread of its own: a server that sends a byte a second would otherwise hold one of the web process's.
    threading.Thread(target=lambda: answers.put(_ask(connection)), name="try-connection", daemon=True).start()
    try:
        ok, message, models = answers.get(timeout=LONGEST_SECONDS)
    except Empty:
        ok, message, models = False, f"The server has not answered within {LONGEST_SECONDS:.0f} seconds.", []
    return ConnectionTrial(ok, round((time.monotonic() - began) * 1000), message, models)


def _ask(connection: Connection) -> tuple[bool, str, list[str]]:
    try:
        client = ModelClient(endpoint_of(connection))
    except InvalidConnectionType:
        return True, "This type has no model server to ask, so its fields were only checked for being complete.", []
    try:
        models = sorted(client.model_names())[:MOST_MODELS]
    except PromptflowException as error:
        return False, str(error), []
    finally:
        client.close()
    return True, _answered(len(models)), models


def _answered(models: int) -> str:
    if models == 0:
        return "The server answers."
    return f"The server answers; it has {models} model{'' if models == 1 else 's'}."
