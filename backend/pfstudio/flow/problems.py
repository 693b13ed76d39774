"""One thing that a check found, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pfstudio.flow.spec import Flow

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (`error`: the flow does not run) or suspicious (`warning`). Places count from 1."""

    file: str
    line: int
    column: int
    severity: Severity
    code: str
    message: str


def error_at(flow: Flow, line: int, code: str, message: str) -> Problem:
    """A fault at a line of the flow file."""
    return Problem(flow.file, line or 1, 1, "error", code, message)


def warning_at(flow: Flow, line: int, code: str, message: str) -> Problem:
    """Something suspicious at a line of the flow file."""
    return Problem(flow.file, line or 1, 1, "warning", code, message)
