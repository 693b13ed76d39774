"""What admins switch on and off while the studio runs."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from pfstudio.db.base import Base


class SwitchRow(Base):
    """One switch. What has no row is as the settings say."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    is_on: Mapped[bool]
