"""The versions of the snapshot store, for reading quickly; made again from the store's refs at any time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pfstudio.db.base import Base, UtcDateTime


class HistoryVersionRow(Base):
    """One version of one unit; `number` grows with time. `is_last` where no later version is of the same entry."""

    __tablename__ = "history_versions"
    __table_args__ = (Index(None, "unit_key", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(16), unique=True)
    unit_key: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(Text)
    commit_oid: Mapped[str] = mapped_column(String(64))
    tree_oid: Mapped[str] = mapped_column(String(64))
    state_oid: Mapped[str] = mapped_column(String(64))
    entry: Mapped[str] = mapped_column(String(16))
    is_last: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(16))
    author: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paths: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
