"""What admins do to accounts: roles, disabling, removing. Somebody who is an admin always stays.

Who asks is looked up anew under a lock, for the request began before it: of two admins who demote each other at once,
the second is told that they are none any more.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from pfstudio.accounts import links, repository, service
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import AccountDisabledError, LastAdminError
from pfstudio.accounts.links import LinkPurpose
from pfstudio.db.models import UserRow


def change_user(
    session: Session, username: str, *, actor: Actor, role: Role | None = None, is_disabled: bool | None = None
) -> UserRow:
    """Give a user another role, or disable or enable them.

    Who is disabled is signed out everywhere, and all tokens and links are taken back for good. What is open on
    the rights of a higher role ends. Invitations of somebody who is no admin any more end as well.

    Raises:
        AdminRequiredError: only admins, who still are when it comes to it.
        UserNotFoundError: there is no such user.
        LastAdminError: nobody who may sign in would be an admin.
    """
    user = _lock(session, username, actor)
    if role is not None:
        user.role = role
    if is_disabled is not None:
        user.is_disabled = is_disabled
    session.flush()
    _require_an_admin(session, username)
    if user.is_disabled:
        repository.delete_sign_ins_of(session, user)
    if user.is_disabled or user.role != Role.ADMIN:
        repository.delete_invitations_by(session, user)
    return user


def remove_user(session: Session, username: str, *, actor: Actor) -> None:
    """Remove an account with its sessions, tokens, connections and keys. The folder stays on the share.

    Raises: as `change_user`.
    """
    user = _lock(session, username, actor)
    repository.delete_user(session, user)
    _require_an_admin(session, username)


def reset_user(session: Session, username: str, *, actor: Actor) -> links.IssuedLink:
    """A link by which a user sets a new password. The old one works until the link is used.

    Raises:
        AdminRequiredError: only admins.
        UserNotFoundError: there is no such user.
        AccountDisabledError: enable the account first.
    """
    user = _lock(session, username, actor)
    if user.is_disabled:
        raise AccountDisabledError(username)
    return links.issue_link(session, user, LinkPurpose.RESET)


def _lock(session: Session, username: str, actor: Actor) -> UserRow:
    service.require_admin_now(session, actor)
    return repository.get_user(session, username, locked=True)


def _require_an_admin(session: Session, username: str) -> None:
    if not repository.count_admins(session):
        raise LastAdminError(username)
