"""Reads and writes the tables of accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Role
from pfstudio.accounts.errors import UserNotFoundError
from pfstudio.db.models import AccessTokenRow, BrowserSessionRow, SignInLinkRow, SignInTryRow, UserRow

_TRIES_LOCK = 7331011  # Beside that of the migrations.


def find_user(session: Session, username: str) -> UserRow | None:
    return session.scalar(select(UserRow).where(UserRow.username == username))


def get_user(session: Session, username: str) -> UserRow:
    """The user.

    Raises:
        UserNotFoundError: there is none of this name.
    """
    user = find_user(session, username)
    if user is None:
        raise UserNotFoundError(username)
    return user


def list_users(session: Session) -> list[UserRow]:
    return list(session.scalars(select(UserRow).order_by(UserRow.username)))


def first_user(session: Session) -> UserRow | None:
    """The user who was made first."""
    return session.scalar(select(UserRow).order_by(UserRow.id).limit(1))


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


def delete_sign_ins_of(session: Session, user: UserRow, *, but: str | None = None) -> None:
    """End the user's browser sessions and take back their tokens and links, but for the one of this hash."""
    for table in (BrowserSessionRow, AccessTokenRow, SignInLinkRow):
        session.execute(delete(table).where(table.user_id == user.id, table.token_hash != (but or "")))


def delete_expired(session: Session, now: datetime) -> None:
    for table in (BrowserSessionRow, AccessTokenRow, SignInLinkRow):
        session.execute(delete(table).where(table.expires_at <= now))


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
