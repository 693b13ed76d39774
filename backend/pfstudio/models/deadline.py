"""How long a model call may take in all, tries and waits included."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_DEFAULT_SECONDS: Final = 600.0
_deadline: ContextVar[float | None] = ContextVar("model_call_deadline", default=None)


@contextmanager
def call_deadline(at: float | None) -> Iterator[None]:
    """Model calls in this context end by the moment `at` (of `time.monotonic`), the end of the line's time."""
    token = _deadline.set(at)
    try:
        yield
    finally:
        _deadline.reset(token)


def current_deadline() -> float:
    """The moment by which a call that begins now must end."""
    given = _deadline.get()
    return given if given is not None else time.monotonic() + _default_seconds()


def _default_seconds() -> float:
    try:
        return float(os.environ.get("PF_LINE_TIMEOUT_SEC") or _DEFAULT_SECONDS)
    except ValueError:
        return _DEFAULT_SECONDS
