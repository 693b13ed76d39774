"""Signing in and staying signed in: passwords, browser sessions and personal tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import WrongCredentialsError, WrongPasswordError
from pfstudio.accounts.limits import SignInLimits
from pfstudio.accounts.passwords import Passwords
from pfstudio.accounts.tokens import ACCESS_TOKEN_PREFIX, hash_token, new_token
from pfstudio.db.models import AccessTokenRow, BrowserSessionRow, UserRow
from pfstudio.kit.clock import utc_now

SESSION_LIFETIME = timedelta(days=14)
SESSION_RENEWAL = timedelta(days=1)
TOKEN_LIFETIME = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a cookie or a token stands for. `renew` is set when the session has become old enough to be prolonged."""

    actor: Actor
    renew: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """A new secret. It is shown once; only its hash is stored."""

    token: str
    expires_at: datetime


def check_credentials(
    session: Session, *, username: str, password: str, address: str, passwords: Passwords, limits: SignInLimits
) -> UserRow:
    """The user whose name and password these are.

    Raises:
        WrongCredentialsError: no such user, no password or another one; all look the same and take the same time.
        TooManySignInsError: too many tries of this name or from this address.
    """
    username = username.strip().lower()
    limits.begin(username, address)
    user = repository.find_user(session, username)
    if not passwords.fits(user.password_hash if user else None, password) or user is None:
        raise WrongCredentialsError
    limits.succeeded(username, address)
    return user


def check_own_password(
    session: Session, *, actor: Actor, password: str | None, address: str, passwords: Passwords, limits: SignInLimits
) -> None:
    """See that a signed-in user knows their password; one who has none yet needs none.

    Raises:
        WrongPasswordError: it is another one.
        TooManySignInsError: too many tries of this name or from this address.
    """
    if repository.get_user(session, actor.username).password_hash is None:
        return
    try:
        check_credentials(
            session,
            username=actor.username,
            password=password or "",
            address=address,
            passwords=passwords,
            limits=limits,
        )
    except WrongCredentialsError as error:
        raise WrongPasswordError from error


def change_password(session: Session, username: str, *, password_hash: str, kept_token: str) -> None:
    """Give a user another password. All their sessions, tokens and links end but that of `kept_token`."""
    user = repository.get_user(session, username)
    user.password_hash = password_hash
    repository.delete_sign_ins_of(session, user, but=hash_token(kept_token))


def open_session(session: Session, username: str) -> Issued:
    """A new browser session of this user."""
    now = utc_now()
    user = repository.get_user(session, username)
    repository.delete_expired(session, now)
    user.last_sign_in_at = now
    token, hashed = new_token()
    expires_at = now + SESSION_LIFETIME
    session.add(BrowserSessionRow(token_hash=hashed, user_id=user.id, created_at=now, expires_at=expires_at))
    return Issued(token, expires_at)


def issue_token(session: Session, username: str) -> Issued:
    """A new personal token of this user, for scripts."""
    now = utc_now()
    user = repository.get_user(session, username)
    repository.delete_expired(session, now)
    user.last_sign_in_at = now
    token, hashed = new_token(ACCESS_TOKEN_PREFIX)
    expires_at = now + TOKEN_LIFETIME
    session.add(AccessTokenRow(token_hash=hashed, user_id=user.id, created_at=now, expires_at=expires_at))
    return Issued(token, expires_at)


def identify_cookie(session: Session, token: str) -> Identity | None:
    """Whom a session cookie stands for; None when it is unknown, ended or expired."""
    hashed = hash_token(token)
    row = repository.find_session(session, hashed) if hashed else None
    now = utc_now()
    if row is None or row.expires_at <= now:
        return None
    return Identity(actor_of(row.user), renew=row.expires_at - now < SESSION_LIFETIME - SESSION_RENEWAL)


def identify_token(session: Session, token: str) -> Identity | None:
    """Whom a personal token stands for; None when it is unknown, taken back or expired."""
    hashed = hash_token(token)
    row = repository.find_access_token(session, hashed) if hashed else None
    if row is None or row.expires_at <= utc_now():
        return None
    return Identity(actor_of(row.user))


def renew_session(session: Session, token: str) -> None:
    """Let a session that is in use last its full time again."""
    hashed = hash_token(token)
    row = repository.find_session(session, hashed) if hashed else None
    if row is not None:
        row.expires_at = utc_now() + SESSION_LIFETIME


def end_session(session: Session, token: str) -> None:
    """End a browser session; harmless when it has ended already."""
    hashed = hash_token(token)
    row = repository.find_session(session, hashed) if hashed else None
    if row is not None:
        session.delete(row)


def actor_of(user: UserRow) -> Actor:
    """The user as whoever asks."""
    return Actor(user.username, Role(user.role))
