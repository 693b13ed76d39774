"""What the trash looks like in the API."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from pfstudio.server.schemas.files import EntryKind


class TrashEntry(BaseModel):
    """Something deleted; it can be brought back until `expires`."""

    id: str
    path: str
    name: str
    kind: EntryKind
    deleted: datetime
    deleted_by: str
    expires: datetime


class TrashList(BaseModel):
    entries: list[TrashEntry]
