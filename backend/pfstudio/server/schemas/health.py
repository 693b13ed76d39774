"""Bodies of the calls that need no sign-in."""

from __future__ import annotations

from typing import Literal

from pfstudio.server.schemas.base import Schema


class HealthRead(Schema):
    """The studio is ready."""

    status: Literal["ok"]


class VersionRead(Schema):
    """Which studio this is."""

    version: str
