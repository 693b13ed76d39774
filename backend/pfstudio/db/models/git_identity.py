"""The name and address that stand in a user's commits."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pfstudio.db.base import Base


class GitIdentityRow(Base):
    """Of a user who said how; the others have the usual ones."""

    __tablename__ = "git_identities"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(250))
