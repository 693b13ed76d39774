"""Personal tokens that people make for their scripts: with a name, a scope and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Actor
from pfstudio.accounts.errors import InvalidTokenError, TokenNotFoundError, TooManyTokensError
from pfstudio.accounts.sessions import MOST_SESSIONS, Identity
from pfstudio.accounts.tokens import ACCESS_TOKEN_PREFIX, TokenScope, new_token
from pfstudio.db.models import AccessTokenRow
from pfstudio.kit.clock import utc_now

LONGEST_NAME = 100
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made. Its secret is shown once; only the hash is stored."""

    row: AccessTokenRow
    secret: str


def list_tokens(session: Session, *, actor: Actor) -> Sequence[AccessTokenRow]:
    """The actor's tokens, those used last first."""
    user = repository.get_user(session, actor.username)
    return repository.list_sign_ins(session, AccessTokenRow, user, utc_now())


def create_token(session: Session, *, identity: Identity, name: str, scope: TokenScope, days: int) -> NewToken:
    """A new token of whoever asks. One made by a token ends no later than that, so a stolen one cannot prolong itself.

    Raises:
        InvalidTokenError: the name is empty or odd, or the days are none or too many.
        TooManyTokensError: the user has as many as may be.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidTokenError(f"it needs a name of up to {LONGEST_NAME} printable characters.")
    if not 1 <= days <= MOST_DAYS:
        raise InvalidTokenError(f"it lasts from 1 to {MOST_DAYS} days.")
    now = utc_now()
    user = repository.get_user(session, identity.actor.username, locked=True)
    if len(repository.list_sign_ins(session, AccessTokenRow, user, now)) >= MOST_SESSIONS:
        raise TooManyTokensError(MOST_SESSIONS)
    expires_at = now + timedelta(days=days)
    if identity.scope is not None and identity.expires_at is not None:
        expires_at = min(expires_at, identity.expires_at)
    secret, hashed = new_token(ACCESS_TOKEN_PREFIX)
    row = AccessTokenRow(
        token_hash=hashed, user_id=user.id, name=name, scope=scope, created_at=now, expires_at=expires_at
    )
    session.add(row)
    session.flush()
    return NewToken(row, secret)


def revoke_token(session: Session, token_id: str, *, actor: Actor) -> None:
    """Take one of the actor's tokens back.

    Raises:
        TokenNotFoundError: the actor has none of this id; somebody else's looks the same.
    """
    user = repository.get_user(session, actor.username)
    if not repository.delete_sign_in(session, AccessTokenRow, user, token_id):
        raise TokenNotFoundError(token_id)
