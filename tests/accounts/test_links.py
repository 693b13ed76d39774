"""One-time links: once, for a day, for one user."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from pfstudio.accounts import links, repository, service, sessions
from pfstudio.accounts.actor import Role
from pfstudio.accounts.errors import (
    InvalidUsernameError,
    LinkNotValidError,
    NameAlreadyChosenError,
    UserExistsError,
    UserNotFoundError,
)
from pfstudio.accounts.links import LinkPurpose
from pfstudio.db.models import UserRow
from pfstudio.db.session import Database
from pfstudio.kit import clock


@pytest.fixture
def ada(session: Session) -> UserRow:
    return service.ensure_first_user(session, system_user="ada")


def _use(
    session: Session, token: str, share: Path, *, username: str | None = None, hashed: str | None = None
) -> UserRow:
    return links.use_link(session, token, username=username, password_hash=hashed, share_root=share)


def test_a_link_signs_in_its_user_and_makes_their_folder(session: Session, ada: UserRow, tmp_path: Path) -> None:
    token = links.create_link(session, ada, LinkPurpose.SIGN_IN)

    user = _use(session, token, tmp_path)

    assert user.username == "ada"
    assert (tmp_path / "Users/ada/promptflow").is_dir()


def test_a_link_works_once(session: Session, ada: UserRow, tmp_path: Path) -> None:
    token = links.create_link(session, ada, LinkPurpose.SIGN_IN)
    _use(session, token, tmp_path)

    with pytest.raises(LinkNotValidError):
        _use(session, token, tmp_path)


def test_of_two_requests_at_the_same_moment_one_gets_in(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        user = service.ensure_first_user(session, system_user="ada")
        token = links.create_link(session, user, LinkPurpose.SIGN_IN)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def try_it() -> None:
        start.wait()
        try:
            with database.write() as session:
                _use(session, token, tmp_path)
            outcomes.append("in")
        except LinkNotValidError:
            outcomes.append("refused")

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in", "refused", "refused", "refused"]


def test_a_link_expires_after_a_day(
    session: Session, ada: UserRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = links.create_link(session, ada, LinkPurpose.SIGN_IN)
    monkeypatch.setattr(links, "utc_now", lambda: clock.utc_now() + timedelta(hours=24, seconds=1))

    with pytest.raises(LinkNotValidError):
        _use(session, token, tmp_path)


def test_a_new_link_ends_the_ones_before(session: Session, ada: UserRow, tmp_path: Path) -> None:
    old = links.create_link(session, ada, LinkPurpose.SIGN_IN)
    links.create_link(session, ada, LinkPurpose.SIGN_IN)

    with pytest.raises(LinkNotValidError):
        _use(session, old, tmp_path)


@pytest.mark.parametrize("token", ["", "null", "undefined", " ", "x", "é" * 40, "0" * 64])
def test_nothing_else_is_a_link(session: Session, ada: UserRow, tmp_path: Path, token: str) -> None:
    links.create_link(session, ada, LinkPurpose.SIGN_IN)

    with pytest.raises(LinkNotValidError):
        _use(session, token, tmp_path)


def test_the_first_sign_in_may_choose_another_name(session: Session, ada: UserRow, tmp_path: Path) -> None:
    token = links.create_link(session, ada, LinkPurpose.SIGN_IN)

    _use(session, token, tmp_path, username="grace")

    assert [user.username for user in service.list_users(session)] == ["grace"]
    assert (tmp_path / "Users/grace/promptflow").is_dir()
    assert not (tmp_path / "Users/ada").exists()


def test_a_later_sign_in_keeps_its_name(session: Session, ada: UserRow, tmp_path: Path) -> None:
    sessions.open_session(session, "ada")
    token = links.create_link(session, ada, LinkPurpose.SIGN_IN)

    with pytest.raises(NameAlreadyChosenError):
        _use(session, token, tmp_path, username="grace")


def test_a_refused_name_leaves_the_link_usable(session: Session, ada: UserRow, tmp_path: Path) -> None:
    service.add_user(session, username="grace", password_hash=None, role=Role.AUTHOR, share_root=tmp_path)
    token = links.create_link(session, ada, LinkPurpose.SIGN_IN)

    with pytest.raises(UserExistsError):
        _use(session, token, tmp_path, username="grace")
    with pytest.raises(InvalidUsernameError):
        _use(session, token, tmp_path, username="../grace")

    assert _use(session, token, tmp_path).username == "ada"


def test_a_reset_link_sets_a_password_and_ends_everything_that_was_signed_in(
    session: Session, ada: UserRow, tmp_path: Path
) -> None:
    cookie = sessions.open_session(session, "ada").token
    token = sessions.issue_token(session, "ada").token

    _use(session, links.new_link_for(session, "ada"), tmp_path, hashed="new hash")
    session.flush()

    assert repository.get_user(session, "ada").password_hash == "new hash"
    assert sessions.identify_cookie(session, cookie) is None
    assert sessions.identify_token(session, token) is None


def test_there_is_no_link_for_nobody(session: Session) -> None:
    with pytest.raises(UserNotFoundError, match="There is no user 'ghost'"):
        links.new_link_for(session, "ghost")
    with pytest.raises(UserNotFoundError):
        links.new_link_for(session, None)
