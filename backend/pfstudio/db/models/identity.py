"""Accounts at OpenID Connect providers, and whose they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pfstudio.db.base import Base, UtcDateTime
from pfstudio.db.models.user import UserRow


class IdentityRow(Base):
    """What a provider calls a user. Issuer and subject together are one person, for good."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[UserRow] = relationship(lazy="joined", innerjoin=True)
