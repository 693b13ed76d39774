"""A small flow that a zygote runs before it forks, so that its workers find everything loaded and warm.

What is imported late, compiled once or kept after its first use is then there for all of them. The flow is ours and
asks no model in the end; nothing leaves the process, nothing of the user's is read.
"""

from __future__ import annotations

import contextlib
from importlib import import_module
from pathlib import Path

from pfstudio.connections.types import Connection

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


class _Demo:
    def get(self, name: str) -> Connection:
        from pfstudio.connections.demo import demo_connection

        return demo_connection()


def rehearse_models() -> None:
    """Prompts, and what a call to a model would load before it connects."""
    rehearse("model.yaml")
    with contextlib.suppress(Exception):
        import httpx2

        for name in (*_FOR_CALLS, *_FOR_KEPT_CALLS):
            import_module(name)
        httpx2.Client(transport=httpx2.HTTPTransport(verify=False)).close()


def read_certificates() -> None:
    """What calls over TLS check servers with."""
    with contextlib.suppress(Exception):
        from pfstudio.models.certificates import tls_context

        tls_context()


def rehearse(file: str) -> None:
    """Run `plain.yaml` or `model.yaml`. A rehearsal that fails is missed by no one but the clock."""
    from pfstudio.engine.loading import load_executor
    from pfstudio.sandbox.batch_records import RecordMaker

    with contextlib.suppress(Exception):
        import_module("promptflow.core")  # The name users' tools import.
    with contextlib.suppress(Exception), load_executor(_FOLDER / file, connections=_Demo(), concurrency=2) as executor:
        records = RecordMaker(executor.flow, "rehearsal", has_aggregation=True, scrub=str, output_folder=None)
        for number in range(2):
            records.line(executor.run_line({"text": "hello"}, index=number))
