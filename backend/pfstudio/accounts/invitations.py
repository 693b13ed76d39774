"""Invitations: links by which people make their own accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from pfstudio.accounts import repository, service
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import (
    InvalidInvitationError,
    InvalidUsernameError,
    InvitationNotFoundError,
    LinkNotValidError,
    UserExistsError,
)
from pfstudio.accounts.names import check_username
from pfstudio.accounts.tokens import hash_token, new_token
from pfstudio.db.models import InvitationRow, UserRow
from pfstudio.kit.clock import utc_now

MOST_DAYS = 30


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation just made. The secret of its link is shown once; only the hash is stored."""

    row: InvitationRow
    secret: str


def list_invitations(session: Session, *, actor: Actor) -> Sequence[InvitationRow]:
    """What is open, the newest first.

    Raises:
        AdminRequiredError: only admins.
    """
    actor.require_admin()
    return repository.list_invitations(session, utc_now())


def create_invitation(
    session: Session,
    *,
    actor: Actor,
    role: Role,
    username: str | None,
    days: int,
    isolation_problem: str | None,
) -> NewInvitation:
    """A link by which one person makes an account of this role. Without `username` they choose it themselves.

    Raises:
        AdminRequiredError: only admins.
        InvalidInvitationError: the days are none or too many.
        InvalidUsernameError, UserExistsError: the name cannot be used or is taken.
        IsolationRequiredError: as for a new user.
    """
    inviter = service.require_admin_now(session, actor)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInvitationError(MOST_DAYS)
    if username is not None:
        check_username(username)
        if repository.find_user(session, username) is not None:
            raise UserExistsError(username)
    service.require_isolation(isolation_problem)
    now = utc_now()
    secret, hashed = new_token()
    row = InvitationRow(
        token_hash=hashed,
        role=role,
        username=username,
        invited_by=inviter.id,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    return NewInvitation(row, secret)


def withdraw_invitation(session: Session, invitation_id: str, *, actor: Actor) -> None:
    """Make an invitation's link useless.

    Raises:
        AdminRequiredError: only admins.
        InvitationNotFoundError: there is none of this id.
    """
    service.require_admin_now(session, actor)
    if not repository.delete_invitation(session, invitation_id):
        raise InvitationNotFoundError(invitation_id)


def find_invitation(session: Session, token: str) -> InvitationRow | None:
    """The open invitation of this secret. None where there is none, or whoever invited is no admin any more."""
    hashed = hash_token(token)
    row = repository.find_invitation(session, hashed) if hashed else None
    if row is None or row.expires_at <= utc_now():
        return None
    return None if row.inviter.is_disabled or row.inviter.role != Role.ADMIN else row


def accept_invitation(
    session: Session,
    token: str,
    *,
    username: str | None,
    password_hash: str,
    isolation_problem: str | None,
    share_root: Path,
) -> UserRow:
    """The account of whoever has the link, which works once. A refusal leaves it usable.

    Raises:
        LinkNotValidError: used, expired or withdrawn, also when another request uses it at this moment.
        InvalidUsernameError: the name breaks the grammar, is another than the invitation's, or a folder has it.
        UserExistsError: the name is taken.
        IsolationRequiredError: as for a new user.
    """
    invitation = find_invitation(session, token)
    if invitation is None:
        raise LinkNotValidError
    name = check_username(username or invitation.username or "")
    if invitation.username is not None and name != invitation.username:
        raise InvalidUsernameError(name, f"the invitation is for '{invitation.username}'.")
    repository.lock_users(session)
    if repository.find_user(session, name) is not None:
        raise UserExistsError(name)
    if invitation.username is None:
        service.require_new_folder(share_root, name)
    service.require_isolation(isolation_problem)
    role = Role(invitation.role)
    if not repository.delete_invitation(session, invitation.id):
        raise LinkNotValidError
    session.expunge(invitation)
    return service.add_user(session, username=name, password_hash=password_hash, role=role, share_root=share_root)
