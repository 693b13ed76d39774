"""Reads and writes the table of connections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from pfstudio.db.models import ConnectionRow, UserRow


def find_connection(session: Session, name: str, *, owner: str | None) -> ConnectionRow | None:
    """The connection of this user, or the workspace's where `owner` is None."""
    return session.scalar(select(ConnectionRow).where(ConnectionRow.name == name, _belongs_to(owner)))


def list_connections(session: Session, *, owner: str) -> Sequence[ConnectionRow]:
    """What this user may use: their own, then the workspace's, each by name."""
    query = (
        select(ConnectionRow)
        .where(or_(_belongs_to(owner), _belongs_to(None)))
        .order_by(ConnectionRow.user_id.is_(None), ConnectionRow.name)
    )
    return session.scalars(query).all()


def named_connections(session: Session, names: Iterable[str], *, owner: str | None) -> Sequence[ConnectionRow]:
    """Those of these names that belong to this user, or to the workspace."""
    return session.scalars(select(ConnectionRow).where(ConnectionRow.name.in_(list(names)), _belongs_to(owner))).all()


def user_id(session: Session, username: str) -> int:
    """The key of a user who exists."""
    return session.scalars(select(UserRow.id).where(UserRow.username == username)).one()


def _belongs_to(owner: str | None) -> ColumnElement[bool]:
    if owner is None:
        return ConnectionRow.user_id.is_(None)
    return ConnectionRow.user_id == select(UserRow.id).where(UserRow.username == owner).scalar_subquery()
