"""Connections as they are stored: what may be read is JSON, what is secret is encrypted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from pfstudio.db.base import Base, UtcDateTime


class ConnectionRow(Base):
    """A connection of one user, or of the whole workspace where `user_id` is empty."""

    __tablename__ = "connections"
    __table_args__ = (
        # NULLs are distinct in a unique index, so the workspace counts as user 0.
        Index("uq_connections_owner_name", text("coalesce(user_id, 0)"), "name", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(64))
    fields: Mapped[str] = mapped_column(Text)
    secrets: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    modified_at: Mapped[datetime] = mapped_column(UtcDateTime)
