"""Sessions: one commit at the end, writers that wait for each other, and nothing kept of what fails."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from pfstudio.db.models import BrowserSessionRow, UserRow
from pfstudio.db.session import Database
from pfstudio.kit.clock import utc_now


def _user(name: str = "ada") -> UserRow:
    return UserRow(username=name, role="admin", password_hash=None, created_at=utc_now())


def test_a_write_session_is_committed_at_its_end(database: Database) -> None:
    with database.write() as session:
        session.add(_user())

    with database.read() as session:
        assert session.scalars(select(UserRow.username)).all() == ["ada"]


def test_a_write_session_keeps_nothing_when_its_block_raises(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.add(_user())
            session.flush()
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail()

    with database.read() as session:
        assert session.scalars(select(UserRow)).all() == []


def test_a_read_session_keeps_nothing(database: Database) -> None:
    with database.read() as session:
        session.add(_user())
        session.flush()

    with database.read() as session:
        assert session.scalars(select(UserRow)).all() == []


def test_twenty_writers_at_once_all_get_through(database: Database) -> None:
    with database.write() as session:
        session.add(_user("counter"))
    failures: list[Exception] = []

    def add_one(number: int) -> None:
        try:
            with database.write() as session:
                # Read, then write: with a plain BEGIN, SQLite would refuse the second of two such transactions.
                session.scalars(select(UserRow)).all()
                session.add(_user(f"user{number}"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=add_one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with database.read() as session:
        assert len(session.scalars(select(UserRow)).all()) == 21


def test_reading_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writing:
        writing.add(_user())
        writing.flush()
        with database.read() as reading:
            assert reading.scalars(select(UserRow)).all() == []


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(database: Database) -> None:
    tokyo = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=9)))
    with database.write() as session:
        session.add(UserRow(username="ada", role="admin", password_hash=None, created_at=tokyo))

    with database.read() as session:
        assert session.scalars(select(UserRow.created_at)).one() == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"), database.write() as session:
        session.add(UserRow(username="ada", role="admin", password_hash=None, created_at=datetime(2026, 1, 1)))


def test_a_session_cannot_belong_to_nobody(database: Database) -> None:
    def add_orphan() -> None:
        with database.write() as session:
            now = utc_now()
            session.add(BrowserSessionRow(token_hash="0" * 64, user_id=999, created_at=now, expires_at=now))

    with pytest.raises(IntegrityError):
        add_orphan()


def test_sqlite_runs_in_wal_mode_with_the_settings_of_the_design(tmp_path_factory: pytest.TempPathFactory) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('wal') / 'x.db'}")
    with database.read() as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "busy_timeout", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "busy_timeout": 5000, "synchronous": 1, "foreign_keys": 1}
    database.close()
