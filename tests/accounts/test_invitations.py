"""Invitations: once, for one person, with what the admin said and nothing more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from pfstudio.accounts import invitations, service
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import (
    AdminRequiredError,
    InvalidInvitationError,
    InvalidUsernameError,
    InvitationNotFoundError,
    IsolationRequiredError,
    LinkNotValidError,
    UserExistsError,
)
from pfstudio.accounts.invitations import NewInvitation
from pfstudio.db.models import UserRow
from pfstudio.kit import clock

ADA = Actor("ada", Role.ADMIN)


@pytest.fixture(autouse=True)
def _ada(session: Session) -> UserRow:
    return service.ensure_first_user(session, system_user="ada")


def _invite(session: Session, *, username: str | None = None, days: int = 7, actor: Actor = ADA) -> NewInvitation:
    return invitations.create_invitation(
        session, actor=actor, role=Role.VIEWER, username=username, days=days, isolation_problem=None
    )


def _accept(
    session: Session, secret: str, share: Path, *, username: str | None = "bob", problem: str | None = None
) -> UserRow:
    return invitations.accept_invitation(
        session, secret, username=username, password_hash="hash", isolation_problem=problem, share_root=share
    )


def test_whoever_has_the_link_makes_their_account_with_the_role_of_the_invitation(
    session: Session, tmp_path: Path
) -> None:
    user = _accept(session, _invite(session).secret, tmp_path)

    assert (user.username, user.role, user.password_hash) == ("bob", "viewer", "hash")
    assert (tmp_path / "Users/bob/promptflow").is_dir()


def test_an_invitation_works_once(session: Session, tmp_path: Path) -> None:
    secret = _invite(session).secret
    _accept(session, secret, tmp_path)

    with pytest.raises(LinkNotValidError):
        _accept(session, secret, tmp_path, username="eve")


def test_the_name_of_the_invitation_is_the_only_one(session: Session, tmp_path: Path) -> None:
    secret = _invite(session, username="bob").secret

    with pytest.raises(InvalidUsernameError, match="the invitation is for 'bob'"):
        _accept(session, secret, tmp_path, username="eve")
    assert _accept(session, secret, tmp_path, username=None).username == "bob"


def test_nobody_takes_over_the_folder_of_somebody_who_was_removed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "Users/old").mkdir(parents=True)

    with pytest.raises(InvalidUsernameError, match="a folder of this name is on the share already"):
        _accept(session, _invite(session).secret, tmp_path, username="old")
    assert _accept(session, _invite(session, username="old").secret, tmp_path, username="old").username == "old"


@pytest.mark.parametrize("name", ["../bob", "", "Bob", "a/b", "con", "x" * 40, "bob\0", "\uff41da"])
def test_odd_names_leave_the_invitation_usable(session: Session, tmp_path: Path, name: str) -> None:
    secret = _invite(session).secret

    with pytest.raises(InvalidUsernameError):
        _accept(session, secret, tmp_path, username=name)
    with pytest.raises(UserExistsError):
        _accept(session, secret, tmp_path, username="ada")

    assert _accept(session, secret, tmp_path).username == "bob"


def test_an_invitation_expires(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = _invite(session, days=1).secret
    monkeypatch.setattr(invitations, "utc_now", lambda: clock.utc_now() + timedelta(days=1, seconds=1))

    with pytest.raises(LinkNotValidError):
        _accept(session, secret, tmp_path)
    assert invitations.list_invitations(session, actor=ADA) == []


def test_a_withdrawn_invitation_is_none(session: Session, tmp_path: Path) -> None:
    made = _invite(session)

    invitations.withdraw_invitation(session, made.row.id, actor=ADA)

    with pytest.raises(LinkNotValidError):
        _accept(session, made.secret, tmp_path)
    with pytest.raises(InvitationNotFoundError):
        invitations.withdraw_invitation(session, made.row.id, actor=ADA)


@pytest.mark.parametrize("days", [0, -1, 31, 10**9])
def test_an_invitation_has_an_end_within_a_month(session: Session, days: int) -> None:
    with pytest.raises(InvalidInvitationError):
        _invite(session, days=days)


def test_only_admins_invite(session: Session, tmp_path: Path) -> None:
    service.add_user(session, username="bob", password_hash="x", role=Role.AUTHOR, share_root=tmp_path)

    for actor in (Actor("bob", Role.AUTHOR), Actor("bob", Role.ADMIN), Actor("ghost", Role.ADMIN)):
        with pytest.raises(AdminRequiredError):
            _invite(session, actor=actor)


def test_without_isolation_nobody_is_added_by_an_invitation(session: Session, tmp_path: Path) -> None:
    secret = _invite(session).secret

    with pytest.raises(IsolationRequiredError):
        _accept(session, secret, tmp_path, problem="bwrap is missing.")
    with pytest.raises(IsolationRequiredError):
        invitations.create_invitation(
            session, actor=ADA, role=Role.VIEWER, username=None, days=1, isolation_problem="bwrap is missing."
        )
