"""The body of the status page."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pfstudio.server.schemas.auth import IsolationRead
from pfstudio.server.schemas.base import Schema
from pfstudio.server.schemas.space import StorageRead


class HistoryState(Schema):
    """How recording goes."""

    state: Literal["ok", "failing"]
    note: str | None = Field(description="Why changes are not recorded at the moment; the studio tries again.")
    waiting: int = Field(description="How many changes are not recorded yet.")


class StatusRead(Schema):
    """What the studio runs on and what protects it. The share's place on disk is shown to admins only."""

    version: str
    python: str
    database: str
    isolation: IsolationRead
    isolation_kind: str
    memory_limit: str
    network: str
    storage: StorageRead
    history: HistoryState
    share: str | None
