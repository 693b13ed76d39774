"""Bodies of the audit log."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from pfstudio.server.schemas.base import Schema


class AuditEntryRead(Schema):
    """What somebody did. `subject` is what was acted upon, `actor` is empty where nobody was signed in."""

    id: int
    at: datetime
    actor: str | None
    act: str
    subject: str
    details: dict[str, JsonValue]
    chain: str


class AuditPage(Schema):
    """The newest entries first. `next` goes into `before` for the page that follows; null where there is none."""

    entries: list[AuditEntryRead]
    next: int | None


class AuditChoices(Schema):
    """What the log can be narrowed by: the acts there are, and the people who have entries."""

    acts: list[str]
    actors: list[str]


class AuditCheck(Schema):
    """`broken_at` is the first entry that is not as it was written, or that follows a missing one."""

    broken_at: int | None
