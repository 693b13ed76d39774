"""The audit log on both databases: added to, found again, never changed."""

from __future__ import annotations

import json
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import AdminRequiredError
from pfstudio.audit import service
from pfstudio.audit.acts import Act
from pfstudio.audit.service import Filters
from pfstudio.db.session import Database
from pfstudio.kit.clock import utc_now

ROOT = Actor("root", Role.ADMIN)
BOB = Actor("bob", Role.AUTHOR)


def fill(session: Session) -> None:
    service.record(session, None, Act.SIGN_IN_FAILED, "bob", {"address": "10.0.0.1"})
    service.record(session, BOB, Act.SIGNED_IN, "bob", {"by": "password"})
    service.record(session, ROOT, Act.USER_ROLE_CHANGED, "bob", {"from": "viewer", "to": "author"})
    service.record(session, BOB, Act.SECRETS_USED, "Users/ann/promptflow/100%_sure", {"connections": ["mine"]})


def acts(session: Session, **filters: object) -> list[str]:
    return [entry.act for entry in service.list_entries(session, Filters(**filters), actor=ROOT)]  # type: ignore[arg-type]


def test_the_newest_entries_come_first_and_in_pages(session: Session) -> None:
    fill(session)

    first = service.list_entries(session, Filters(), actor=ROOT, limit=3)
    second = service.list_entries(session, Filters(), actor=ROOT, before=first[-1].id, limit=3)

    assert [entry.id for entry in first + second] == [4, 3, 2, 1]
    assert (first[0].actor, first[0].details) == ("bob", {"connections": ["mine"]})
    assert second[0].actor is None


def test_entries_are_found_by_person_kind_act_subject_and_time(session: Session) -> None:
    fill(session)
    now = utc_now()

    assert acts(session, actor="bob") == ["secret.used", "sign_in.succeeded"]
    assert acts(session, act="sign_in") == ["sign_in.succeeded", "sign_in.failed"]
    assert acts(session, act="sign_in.failed") == ["sign_in.failed"]
    assert acts(session, act="sign") == []
    assert acts(session, text="100%_s") == ["secret.used"]
    assert acts(session, text="_") == ["secret.used"]  # No wildcard.
    assert acts(session, until=now - timedelta(minutes=1)) == []
    assert len(acts(session, since=now - timedelta(minutes=1))) == 4
    assert service.list_actors(session, actor=ROOT) == ["bob", "root"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'ann' WHERE id = 2",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE id = 4",
    ],
)
def test_the_database_itself_refuses_changes(database: Database, statement: str) -> None:
    with database.write() as session:
        fill(session)

    with pytest.raises(DBAPIError, match="only ever added to"), database.write() as session:
        session.execute(text(statement))

    with database.read() as session:
        assert len(service.list_entries(session, Filters(), actor=ROOT)) == 4


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit_entries SET details = '{}' WHERE id = 2", 2),
        ("UPDATE audit_entries SET actor = 'ann' WHERE id = 3", 3),
        ("DELETE FROM audit_entries WHERE id = 2", 3),
    ],
)
def test_what_is_changed_behind_the_databases_back_is_found(database: Database, statement: str, broken: int) -> None:
    with database.write() as session:
        fill(session)
        assert service.find_break(session, actor=ROOT) is None
    with database.write() as session:
        if database.is_sqlite:
            session.execute(text("DROP TRIGGER audit_entries_no_update"))
            session.execute(text("DROP TRIGGER audit_entries_no_delete"))
        else:
            session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        session.execute(text(statement))

    with database.read() as session:
        assert service.find_break(session, actor=ROOT) == broken


def test_entries_of_several_writers_at_once_make_one_chain(database: Database) -> None:
    def write(number: int) -> None:
        for _ in range(5):
            with database.write() as session:
                service.record(session, f"user{number}", Act.SIGNED_IN)

    writers = [Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    with database.read() as session:
        assert len(service.list_entries(session, Filters(), actor=ROOT)) == 20
        assert service.find_break(session, actor=ROOT) is None


def test_a_rolled_back_act_leaves_no_entry(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        fill(session)
        raise RuntimeError

    with database.read() as session:
        assert service.list_entries(session, Filters(), actor=ROOT) == []


def test_any_text_can_be_a_subject_and_a_detail(session: Session) -> None:
    odd = "a\0b \ud83d\ude00 é" + "x" * 5000

    service.record(session, BOB, Act.SIGNED_IN, "a\0b é" + "x" * 5000, {"path": odd})

    entry = service.list_entries(session, Filters(), actor=ROOT)[0]
    assert entry.subject == ("ab é" + "x" * 5000)[: service.LONGEST_SUBJECT]
    assert json.loads(service.to_json_line(entry))["subject"] == entry.subject
    assert service.find_break(session, actor=ROOT) is None


def test_the_same_use_is_told_once_an_hour(session: Session) -> None:
    fill(session)
    flow = "Users/ann/promptflow/100%_sure"

    assert service.is_told(session, BOB, Act.SECRETS_USED, flow, {"connections": ["mine"]})
    assert not service.is_told(session, BOB, Act.SECRETS_USED, flow, {"connections": ["mine", "other"]})
    assert not service.is_told(session, ROOT, Act.SECRETS_USED, flow, {"connections": ["mine"]})


def test_only_admins_read_the_log(session: Session) -> None:
    with pytest.raises(AdminRequiredError):
        service.list_entries(session, Filters(), actor=BOB)
    with pytest.raises(AdminRequiredError):
        service.find_break(session, actor=BOB)
