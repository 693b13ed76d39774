"""What git signs in with elsewhere, and which servers its users trust. Secrets are encrypted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pfstudio.db.base import Base, UtcDateTime


class GitCredentialRow(Base):
    """A token for one origin, or a user's SSH key, which has no origin: its public part is what servers are given."""

    __tablename__ = "git_credentials"
    __table_args__ = (UniqueConstraint("user_id", "kind", "origin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(300))
    username: Mapped[str] = mapped_column(String(255))
    public_key: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GitHostKeyRow(Base):
    """The key by which a user knows an SSH server."""

    __tablename__ = "git_host_keys"
    __table_args__ = (UniqueConstraint("user_id", "host"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    host: Mapped[str] = mapped_column(String(300))
    key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
