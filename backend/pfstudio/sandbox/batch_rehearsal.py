"""A small flow that a zygote runs before it forks, so that its workers find everything loaded and warm.

What is imported late, compiled once or kept after its first use is then there for all of them. The flow is ours and
asks no model in the end; nothing leaves the process, nothing of the user's is read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pfstudio.connections.types import Connection, connection_from_fields

_FOR_CALLS = (
    "pfstudio.models.client",
    "pfstudio.tools.model_call",
    "httpcore2",
    "anyio.streams.tls",
    "anyio.to_thread",
    "encodings.idna",
    "platform",
)
_FOR_KEPT_CALLS = ("pfstudio.models.recordings", "pfstudio.models.reuse", "pfstudio.models.transports")
_FOLDER = Path(__file__).parent / "rehearsal"
_NOWHERE = "http://rehearsal.invalid/v1"
_SETUP = {"run_id": "rehearsal", "output_folder": None, "line_timeout": 600.0, "exports_spans": False}


class _NoServer:
    """The connection of the rehearsal's model."""

    def get(self, name: str) -> Connection:
        return connection_from_fields({"name": name, "type": "open_ai", "api_key": "none", "base_url": _NOWHERE})


def rehearse_models() -> None:
    """Prompts, and a call of a model whose network is made up."""
    with contextlib.suppress(Exception):
        for name in (*_FOR_CALLS, *_FOR_KEPT_CALLS):
            import_module(name)
        from pfstudio.models.client import client_of
        from pfstudio.models.endpoint import endpoint_of
        from pfstudio.sandbox.rehearsal.network import canned

        client = client_of(endpoint_of(_NoServer().get("rehearsal")))
        with canned(client):
            rehearse("model.yaml")


def read_certificates() -> None:
    """What calls over TLS check servers with."""
    with contextlib.suppress(Exception):
        from pfstudio.models.certificates import tls_context

        tls_context()


def rehearse(file: str) -> None:
    """Run `plain.yaml` or `model.yaml`. A rehearsal that fails is missed by no one but the clock."""
    from pfstudio.engine.loading import load_executor
    from pfstudio.sandbox.batch_lines import LineRunner

    with contextlib.suppress(Exception):
        import_module("promptflow.core")  # The name users' tools import.
    runner = LineRunner(_SETUP, _send_nothing)
    with contextlib.suppress(Exception):
        loaded = load_executor(_FOLDER / file, connections=_NoServer(), observer=runner, concurrency=2)
        with loaded as executor:
            runner.begin(executor, str)
            for number in range(2):
                runner.run(number, {"text": "hello"})


def _send_nothing(head: Mapping[str, Any], body: bytes = b"") -> None:
    """What a worker does to send a frame, but for the sending."""
    from pfstudio.sandbox.batch_frames import pieces

    pieces(head, body)
