"""Reads and writes the switch of terminals."""

from __future__ import annotations

from sqlalchemy.orm import Session

from pfstudio.db.models import SwitchRow

_NAME = "terminals"


def is_on(session: Session) -> bool:
    row = session.get(SwitchRow, _NAME)
    return row is None or row.is_on


def set_on(session: Session, wanted: bool) -> None:
    row = session.get(SwitchRow, _NAME)
    if row is None:
        session.add(SwitchRow(name=_NAME, is_on=wanted))
    else:
        row.is_on = wanted
