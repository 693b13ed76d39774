"""Reads and writes the tables of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Role
from pfstudio.accounts.errors import UserNotFoundError
from pfstudio.db.models import (
    AccessTokenRow,
    BrowserSessionRow,
    InvitationRow,
    SignInLinkRow,
    SignInTryRow,
    UserRow,
)

_TRIES_LOCK = 7331011  # Beside that of the migrations.
_USERS_LOCK = 7331012

SignInTable = type[BrowserSessionRow] | type[AccessTokenRow]
_Row = TypeVar("_Row", BrowserSessionRow, AccessTokenRow)


def find_user(session: Session, username: str, *, locked: bool = False) -> UserRow | None:
    """The user of this name; `locked` as it stands now, and until this write session ends."""
    if "\0" in username:
        return None  # PostgreSQL refuses such a text instead of finding nothing.
    query = select(UserRow).where(UserRow.username == username)
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def get_user(session: Session, username: str, *, locked: bool = False) -> UserRow:
    """The user.

    Raises:
        UserNotFoundError: there is none of this name.
    """
    user = find_user(session, username, locked=locked)
    if user is None:
        raise UserNotFoundError(username)
    return user


def list_users(session: Session) -> list[UserRow]:
    return list(session.scalars(select(UserRow).order_by(UserRow.username)))


def first_user(session: Session) -> UserRow | None:
    """The user who was made first."""
    return session.scalar(select(UserRow).order_by(UserRow.id).limit(1))


def first_admin(session: Session) -> UserRow | None:
    """The admin who was made first of those who may sign in."""
    query = select(UserRow).where(UserRow.role == Role.ADMIN, UserRow.is_disabled.is_(False))
    return session.scalar(query.order_by(UserRow.id).limit(1))


def count_admins(session: Session) -> int:
    """How many admins may sign in."""
    query = select(func.count()).select_from(UserRow)
    return session.scalar(query.where(UserRow.role == Role.ADMIN, UserRow.is_disabled.is_(False))) or 0


def lock_users(session: Session) -> None:
    """Let nobody else change who is an admin until this write session ends; on SQLite it is the only one anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_USERS_LOCK)))


def delete_user(session: Session, user: UserRow) -> None:
    """Delete the user; the database lets everything that refers to them go along."""
    session.execute(delete(UserRow).where(UserRow.id == user.id), execution_options={"synchronize_session": False})
    session.expunge(user)


def count_users(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(UserRow)) or 0


def find_session(session: Session, token_hash: str) -> BrowserSessionRow | None:
    return session.get(BrowserSessionRow, token_hash)


def find_access_token(session: Session, token_hash: str) -> AccessTokenRow | None:
    return session.get(AccessTokenRow, token_hash)


def find_link(session: Session, token_hash: str) -> SignInLinkRow | None:
    return session.get(SignInLinkRow, token_hash)


def delete_link(session: Session, link: SignInLinkRow) -> bool:
    """Delete the link; False when another request has done so first."""
    deleted = session.execute(
        delete(SignInLinkRow).where(SignInLinkRow.token_hash == link.token_hash).returning(SignInLinkRow.token_hash),
        execution_options={"synchronize_session": False},
    )
    session.expunge(link)
    return deleted.first() is not None


def delete_links_of(session: Session, user: UserRow) -> None:
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.user_id == user.id))


def delete_sign_ins_of(session: Session, user: UserRow, *, but: str | None = None, tokens: bool = True) -> None:
    """End the user's browser sessions and take back their tokens and links, but for the one of this hash."""
    for table in (BrowserSessionRow, SignInLinkRow, *((AccessTokenRow,) if tokens else ())):
        session.execute(delete(table).where(table.user_id == user.id, table.token_hash != (but or "")))


def delete_expired(session: Session, now: datetime) -> None:
    for table in (BrowserSessionRow, AccessTokenRow, SignInLinkRow, InvitationRow):
        session.execute(delete(table).where(table.expires_at <= now))


