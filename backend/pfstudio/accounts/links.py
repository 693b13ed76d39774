"""One-time links: signing in for the first time, and setting a new password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Role
from pfstudio.accounts.errors import (
    AccountDisabledError,
    LinkNotValidError,
    NameAlreadyChosenError,
    NewPasswordNeededError,
    UserExistsError,
    UserNotFoundError,
)
from pfstudio.accounts.names import check_username
from pfstudio.accounts.service import make_folder, require_new_folder
from pfstudio.accounts.tokens import hash_token, new_token
from pfstudio.db.models import SignInLinkRow, UserRow
from pfstudio.kit.clock import utc_now

LINK_LIFETIME = timedelta(hours=24)


class LinkPurpose(StrEnum):
    """A reset link also ends all sessions and takes back all tokens of its user."""

    SIGN_IN = "sign_in"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """The secret of a new link, shown once, and when it ends."""

    secret: str
    expires_at: datetime


def issue_link(session: Session, user: UserRow, purpose: LinkPurpose) -> IssuedLink:
    """A new link; older links of the user stop working."""
    now = utc_now()
    repository.delete_links_of(session, user)
    token, hashed = new_token()
    expires_at = now + LINK_LIFETIME
    session.add(
        SignInLinkRow(token_hash=hashed, user_id=user.id, purpose=purpose, created_at=now, expires_at=expires_at)
    )
    return IssuedLink(token, expires_at)


def create_link(session: Session, user: UserRow, purpose: LinkPurpose) -> str:
    """The secret of a new link; older links of the user stop working."""
    return issue_link(session, user, purpose).secret


def new_link_for(session: Session, username: str | None) -> str:
    """The secret of a reset link of this user; without a name, of a sign-in link of the admin made first.

    Raises:
        UserNotFoundError: no such user, or none at all yet.
        AccountDisabledError: the account is disabled.
    """
    if username is not None:
        user = repository.get_user(session, username)
        if user.is_disabled:
            raise AccountDisabledError(username)
        return create_link(session, user, LinkPurpose.RESET)
    admin = repository.first_admin(session)
    if admin is None:
        raise UserNotFoundError("admin")
    return create_link(session, admin, LinkPurpose.SIGN_IN)


def find_link(session: Session, token: str) -> SignInLinkRow:
    """The link of this secret, still unused.

    Raises:
        LinkNotValidError: unknown, used or expired.
    """
    hashed = hash_token(token)
    link = repository.find_link(session, hashed) if hashed else None
    if link is None or link.expires_at <= utc_now() or link.user.is_disabled:
        raise LinkNotValidError
    return link


def use_link(
    session: Session, token: str, *, username: str | None, password_hash: str | None, share_root: Path
) -> UserRow:
    """The user whom the link signs in; it works once.

    A user who has never signed in may choose another name. A refusal leaves the link usable.

    Raises:
        LinkNotValidError: unknown, used or expired, also when another request uses it at this moment.
        NewPasswordNeededError: a reset link without a new password.
        NameAlreadyChosenError: another name is asked for after the first sign-in.
        InvalidUsernameError: the new name breaks the grammar.
        UserExistsError: the new name is taken.
    """
    link = find_link(session, token)
    user = link.user
    if username is not None and username != user.username:
        _rename(session, user, username, share_root)
    if link.purpose == LinkPurpose.RESET and password_hash is None:
        raise NewPasswordNeededError
    if not repository.delete_link(session, link):
        raise LinkNotValidError
    if password_hash is not None:
        user.password_hash = password_hash
    if link.purpose == LinkPurpose.RESET:
        repository.delete_sign_ins_of(session, user)
    make_folder(share_root, user.username)
    return user


def _rename(session: Session, user: UserRow, username: str, share_root: Path) -> None:
    if user.last_sign_in_at is not None:
        raise NameAlreadyChosenError(user.username)
    check_username(username)
    if repository.find_user(session, username) is not None:
        raise UserExistsError(username)
    if user.role != Role.ADMIN:
        require_new_folder(share_root, username)
    user.username = username
