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
        # NULLs are distinct in a unique constraint, so the workspace's names need an index of their own.
        Index("uq_connections_user_id_name", "user_id", "name", unique=True),
        Index(
            "uq_connections_workspace_name",
            "name",
            unique=True,
            sqlite_where=text("user_id IS NULL"),
            postgresql_where=text("user_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    type: Mapped[str] = mapped_column(String(64))
    fields: Mapped[str] = mapped_column(Text)
    secrets: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    modified_at: Mapped[datetime] = mapped_column(UtcDateTime)
