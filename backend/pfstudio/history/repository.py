"""Rows of versions, kept in step with the refs of the snapshot store."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from pfstudio.db.models.history import HistoryVersionRow as Row
from pfstudio.share.snapshots import SnapshotStore, Version
from pfstudio.share.snapshots_compare import shown
from pfstudio.share.snapshots_units import Names, Unit

_AT_ONCE = 500


def newest_commit(session: Session, unit: Unit) -> str | None:
    """The commit of a unit's newest row."""
    query = select(Row.commit_oid).where(Row.unit_key == unit.key).order_by(Row.number.desc()).limit(1)
    return session.scalar(query)


def sync(session: Session, store: SnapshotStore, unit: Unit) -> None:
    """Bring a unit's rows in step with its ref, whatever was missed or removed."""
    if session.get_bind().dialect.name == "postgresql":  # A page and the recorder may come at once; one waits.
        session.execute(select(func.pg_advisory_xact_lock(int(unit.key[:15], 16))))
    known = newest_commit(session, unit)
    missing: list[Version] = []
    is_whole = known is None
    for version in store.versions(unit.ref):
        if version.commit == known:
            break
        missing.append(version)
    else:
        is_whole = True
    if is_whole and known is not None:
        session.execute(delete(Row).where(Row.unit_key == unit.key))
    _insert(session, unit, list(reversed(missing)), before=None if is_whole else known)


def list_units(session: Session, owner: str | None = None) -> list[str]:
    """The folders that have versions: those below a user's `promptflow`, or all."""
    query = select(Row.unit).distinct()
    if owner is not None:
        query = query.where(func.substr(Row.unit, 1, len(f"Users/{owner}/")) == f"Users/{owner}/")
    return list(session.scalars(query))


def _insert(session: Session, unit: Unit, versions: Sequence[Version], *, before: str | None) -> None:
    """Add versions, oldest first, after the row with the commit `before`."""
    if not versions:
        return
    if before is not None:
        same = (Row.unit_key == unit.key, Row.commit_oid == before, Row.entry == versions[0].entry)
        session.execute(update(Row).where(*same).values(is_last=False))
    following = [*(version.entry for version in versions[1:]), None]
    rows = [
        {
            "id": version.id,
            "unit_key": unit.key,
            "unit": shown(version.unit),
            "commit_oid": version.commit,
            "tree_oid": version.tree,
            "state_oid": version.state,
            "entry": version.entry,
            "is_last": version.entry != after,
            "kind": version.kind,
            "author": version.author,
            "at": version.at,
            "first_at": version.first,
            "paths": join_paths(version.paths),
            "message": version.message,
        }
        for version, after in zip(versions, following, strict=True)
    ]
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        # A process that was killed while it moved this history can have left them under its old path as well.
        session.execute(delete(Row).where(Row.id.in_([row["id"] for row in some])))
        session.execute(insert(Row), some)


def list_versions(
    session: Session, unit: Unit, names: Names, *, before: int | None, limit: int, every: bool
) -> list[Row]:
    """Versions that changed something at or below a path, newest first; of each entry the last, unless `every`."""
    query = select(Row).where(Row.unit_key == unit.key)
    if names:
        query = query.where(_touches(session, names))
    if before is not None:
        query = query.where(Row.number < before)
    if not every:
        query = query.where(Row.is_last)
    return list(session.scalars(query.order_by(Row.number.desc()).limit(limit)))


def find_version(session: Session, unit: Unit, version_id: str) -> Row | None:
    """One version of a unit."""
    return session.scalar(select(Row).where(Row.unit_key == unit.key, Row.id == version_id))


def version_before(session: Session, unit: Unit, number: int) -> Row | None:
    """The version that came before another."""
    query = select(Row).where(Row.unit_key == unit.key, Row.number < number, Row.kind != "lost save")
    return session.scalar(query.order_by(Row.number.desc()).limit(1))


def first_of_entry(session: Session, unit: Unit, entry: str) -> Row | None:
    """The first version of an entry."""
    query = select(Row).where(Row.unit_key == unit.key, Row.entry == entry)
    return session.scalar(query.order_by(Row.number).limit(1))


def join_paths(paths: Sequence[str]) -> str:
    """Paths as one text in which each can be looked for."""
    return "\n".join(["", *(_escaped(shown(path)) for path in paths), ""]) if paths else ""


def split_paths(text: str) -> list[str]:
    """What `join_paths` joined."""
    unescape = {"\\n": "\n", "\\\\": "\\"}
    return [
        "".join(unescape.get(piece, piece) for piece in _pieces(line))
        for line in text.removeprefix("\n").split("\n")[:-1]
    ]


def _pieces(line: str) -> list[str]:
    pieces, position = [], 0
    while position < len(line):
        size = 2 if line[position] == "\\" else 1
        pieces.append(line[position : position + size])
        position += size
    return pieces


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace("\n", "\\n").replace("\0", "")


def _touches(session: Session, names: Names) -> ColumnElement[bool]:
    """Whether a version's paths have this one, one below it, or a folder above it as a whole."""
    path = _escaped(shown("/".join(names)))
    above = ["/".join(names[:depth]) for depth in range(1, len(names))]
    wanted = [f"\n{path}\n", f"\n{path}/", "\n/\n", *(f"\n{_escaped(shown(folder))}/\n" for folder in above)]
    # Not LIKE: SQLite's does not tell upper from lower case.
    find = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    return or_(*(find(Row.paths, text) > 0 for text in wanted))
