"""Which of their own connections people have lent to somebody else's flow, in the state that they saw."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pfstudio.db.base import Base, UtcDateTime


class ConsentRow(Base):
    """One connection of one user for one snapshot of a flow; a changed flow is another snapshot."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "user_id", "snapshot", "connection", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    snapshot: Mapped[str] = mapped_column(String(64))
    connection: Mapped[str] = mapped_column(String(255))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
