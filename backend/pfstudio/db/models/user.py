"""Who may sign in, and with what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pfstudio.db.base import Base, UtcDateTime
from pfstudio.kit.ids import new_id


class UserRow(Base):
    """A person. `password_hash` is empty until they set a password; until then they sign in by a link."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(39), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_disabled: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    @property
    def has_password(self) -> bool:
        return self.password_hash is not None

    @property
    def folder(self) -> str:
        """The share path of the user's flows."""
        return f"Users/{self.username}/promptflow"


class BrowserSessionRow(Base):
    """A signed-in browser. Only the hash of its cookie is kept; `id` is what it is called in lists."""

    __tablename__ = "browser_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(16), unique=True, index=True, default=new_id)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    browser: Mapped[str] = mapped_column(String(200), default="", server_default="")

    user: Mapped[UserRow] = relationship(lazy="joined", innerjoin=True)


class AccessTokenRow(Base):
    """A personal token of a script. Only its hash is kept; `id` is what it is called in lists."""

    __tablename__ = "access_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(16), unique=True, index=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100), default="", server_default="")
    scope: Mapped[str] = mapped_column(String(16), default="write", server_default="write")
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[UserRow] = relationship(lazy="joined", innerjoin=True)


class SignInTryRow(Base):
    """A try to sign in by a password, kept for the minutes in which it counts."""

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index(None, "name_hash", "address_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name_hash: Mapped[str] = mapped_column(String(64))
    address_hash: Mapped[str] = mapped_column(String(64), index=True)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SignInLinkRow(Base):
    """A link that signs one user in once. Only its hash is kept; using it deletes the row."""

    __tablename__ = "sign_in_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    user: Mapped[UserRow] = relationship(lazy="joined", innerjoin=True)


class InvitationRow(Base):
    """A link by which somebody makes their own account, once. Whoever invited having gone, it is gone as well."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(16), unique=True, index=True, default=new_id)
    role: Mapped[str] = mapped_column(String(16))
    username: Mapped[str | None] = mapped_column(String(39))
    invited_by: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    inviter: Mapped[UserRow] = relationship(lazy="joined", innerjoin=True)

    @property
    def inviter_name(self) -> str:
        return self.inviter.username
