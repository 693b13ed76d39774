"""The time, in one place so that tests can set it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time, always with the UTC zone."""
    return datetime.now(UTC)
