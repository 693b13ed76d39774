"""What every worker of a batch is told before its first line, and what it may ask for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from pfstudio.connections.types import ConnectionNotFoundError
from pfstudio.engine.ports import ConnectionSource
from pfstudio.sandbox.batch import BatchRequest
from pfstudio.tracing import switch

_CALLS = ("reuse", "record", "replay", "keep")
_MODEL_WORDS = (b"llm", b"prompt", b"package", b"model", b".jinja2")


def setup_message(request: BatchRequest) -> dict[str, Any]:
    """The request without its lines, as JSON has it, and this process's surroundings."""
    return {
        "flow": str(request.flow),
        "run_id": request.run_id,
        "variant": request.variant,
        "init": dict(request.init),
        "node_overrides": {node: dict(values) for node, values in request.node_overrides.items()},
        "environment_variables": dict(request.environment_variables),
        "line_timeout": request.line_timeout,
        "output_folder": _text(request.output_folder),
        "model_calls": {name: _text(getattr(request.model_calls, name)) for name in _CALLS},
        "uses_models": _uses_models(request.flow),
        "exports_spans": bool(switch.address()),
        "path": list(sys.path),
        "environ": dict(os.environ),
        "cwd": str(Path.cwd()),
    }


def known_connection(connections: ConnectionSource, name: str) -> dict[str, Any]:
    """The answer to a worker that asks for a connection."""
    try:
        return {"fields": connections.get(name).to_fields(with_secrets=True)}
    except ConnectionNotFoundError:
        return {"missing": True}
    except Exception as error:  # A store that cannot be read; the line or the flow says so.
        return {"message": str(error)}


def _uses_models(flow: Path) -> bool:
    """Whether workers will surely or probably call models; a guess that only moves work from workers to one place."""
    try:
        content = flow.read_bytes()
    except OSError:
        return False
    if flow.suffix == ".prompty" or any(word in content for word in _MODEL_WORDS):
        return True
    return next(flow.parent.glob("*.prompty"), None) is not None  # A flex flow that calls one, most likely.


def asks_models_itself(flow: Path) -> bool:
    """Whether the flow has a node that asks a model; the built-in one answers without a wait."""
    try:
        content = flow.read_bytes()
    except OSError:
        return False
    return (flow.suffix == ".prompty" or b"type: llm" in content) and b"connection: demo" not in content


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
