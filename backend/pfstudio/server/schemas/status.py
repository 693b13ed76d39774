"""The body of the status page."""

from __future__ import annotations

from pfstudio.server.schemas.auth import IsolationRead
from pfstudio.server.schemas.base import Schema
from pfstudio.server.schemas.space import StorageRead


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
    share: str | None
