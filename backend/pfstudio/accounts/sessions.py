"""Signing in and staying signed in: passwords, browser sessions and personal tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import (
    AccountDisabledError,
    SessionNotFoundError,
    WrongCredentialsError,
    WrongPasswordError,
)
from pfstudio.accounts.limits import SignInLimits
from pfstudio.accounts.passwords import Passwords
from pfstudio.accounts.tokens import ACCESS_TOKEN_PREFIX, TokenScope, hash_token, new_token
from pfstudio.db.models import AccessTokenRow, BrowserSessionRow, UserRow
from pfstudio.kit.clock import utc_now

SESSION_LIFETIME = timedelta(days=14)
SESSION_RENEWAL = timedelta(days=1)
TOKEN_LIFETIME = timedelta(days=90)
USE_NOTED_EVERY = timedelta(minutes=1)
MOST_SESSIONS = 200
"""Sessions and tokens of one user; a script that signs in without end pushes its own oldest ones out."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a cookie or a token stands for.

    `id` names the session or token without its secret; exactly a token has a `scope`. `renew` is set when the session
    has become old enough to be prolonged, `note_use` when its last use was noted some time ago.
    """

    actor: Actor
    id: str = ""
    scope: TokenScope | None = None
    expires_at: datetime | None = None
    renew: bool = False
    note_use: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """A new secret. It is shown once; only its hash is stored."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """Whose name and password were right, and the stored password that they were held against."""

    actor: Actor
    password_hash: str | None


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


def open_session(
    session: Session, username: str, *, seen_hash: str | None = None, address: str = "", browser: str = ""
) -> Issued:
    """A new browser session of this user.

    `seen_hash` is the stored password that was checked before: where another has been set meanwhile, nobody gets in.

    Raises:
        WrongCredentialsError: the user was removed or got another password meanwhile.
        AccountDisabledError: an admin has disabled the account.
    """
    now = utc_now()
    user = _user_signing_in(session, username, seen_hash, now)
    repository.trim_sign_ins(session, BrowserSessionRow, user, keep=MOST_SESSIONS - 1)
    token, hashed = new_token()
    expires_at = now + SESSION_LIFETIME
    session.add(
        BrowserSessionRow(
            token_hash=hashed,
            user_id=user.id,
            created_at=now,
            expires_at=expires_at,
            address=address[:45],
            browser=browser[:200],
        )
    )
    return Issued(token, expires_at)


def issue_token(session: Session, username: str, *, seen_hash: str | None = None) -> Issued:
    """A new personal token of this user, for scripts that sign in by name and password. Errors as in `open_session`."""
    now = utc_now()
    user = _user_signing_in(session, username, seen_hash, now)
    repository.trim_sign_ins(session, AccessTokenRow, user, keep=MOST_SESSIONS - 1)
    token, hashed = new_token(ACCESS_TOKEN_PREFIX)
    expires_at = now + TOKEN_LIFETIME
    session.add(
        AccessTokenRow(
            token_hash=hashed, user_id=user.id, name="Signed in by password", created_at=now, expires_at=expires_at
        )
    )
    return Issued(token, expires_at)


def _user_signing_in(session: Session, username: str, seen_hash: str | None, now: datetime) -> UserRow:
    user = repository.find_user(session, username, locked=True)
    if user is None or (seen_hash is not None and user.password_hash != seen_hash):
        raise WrongCredentialsError
    if user.is_disabled:
        raise AccountDisabledError(username)
    repository.delete_expired(session, now)
    user.last_sign_in_at = now
    return user


def identify_cookie(session: Session, token: str) -> Identity | None:
    """Whom a session cookie stands for; None when it is unknown, ended or expired."""
    hashed = hash_token(token)
    row = repository.find_session(session, hashed) if hashed else None
    now = utc_now()
    if row is None or not _is_alive(row, now):
        return None
    return Identity(
        actor_of(row.user),
        id=f"session:{row.id}",
        expires_at=row.expires_at,
        renew=row.expires_at - now < SESSION_LIFETIME - SESSION_RENEWAL,
        note_use=_use_is_old(row, now),
    )


def identify_token(session: Session, token: str) -> Identity | None:
    """Whom a personal token stands for; None when it is unknown, taken back or expired."""
    hashed = hash_token(token)
    row = repository.find_access_token(session, hashed) if hashed else None
    now = utc_now()
    if row is None or not _is_alive(row, now):
        return None
    return Identity(
        actor_of(row.user),
        id=f"token:{row.id}",
        scope=TokenScope(row.scope),
        expires_at=row.expires_at,
        note_use=_use_is_old(row, now),
    )


def roles_of(session: Session, identities: Iterable[str]) -> dict[str, Role]:
    """The role that the user of each of these (`Identity.id`) has now; what has ended or expired is left out."""
    names: dict[str, list[str]] = {"session": [], "token": []}
    for identity in identities:
        kind, _, name = identity.partition(":")
        names[kind].append(name)
    now = utc_now()
    found: dict[str, Role] = {}
    for kind, table in (("session", BrowserSessionRow), ("token", AccessTokenRow)):
        for name, role in repository.roles_of(session, table, names[kind], now):
            found[f"{kind}:{name}"] = Role(role)
    return found


def note_use(session: Session, identity: Identity) -> None:
    """Remember that a session or token is used now."""
    kind, _, name = identity.id.partition(":")
    repository.note_use(session, AccessTokenRow if kind == "token" else BrowserSessionRow, name, utc_now())


def _is_alive(row: BrowserSessionRow | AccessTokenRow, now: datetime) -> bool:
    return row.expires_at > now and not row.user.is_disabled


def _use_is_old(row: BrowserSessionRow | AccessTokenRow, now: datetime) -> bool:
    return now - (row.last_used_at or row.created_at) > USE_NOTED_EVERY


def list_sessions(session: Session, actor: Actor) -> Sequence[BrowserSessionRow]:
    """The browsers in which the actor is signed in, those used last first."""
    user = repository.get_user(session, actor.username)
    return repository.list_sign_ins(session, BrowserSessionRow, user, utc_now())


def end_session_of(session: Session, session_id: str, *, actor: Actor) -> None:
    """End one of the actor's sessions.

    Raises:
        SessionNotFoundError: the actor has none of this id; somebody else's looks the same.
    """
    user = repository.get_user(session, actor.username)
    if not repository.delete_sign_in(session, BrowserSessionRow, user, session_id):
        raise SessionNotFoundError(session_id)


def sign_out_everywhere(session: Session, *, actor: Actor, tokens: bool) -> None:
    """End all of the actor's sessions, this one as well, and take their reset links back; `tokens` as well on wish."""
    user = repository.get_user(session, actor.username)
    repository.delete_sign_ins_of(session, user, tokens=tokens)


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


def checked(user: UserRow) -> Checked:
    """What signing in goes on with after `check_credentials`."""
    return Checked(actor_of(user), user.password_hash)


def actor_of(user: UserRow) -> Actor:
    """The user as whoever asks."""
    return Actor(user.username, Role(user.role))
