"""The accounts that a start makes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from pfstudio.accounts import links, repository, service
from pfstudio.accounts.errors import IsolationRequiredError, LinkNotValidError
from pfstudio.accounts.links import LinkPurpose
from pfstudio.accounts.service import WAIVER
from pfstudio.db.session import Database
from pfstudio.sandbox.isolation import Isolation
from pfstudio.server.deps import Studio
from pfstudio.server.settings import Settings
from pfstudio.server.startup import prepare_accounts
from studios import PASSWORD, People

NOT_ISOLATED = Isolation("none", "bubblewrap (bwrap) is not installed", "none", "host")
ADMIN = {"admin_username": "boss", "admin_password": PASSWORD}


def _names(studio: Studio) -> list[str]:
    with studio.database.read() as session:
        return [user.username for user in service.list_users(session)]


def test_without_isolation_the_settings_add_no_admin_beside_other_users(
    make_people: Callable[..., People], caplog: pytest.LogCaptureFixture
) -> None:
    studio = make_people(**ADMIN).studio
    studio.__dict__["isolation"] = NOT_ISOLATED

    with caplog.at_level(logging.WARNING):
        assert prepare_accounts(studio, with_link=True) is None

    assert "boss" not in _names(studio)
    (line,) = [record.getMessage() for record in caplog.records]
    assert "'boss'" in line
    assert "bwrap" in line
    assert "PFSTUDIO_ISOLATION_WAIVER" in line
    assert PASSWORD not in line
    assert "\n" not in line


@pytest.mark.parametrize("is_waived", [True, False])
def test_with_isolation_or_the_words_the_settings_add_an_admin(
    make_people: Callable[..., People], is_waived: bool
) -> None:
    studio = make_people(**ADMIN, isolation_waiver=WAIVER if is_waived else None).studio
    studio.__dict__["isolation"] = NOT_ISOLATED if is_waived else Isolation("bubblewrap", "", "none", "host")

    prepare_accounts(studio, with_link=True)

    assert "boss" in _names(studio)


def test_the_admin_of_the_settings_who_is_there_already_needs_no_isolation(make_people: Callable[..., People]) -> None:
    studio = make_people(admin_username="root", admin_password=f"another {PASSWORD}").studio
    studio.__dict__["isolation"] = NOT_ISOLATED

    prepare_accounts(studio, with_link=True)

    with studio.database.read() as session:
        assert studio.passwords.fits(repository.get_user(session, "root").password_hash, f"another {PASSWORD}")


def test_reached_from_other_machines_it_does_not_start_without_anybody_who_can_sign_in(
    make_people: Callable[..., People],
) -> None:
    people = make_people(**ADMIN, host="0.0.0.0")
    studio = people.studio
    studio.__dict__["isolation"] = NOT_ISOLATED
    with studio.database.write() as session:
        repository.get_user(session, "root").password_hash = None

    with pytest.raises(IsolationRequiredError):
        prepare_accounts(studio, with_link=True)


def test_a_first_user_who_never_signed_in_becomes_the_admin_of_the_settings(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'pfstudio.db'}"
    (tmp_path / "pfstudio.db").write_bytes(migrated_sqlite.read_bytes())
    database = Database(url)
    with database.write() as session:
        token = links.create_link(session, service.ensure_first_user(session, system_user="ada"), LinkPurpose.SIGN_IN)
    database.close()
    studio = Studio(Settings(data=tmp_path, **ADMIN))
    studio.__dict__["isolation"] = NOT_ISOLATED

    prepare_accounts(studio, with_link=True)

    assert _names(studio) == ["boss"]
    assert (tmp_path / "share/Users/boss/promptflow").is_dir()
    with studio.database.read() as session, pytest.raises(LinkNotValidError):
        links.find_link(session, token)
    studio.close()
