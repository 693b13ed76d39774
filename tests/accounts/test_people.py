"""What admins do to accounts, and what ends with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pfstudio.accounts import invitations, links, people, personal_tokens, repository, service, sessions
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import (
    AccountDisabledError,
    AdminRequiredError,
    LastAdminError,
    LinkNotValidError,
    UserNotFoundError,
    WrongCredentialsError,
)
from pfstudio.accounts.links import LinkPurpose
from pfstudio.accounts.tokens import TokenScope
from pfstudio.db.models import AccessTokenRow, BrowserSessionRow, ConnectionRow, SignInLinkRow, UserRow
from pfstudio.kit.clock import utc_now

ADA = Actor("ada", Role.ADMIN)
GRACE = Actor("grace", Role.ADMIN)
SECRET_TABLES = (BrowserSessionRow, AccessTokenRow, SignInLinkRow)
AddUser = Callable[..., UserRow]


@pytest.fixture
def add(session: Session, tmp_path: Path) -> AddUser:
    def run(username: str, role: Role = Role.AUTHOR) -> UserRow:
        return service.add_user(session, username=username, password_hash="hash", role=role, share_root=tmp_path)

    return run


@pytest.fixture(autouse=True)
def ada(add: AddUser) -> UserRow:
    return add("ada", Role.ADMIN)


def _sign_in_all_ways(session: Session, username: str) -> None:
    sessions.open_session(session, username)
    sessions.issue_token(session, username)
    links.create_link(session, repository.get_user(session, username), LinkPurpose.RESET)
    session.flush()


def _secrets(session: Session) -> int:
    return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in SECRET_TABLES)


def test_a_role_changes(session: Session, add: AddUser) -> None:
    add("bob")

    assert people.change_user(session, "bob", actor=ADA, role=Role.VIEWER).role == "viewer"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR])
def test_nobody_but_an_admin_changes_or_removes_anybody(session: Session, add: AddUser, role: Role) -> None:
    add("bob", role)
    bob = Actor("bob", role)

    for act in (
        lambda: people.change_user(session, "bob", actor=bob, role=Role.ADMIN),
        lambda: people.remove_user(session, "ada", actor=bob),
        lambda: people.reset_user(session, "ada", actor=bob),
    ):
        with pytest.raises(AdminRequiredError):
            act()


def test_who_was_an_admin_when_the_request_began_but_is_none_now_changes_nothing(
    session: Session, add: AddUser
) -> None:
    add("grace", Role.AUTHOR)
    add("bob")

    with pytest.raises(AdminRequiredError):
        people.change_user(session, "bob", actor=GRACE, role=Role.ADMIN)


@pytest.mark.parametrize("change", [{"role": Role.AUTHOR}, {"is_disabled": True}])
def test_the_last_admin_stays_one(session: Session, change: dict[str, Role | bool]) -> None:
    with pytest.raises(LastAdminError, match="'ada' is the only admin"):
        people.change_user(session, "ada", actor=ADA, **change)  # type: ignore[arg-type]


def test_a_disabled_admin_does_not_count_as_one(session: Session, add: AddUser) -> None:
    add("grace", Role.ADMIN)
    people.change_user(session, "grace", actor=ADA, is_disabled=True)

    with pytest.raises(LastAdminError):
        people.remove_user(session, "ada", actor=ADA)


def test_disabling_ends_everything_and_keeps_the_door_shut(session: Session, add: AddUser) -> None:
    bob = add("bob")
    _sign_in_all_ways(session, "bob")

    people.change_user(session, "bob", actor=ADA, is_disabled=True)

    assert _secrets(session) == 0
    with pytest.raises(AccountDisabledError, match="'bob' is disabled"):
        sessions.open_session(session, "bob")
    with pytest.raises(AccountDisabledError):
        sessions.issue_token(session, "bob")
    with pytest.raises(AccountDisabledError):
        people.reset_user(session, "bob", actor=ADA)
    with pytest.raises(AccountDisabledError):
        links.new_link_for(session, "bob")
    with pytest.raises(LinkNotValidError):
        links.find_link(session, links.create_link(session, bob, LinkPurpose.RESET))


def test_an_enabled_account_signs_in_again(session: Session, add: AddUser) -> None:
    add("bob")
    people.change_user(session, "bob", actor=ADA, is_disabled=True)

    people.change_user(session, "bob", actor=ADA, is_disabled=False)

    assert sessions.identify_cookie(session, sessions.open_session(session, "bob").token) is not None


def test_removing_takes_all_that_was_theirs_but_the_folder(session: Session, add: AddUser, tmp_path: Path) -> None:
    bob = add("bob")
    _sign_in_all_ways(session, "bob")
    now = utc_now()
    session.add(
        ConnectionRow(user_id=bob.id, name="c", type="t", fields="{}", secrets="", created_at=now, modified_at=now)
    )
    session.flush()

    people.remove_user(session, "bob", actor=ADA)

    assert _secrets(session) == 0
    assert session.scalar(select(func.count()).select_from(ConnectionRow)) == 0
    assert [user.username for user in service.list_users(session)] == ["ada"]
    assert (tmp_path / "Users/bob/promptflow").is_dir()
    with pytest.raises(UserNotFoundError):
        people.remove_user(session, "bob", actor=ADA)


def test_who_was_removed_or_got_another_password_between_check_and_sign_in_does_not_get_in(
    session: Session, add: AddUser
) -> None:
    bob = add("bob")
    bob.password_hash = "a newer hash"

    with pytest.raises(WrongCredentialsError):
        sessions.open_session(session, "bob", seen_hash="hash")
    people.remove_user(session, "bob", actor=ADA)
    with pytest.raises(WrongCredentialsError):
        sessions.issue_token(session, "bob", seen_hash="a newer hash")


def test_invitations_of_an_admin_who_is_none_any_more_end(session: Session, add: AddUser) -> None:
    add("grace", Role.ADMIN)
    made = invitations.create_invitation(
        session, actor=GRACE, role=Role.ADMIN, username=None, days=7, isolation_problem=None
    )

    people.change_user(session, "grace", actor=ADA, role=Role.AUTHOR)
    people.change_user(session, "grace", actor=ADA, role=Role.ADMIN)

    assert invitations.find_invitation(session, made.secret) is None


def test_the_link_of_the_machine_is_that_of_an_admin_who_may_sign_in(session: Session, add: AddUser) -> None:
    add("grace", Role.ADMIN)
    people.change_user(session, "ada", actor=GRACE, role=Role.VIEWER)

    assert links.find_link(session, links.new_link_for(session, None)).user.username == "grace"


def test_a_token_that_a_token_makes_ends_no_later_than_that(session: Session) -> None:
    first = sessions.identify_cookie(session, sessions.open_session(session, "ada").token)
    assert first is not None
    short = personal_tokens.create_token(session, identity=first, name="short", scope=TokenScope.WRITE, days=1)
    identity = sessions.identify_token(session, short.secret)
    assert identity is not None

    made = personal_tokens.create_token(session, identity=identity, name="long", scope=TokenScope.READ, days=90)

    assert made.row.expires_at == short.row.expires_at


def test_signing_in_without_end_pushes_the_oldest_out(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 3)
    issued = []
    for _ in range(5):
        issued.append(sessions.issue_token(session, "ada"))
        session.flush()

    found = [sessions.identify_token(session, each.token) is not None for each in issued]

    assert found == [False, False, True, True, True]
