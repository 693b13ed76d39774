"""What users said about the name and address of their commits."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor
from pfstudio.accounts.errors import NotSignedInError
from pfstudio.db.models.git_identity import GitIdentityRow
from pfstudio.db.models.user import UserRow
from pfstudio.git.identity import Identity, checked_identity, usual_identity


def identity_of(session: Session, actor: Actor) -> Identity:
    """The name and address of somebody's commits."""
    query = select(GitIdentityRow).join(UserRow, UserRow.id == GitIdentityRow.user_id)
    row = session.scalar(query.where(UserRow.username == actor.username))
    return Identity(row.name, row.address) if row else usual_identity(actor.username)


def set_identity(session: Session, actor: Actor, name: str, address: str) -> Identity:
    """Have one's commits bear another name and address from now on.

    Raises:
        IdentityRefusedError: they cannot stand in a commit.
    """
    identity = checked_identity(name, address)
    user_id = session.scalar(select(UserRow.id).where(UserRow.username == actor.username))
    if user_id is None:
        raise NotSignedInError
    row = session.get(GitIdentityRow, user_id)
    if row is None:
        session.add(GitIdentityRow(user_id=user_id, name=identity.name, address=identity.address))
    else:
        row.name, row.address = identity.name, identity.address
    return identity
