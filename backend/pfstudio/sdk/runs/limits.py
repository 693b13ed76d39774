"""Limits of a batch run that the environment sets."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from pfstudio.errors import InvalidError

_LINE_TIMEOUT: Final = 600.0


class LimitError(InvalidError):
    def __init__(self, variable: str, value: str) -> None:
        super().__init__(f"The environment variable {variable} must be a number above zero, not '{value}'.")


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How many workers, and how long lines and the whole run may take, in seconds."""

    workers: int | None
    line_timeout: float
    batch_timeout: float | None


def batch_limits() -> BatchLimits:
    """What `PF_WORKER_COUNT`, `PF_LINE_TIMEOUT_SEC` and `PF_BATCH_TIMEOUT_SEC` say.

    Raises:
        LimitError: one is no number above zero.
    """
    workers = _number("PF_WORKER_COUNT")
    return BatchLimits(
        workers=None if workers is None else max(1, int(workers)),
        line_timeout=_number("PF_LINE_TIMEOUT_SEC") or _LINE_TIMEOUT,
        batch_timeout=_number("PF_BATCH_TIMEOUT_SEC"),
    )


def _number(variable: str) -> float | None:
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise LimitError(variable, text) from None
    if not number > 0:
        raise LimitError(variable, text)
    return number
