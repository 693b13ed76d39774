"""Reads and adds to the table of the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from pfstudio.db.models import AuditEntryRow

if TYPE_CHECKING:
    from pfstudio.audit.service import Filters

_LOCK = 7331013  # Beside those of the migrations and of the accounts.
_ROWS_AT_ONCE = 500


def lock(session: Session) -> None:
    """Let nobody else add entries until this write session ends; on SQLite it is the only one anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def last_entry(session: Session) -> AuditEntryRow | None:
    return session.scalar(select(AuditEntryRow).order_by(AuditEntryRow.id.desc()).limit(1))


def has_entry_since(session: Session, since: datetime, *, actor: str, act: str, subject: str, details: str) -> bool:
    query = select(AuditEntryRow.id).where(
        AuditEntryRow.actor == actor,
        AuditEntryRow.act == act,
        AuditEntryRow.at > since,
        AuditEntryRow.subject == subject,
        AuditEntryRow.details == details,
    )
    return session.scalar(query.limit(1)) is not None


def list_entries(session: Session, filters: Filters, *, before: int | None, limit: int) -> list[AuditEntryRow]:
    query = _filtered(filters).order_by(AuditEntryRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntryRow.id < before)
    return list(session.scalars(query))


def iterate_entries(session: Session, filters: Filters) -> Iterator[AuditEntryRow]:
    """The entries from the first on, some hundred at a time."""
    after = 0
    while True:
        query = _filtered(filters).where(AuditEntryRow.id > after).order_by(AuditEntryRow.id).limit(_ROWS_AT_ONCE)
        rows = list(session.scalars(query))
        yield from rows
        if len(rows) < _ROWS_AT_ONCE:
            return
        after = rows[-1].id
        session.expunge_all()


def list_actors(session: Session) -> list[str]:
    query = select(AuditEntryRow.actor).where(AuditEntryRow.actor.is_not(None)).distinct()
    return sorted(name for name in session.scalars(query) if name is not None)


def _filtered(filters: Filters) -> Select[AuditEntryRow]:
    query = select(AuditEntryRow)
    if filters.actor is not None:
        query = query.where(AuditEntryRow.actor == filters.actor)
    if filters.act is not None:
        # The dot keeps `user` from taking `user_group.…` in as well.
        exact = AuditEntryRow.act == filters.act
        query = query.where(
            exact if "." in filters.act else AuditEntryRow.act.startswith(f"{filters.act}.", autoescape=True)
        )
    if filters.text:
        query = query.where(AuditEntryRow.subject.contains(filters.text, autoescape=True))
    if filters.since is not None:
        query = query.where(AuditEntryRow.at >= filters.since)
    if filters.until is not None:
        query = query.where(AuditEntryRow.at < filters.until)
    return query
