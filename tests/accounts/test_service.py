"""Users: the first one, new ones, and what keeps a second account away."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from pfstudio.accounts import repository, service, sessions
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import (
    AdminRequiredError,
    AuthorRequiredError,
    InvalidUsernameError,
    IsolationRequiredError,
    NotYourFolderError,
    UserExistsError,
)
from pfstudio.accounts.passwords import Passwords
from pfstudio.db.models import UserRow

ADMIN = Actor("root", Role.ADMIN)


def _create(session: Session, share: Path, name: str = "ada", *, problem: str | None = None) -> UserRow:
    service.ensure_first_user(session, system_user=ADMIN.username)
    return service.create_user(
        session,
        actor=ADMIN,
        username=name,
        password_hash="x",
        role=Role.AUTHOR,
        isolation_problem=problem,
        share_root=share,
    )


def _ensure_admin(session: Session, share: Path, password: str, passwords: Passwords) -> UserRow:
    return service.ensure_admin(
        session,
        username="boss",
        password=password,
        passwords=passwords,
        isolation_problem=lambda: None,
        share_root=share,
    )


def test_the_first_user_is_an_admin_named_after_the_system_user(session: Session) -> None:
    user = service.ensure_first_user(session, system_user="Ada Lovelace")

    assert (user.username, user.role, user.password_hash) == ("ada-lovelace", "admin", None)


def test_the_first_user_is_made_once(session: Session) -> None:
    first = service.ensure_first_user(session, system_user="ada")
    again = service.ensure_first_user(session, system_user="somebody else")

    assert again.id == first.id
    assert repository.count_users(session) == 1


def test_a_new_user_gets_a_folder(session: Session, tmp_path: Path) -> None:
    user = _create(session, tmp_path)

    assert (tmp_path / "Users/ada/promptflow").is_dir()
    assert user.folder == "Users/ada/promptflow"


def test_a_name_is_given_once(session: Session, tmp_path: Path) -> None:
    _create(session, tmp_path)

    with pytest.raises(UserExistsError, match="There is already a user 'ada'"):
        _create(session, tmp_path)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR])
def test_only_admins_make_users(session: Session, tmp_path: Path, role: Role) -> None:
    with pytest.raises(AdminRequiredError):
        service.create_user(
            session,
            actor=Actor("eve", role),
            username="ada",
            password_hash="x",
            role=Role.ADMIN,
            isolation_problem=None,
            share_root=tmp_path,
        )


def test_without_isolation_there_is_no_second_account_and_the_words_to_waive_it_are_told(
    session: Session, tmp_path: Path
) -> None:
    with pytest.raises(IsolationRequiredError) as caught:
        _create(session, tmp_path, problem="bwrap is missing.")

    assert "bwrap is missing." in str(caught.value)
    assert f'PFSTUDIO_ISOLATION_WAIVER="{service.WAIVER}"' in str(caught.value)
    assert not (tmp_path / "Users").exists()


def test_a_link_planted_in_the_share_is_not_followed_for_a_new_users_folder(session: Session, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "share/Users").mkdir(parents=True)
    (tmp_path / "share/Users/ada").symlink_to(elsewhere)

    with pytest.raises(InvalidUsernameError, match="stands in the share already"):
        _create(session, tmp_path / "share")

    assert list(elsewhere.iterdir()) == []


def test_the_admin_of_the_settings_is_made_and_signs_in(session: Session, tmp_path: Path) -> None:
    passwords = Passwords()

    user = _ensure_admin(session, tmp_path, "correct horse", passwords)

    assert user.role == "admin"
    assert passwords.fits(user.password_hash, "correct horse")


def test_another_password_in_the_settings_takes_over_and_ends_old_sign_ins(session: Session, tmp_path: Path) -> None:
    passwords = Passwords()
    _ensure_admin(session, tmp_path, "correct horse", passwords)
    old = sessions.open_session(session, "boss")

    user = _ensure_admin(session, tmp_path, "battery staple", passwords)

    assert passwords.fits(user.password_hash, "battery staple")
    assert sessions.identify_cookie(session, old.token) is None


def test_the_same_password_in_the_settings_ends_no_session(session: Session, tmp_path: Path) -> None:
    passwords = Passwords()
    _ensure_admin(session, tmp_path, "correct horse", passwords)
    kept = sessions.open_session(session, "boss")

    _ensure_admin(session, tmp_path, "correct horse", passwords)

    assert sessions.identify_cookie(session, kept.token) is not None


def test_an_author_writes_only_their_own_folder_even_beside_a_similar_name() -> None:
    bob = Actor("bob", Role.AUTHOR)

    bob.require_write("bob")
    for other in ("bob2", "bo", "", "Bob", "bob/../ada"):
        with pytest.raises(NotYourFolderError):
            bob.require_write(other)


def test_a_viewer_writes_nothing_and_an_admin_everything() -> None:
    with pytest.raises(AuthorRequiredError):
        Actor("bob", Role.VIEWER).require_write("bob")
    ADMIN.require_write("bob")
