"""Where the model calls of a test are answered from, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModelCalls:
    """`reuse` answers calls made before, `record` keeps all in a file, `replay` answers from one and makes none."""

    reuse: bool = False
    record: Path | None = None
    replay: Path | None = None


@contextmanager
def installed(calls: ModelCalls | None) -> Iterator[None]:
    """For the time of a test, every model call of this process goes the way that was asked for."""
    if calls is None:
        yield
        return
    from pfstudio.models import recordings

    with recordings.installed(reuse=_store() if calls.reuse else None, record=calls.record, replay=calls.replay):
        yield


def _store() -> Path:
    from pfstudio.connections.local_store import pf_home

    return pf_home() / "model-calls"
