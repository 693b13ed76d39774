"""The audit log as it is stored. The database itself refuses to change or delete what is in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pfstudio.db.base import Base, UtcDateTime


class AuditEntryRow(Base):
    """What somebody did. `chain` is a hash over this entry and the chain of the one before.

    Users are kept by name and not by key: the log outlives them.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "actor", "id"), Index(None, "act", "id"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str | None] = mapped_column(String(39))
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    chain: Mapped[str] = mapped_column(String(64))