def list_sign_ins(session: Session, table: type[_Row], user: UserRow, now: datetime) -> list[_Row]:
    """The user's sessions or tokens that have not expired, those used last first."""
    used = func.coalesce(table.last_used_at, table.created_at)
    query = select(table).where(table.user_id == user.id, table.expires_at > now).order_by(used.desc(), table.id)
    return list(session.scalars(query))


def delete_sign_in(session: Session, table: SignInTable, user: UserRow, name: str) -> bool:
    """Delete the user's session or token of this id; False when there is none."""
    query = delete(table).where(table.user_id == user.id, table.id == name).returning(table.id)
    return session.execute(query).first() is not None


def trim_sign_ins(session: Session, table: SignInTable, user: UserRow, *, keep: int) -> None:
    """Delete the user's oldest sessions or tokens beyond the newest `keep`."""
    newest = select(table.token_hash).where(table.user_id == user.id).order_by(table.created_at.desc()).limit(keep)
    session.execute(
        delete(table).where(table.user_id == user.id, table.token_hash.not_in(newest)),
        execution_options={"synchronize_session": False},
    )


def roles_of(session: Session, table: SignInTable, names: Sequence[str], now: datetime) -> list[tuple[str, str]]:
    """Id and its user's role, of those sessions or tokens that stand for somebody now."""
    if not names:
        return []
    query = select(table.id, UserRow.role).join(UserRow, UserRow.id == table.user_id)
    query = query.where(table.id.in_(names), table.expires_at > now, UserRow.is_disabled.is_(False))
    return [(name, role) for name, role in session.execute(query)]


def note_use(session: Session, table: SignInTable, name: str, now: datetime) -> None:
    session.execute(
        update(table).where(table.id == name).values(last_used_at=now), execution_options={"synchronize_session": False}
    )


def find_invitation(session: Session, token_hash: str) -> InvitationRow | None:
    return session.get(InvitationRow, token_hash)


def list_invitations(session: Session, now: datetime) -> list[InvitationRow]:
    query = select(InvitationRow).where(InvitationRow.expires_at > now)
    return list(session.scalars(query.order_by(InvitationRow.created_at.desc(), InvitationRow.id)))


def delete_invitation(session: Session, name: str) -> bool:
    """Delete the invitation of this id; False when there is none, or another request has done so first."""
    query = delete(InvitationRow).where(InvitationRow.id == name).returning(InvitationRow.id)
    return session.execute(query, execution_options={"synchronize_session": False}).first() is not None


def delete_invitations_by(session: Session, user: UserRow) -> None:
    session.execute(delete(InvitationRow).where(InvitationRow.invited_by == user.id))


def has_password_holder(session: Session) -> bool:
    """Whether an admin can sign in by a password."""
    query = select(UserRow.id).where(UserRow.password_hash.is_not(None), UserRow.role == Role.ADMIN).limit(1)
    return session.scalar(query) is not None


def lock_tries(session: Session) -> None:
    """Let nobody else count tries until this write session ends; on SQLite it is the only one anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_TRIES_LOCK)))


def tries_since(
    session: Session, since: datetime, name_hash: str | None, address_hash: str | None
) -> tuple[int, datetime | None]:
    """How many tries there were of this name and from this address (None: any), and the time of the first."""
    query = select(func.count(), func.min(SignInTryRow.tried_at)).where(SignInTryRow.tried_at > since)
    if name_hash is not None:
        query = query.where(SignInTryRow.name_hash == name_hash)
    if address_hash is not None:
        query = query.where(SignInTryRow.address_hash == address_hash)
    count, first = session.execute(query).one()
    return count, first


def delete_tries_until(session: Session, moment: datetime) -> None:
    session.execute(delete(SignInTryRow).where(SignInTryRow.tried_at <= moment))


def delete_tries_of(session: Session, name_hash: str, address_hash: str) -> None:
    mine = (SignInTryRow.name_hash == name_hash, SignInTryRow.address_hash == address_hash)
    session.execute(delete(SignInTryRow).where(*mine))
