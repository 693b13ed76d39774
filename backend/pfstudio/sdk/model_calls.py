"""Where the model calls of a test are answered from, and where they are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pfstudio.sandbox.batch import ModelCalls as BatchCalls


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

    with recordings.installed(
        reuse=answers_folder() if calls.reuse else None, record=calls.record, replay=calls.replay
    ):
        yield


def keeping(calls: BatchCalls) -> BatchCalls:
    """The same; what models answer is kept for later runs to reuse, unless `PF_REUSE_KEEP` forbids it."""
    is_off = os.environ.get("PF_REUSE_KEEP", "").strip().lower() in ("0", "false", "no", "off")
    return calls if is_off or calls.reuse or calls.replay else replace(calls, keep=answers_folder())


def answers_folder() -> Path:
    """Where answers of model calls are kept between runs."""
    from pfstudio.connections.local_store import pf_home

    return pf_home() / "model-calls"
