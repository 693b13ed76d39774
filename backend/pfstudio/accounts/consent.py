"""Lending one's own connections to somebody else's flow: for one snapshot of it, by name."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Actor
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.db.models import ConsentRow
from pfstudio.kit.clock import utc_now


def lent_connections(session: Session, snapshot: str, *, actor: Actor) -> set[str]:
    """The names of the actor's connections that they have lent to this snapshot of a flow."""
    user = repository.get_user(session, actor.username)
    query = select(ConsentRow.connection).where(ConsentRow.user_id == user.id, ConsentRow.snapshot == snapshot)
    return set(session.scalars(query))


def lend(session: Session, path: str, snapshot: str, connections: Iterable[str], *, actor: Actor) -> None:
    """Lend these connections to this snapshot of the flow at `path`. Once more is harmless.

    Raises:
        AuthorRequiredError: the actor is a viewer, who runs nothing.
    """
    actor.require_author()
    user = repository.get_user(session, actor.username, locked=True)
    fresh = sorted(set(connections) - lent_connections(session, snapshot, actor=actor))
    for name in fresh:
        session.add(ConsentRow(user_id=user.id, snapshot=snapshot, connection=name, given_at=utc_now()))
    if fresh:
        record(session, actor, Act.SECRETS_LENT, path, {"connections": fresh, "snapshot": snapshot})
