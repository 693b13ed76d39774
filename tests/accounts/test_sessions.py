"""Sessions and tokens: opaque, expiring, revocable, and nothing of them readable in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pfstudio.accounts import links, service, sessions
from pfstudio.accounts.errors import TooManySignInsError, WrongCredentialsError
from pfstudio.accounts.limits import SignInLimits
from pfstudio.accounts.passwords import Passwords
from pfstudio.accounts.tokens import csrf_token, hash_token
from pfstudio.db.models import AccessTokenRow, BrowserSessionRow, UserRow
from pfstudio.db.session import Database
from pfstudio.kit import clock

PASSWORD = "correct horse"
Check = Callable[[str, str], UserRow]


@pytest.fixture
def ada(session: Session, tmp_path: Path) -> UserRow:
    return service.ensure_admin(
        session,
        username="ada",
        password=PASSWORD,
        passwords=Passwords(),
        isolation_problem=lambda: None,
        share_root=tmp_path / "share",
    )


class Later:
    """A clock that a test sets forward."""

    by = timedelta(0)

    def now(self) -> datetime:
        return clock.utc_now() + self.by


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    shifted = Later()
    for module in (sessions, links):
        monkeypatch.setattr(module, "utc_now", shifted.now)
    return shifted


@pytest.fixture
def check(session: Session, database: Database) -> Check:
    """Checks credentials as a request does: nothing else writes meanwhile."""

    def run(username: str, password: str) -> UserRow:
        session.commit()
        with database.read() as reading:
            return sessions.check_credentials(
                reading,
                username=username,
                password=password,
                address="10.0.0.1",
                passwords=Passwords(),
                limits=SignInLimits(database),
            )

    return run


def test_a_name_and_its_password_are_a_user_whatever_the_case_of_the_name(check: Check, ada: UserRow) -> None:
    assert check("ada", PASSWORD).id == ada.id
    assert check(" Ada ", PASSWORD).id == ada.id


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong horse"),
        ("nobody", PASSWORD),
        ("", ""),
        ("ada", ""),
        ("ada\0", PASSWORD),
        ("\u0430da", PASSWORD),
        ("ada", PASSWORD + "\0"),
        ("%", PASSWORD),
    ],
)
def test_every_wrong_pair_looks_the_same(check: Check, ada: UserRow, name: str, password: str) -> None:
    with pytest.raises(WrongCredentialsError, match=r"^This user name and password do not fit\.$"):
        check(name, password)


def test_a_user_without_a_password_cannot_sign_in_by_one(session: Session, check: Check) -> None:
    user = service.ensure_first_user(session, system_user="bob")

    with pytest.raises(WrongCredentialsError):
        check(user.username, "")


def test_guessing_ends_in_a_refusal_even_with_the_right_password(check: Check, ada: UserRow) -> None:
    for _ in range(8):
        with pytest.raises(WrongCredentialsError):
            check("ada", "wrong horse")

    with pytest.raises(TooManySignInsError):
        check("ada", PASSWORD)


def test_a_session_stands_for_its_user_until_it_is_ended(session: Session, ada: UserRow) -> None:
    issued = sessions.open_session(session, "ada")
    found = sessions.identify_cookie(session, issued.token)
    assert found is not None
    assert found.actor.username == "ada"

    sessions.end_session(session, issued.token)
    session.flush()

    assert sessions.identify_cookie(session, issued.token) is None


def test_a_session_expires(session: Session, ada: UserRow, later: Later) -> None:
    issued = sessions.open_session(session, "ada")

    later.by = sessions.SESSION_LIFETIME + timedelta(seconds=1)

    assert sessions.identify_cookie(session, issued.token) is None


def test_a_session_in_use_is_prolonged(session: Session, ada: UserRow, later: Later) -> None:
    issued = sessions.open_session(session, "ada")
    later.by = timedelta(days=10)
    found = sessions.identify_cookie(session, issued.token)
    assert found is not None
    assert found.renew

    sessions.renew_session(session, issued.token)
    later.by = timedelta(days=20)

    assert sessions.identify_cookie(session, issued.token) is not None


def test_a_token_works_as_a_token_only_and_expires(session: Session, ada: UserRow, later: Later) -> None:
    issued = sessions.issue_token(session, "ada")
    assert issued.token.startswith("pfs_")
    assert sessions.identify_token(session, issued.token) is not None
    assert sessions.identify_cookie(session, issued.token) is None

    later.by = sessions.TOKEN_LIFETIME + timedelta(seconds=1)

    assert sessions.identify_token(session, issued.token) is None


def test_only_hashes_are_stored(session: Session, ada: UserRow) -> None:
    secrets = [sessions.open_session(session, "ada").token, sessions.issue_token(session, "ada").token]
    secrets.append(links.new_link_for(session, None))
    session.flush()

    stored = [
        str(row)
        for table in ("users", "browser_sessions", "access_tokens", "sign_in_links")
        for row in session.execute(text(f"SELECT * FROM {table}"))
    ]
    assert not [secret for secret in [*secrets, PASSWORD] if any(secret in row for row in stored)]


@pytest.mark.parametrize("token", ["", " ", "null", "undefined", "0", "é", "x" * 500, "pfs_", "' OR 1=1 --"])
def test_nothing_empty_or_odd_is_a_session_or_a_token(session: Session, ada: UserRow, token: str) -> None:
    sessions.open_session(session, "ada")
    sessions.issue_token(session, "ada")

    assert sessions.identify_cookie(session, token) is None
    assert sessions.identify_token(session, token) is None


def test_the_hash_itself_is_no_key(session: Session, ada: UserRow) -> None:
    issued = sessions.open_session(session, "ada")
    hashed = hash_token(issued.token)
    assert hashed is not None

    assert sessions.identify_cookie(session, hashed) is None


def test_expired_rows_are_swept_when_somebody_signs_in(session: Session, ada: UserRow, later: Later) -> None:
    sessions.open_session(session, "ada")
    sessions.issue_token(session, "ada")
    later.by = timedelta(days=200)

    sessions.open_session(session, "ada")

    assert len(session.scalars(select(BrowserSessionRow)).all()) == 1
    assert session.scalars(select(AccessTokenRow)).all() == []


def test_each_session_has_a_csrf_token_of_its_own() -> None:
    assert csrf_token("one") != csrf_token("two")
    assert csrf_token("one") == csrf_token("one")
