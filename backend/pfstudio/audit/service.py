"""The audit log: who did what, when, and from where. It is added to and never changed, and never holds a secret.

Each entry carries a hash over itself and the hash of the entry before, so an entry that was changed or taken out behind
the database's back is found by `find_break`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor
from pfstudio.audit import repository
from pfstudio.audit.acts import Act
from pfstudio.db.models import AuditEntryRow
from pfstudio.kit.clock import utc_now

LONGEST_SUBJECT = 1000
USE_IS_TOLD_EVERY = timedelta(hours=1)
_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log. `subject` is what was acted upon: a user, a connection, a share path."""

    id: int
    at: datetime
    actor: str | None
    act: str
    subject: str
    details: Mapping[str, Any]
    chain: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are asked for. `act` is an act or a kind of acts; `text` is looked for in the subject."""

    actor: str | None = None
    act: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def record(
    session: Session, actor: Actor | str | None, act: Act, subject: str = "", details: Mapping[str, Any] | None = None
) -> None:
    """Add an entry to the log; it is there when the session commits.

    Call it last: on PostgreSQL the log is held for this session from here to its end. `actor` is nobody where nobody is
    signed in. Never give a secret, nor what an unknown person typed as a name.
    """
    session.flush()
    repository.lock(session)
    last = repository.last_entry(session)
    row = AuditEntryRow(
        id=last.id + 1 if last else 1,
        at=utc_now(),
        actor=actor.username if isinstance(actor, Actor) else actor,
        act=act.value,
        subject=subject.replace("\0", "")[:LONGEST_SUBJECT],
        details=_as_json(details or {}),
    )
    row.chain = _chained(row, last.chain if last else _FIRST)
    session.add(row)
    session.flush()


def is_told(session: Session, actor: Actor, act: Act, subject: str, details: Mapping[str, Any]) -> bool:
    """Whether the very same entry was made within the hour. A use of a secret is told once an hour, not at each run."""
    return repository.has_entry_since(
        session,
        utc_now() - USE_IS_TOLD_EVERY,
        actor=actor.username,
        act=act.value,
        subject=subject,
        details=_as_json(details),
    )


def list_entries(
    session: Session, filters: Filters, *, actor: Actor, before: int | None = None, limit: int = 100
) -> list[Entry]:
    """The newest entries first; `before` is the id of the last entry of the page before.

    Raises:
        AdminRequiredError: only admins read the log.
    """
    actor.require_admin()
    return [_read(row) for row in repository.list_entries(session, filters, before=before, limit=limit)]


def list_actors(session: Session, *, actor: Actor) -> list[str]:
    """Everybody who has an entry, by name.

    Raises:
        AdminRequiredError: only admins read the log.
    """
    actor.require_admin()
    return repository.list_actors(session)


def all_entries(session: Session, filters: Filters) -> Iterator[Entry]:
    """The oldest entries first, read as they are asked for. Who may have them is the caller's to see."""
    for row in repository.iterate_entries(session, filters):
        yield _read(row)


def to_json_line(entry: Entry) -> bytes:
    """The entry as one line of JSON."""
    record = {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "act": entry.act,
        "subject": entry.subject,
        "details": entry.details,
        "chain": entry.chain,
    }
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def find_break(session: Session, *, actor: Actor) -> int | None:
    """The id of the first entry that is not as it was written, or that follows a missing one; None when all are whole.

    Raises:
        AdminRequiredError: only admins read the log.
    """
    actor.require_admin()
    expected_id, chain = 1, _FIRST
    for row in repository.iterate_entries(session, Filters()):
        chain = _chained(row, chain)
        if row.id != expected_id or row.chain != chain:
            return row.id
        expected_id += 1
    return None


def _read(row: AuditEntryRow) -> Entry:
    return Entry(row.id, row.at, row.actor, row.act, row.subject, json.loads(row.details), row.chain)


def _chained(row: AuditEntryRow, before: str) -> str:
    written = [before, row.id, row.at.isoformat(timespec="microseconds"), row.actor, row.act, row.subject, row.details]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def _as_json(details: Mapping[str, Any]) -> str:
    """Escaped to ASCII, so that no text, however broken, is refused by a database."""
    return json.dumps(dict(details), sort_keys=True).replace("\\u0000", "")
