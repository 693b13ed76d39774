"""Two requests at the same moment: one of them wins, and the other is told so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pfstudio.accounts import invitations, people, repository, service
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import AdminRequiredError, LinkNotValidError
from pfstudio.db.session import Database

ADA = Actor("ada", Role.ADMIN)
GRACE = Actor("grace", Role.ADMIN)


@pytest.mark.parametrize("act", ["demote", "disable", "remove"])
def test_of_two_admins_who_turn_on_each_other_at_once_one_stays(database: Database, tmp_path: Path, act: str) -> None:
    with database.write() as session:
        for username in ("ada", "grace"):
            service.add_user(session, username=username, password_hash="x", role=Role.ADMIN, share_root=tmp_path)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def turn(actor: Actor, other: str) -> None:
        start.wait()
        try:
            with database.write() as session:
                if act == "remove":
                    people.remove_user(session, other, actor=actor)
                elif act == "disable":
                    people.change_user(session, other, actor=actor, is_disabled=True)
                else:
                    people.change_user(session, other, actor=actor, role=Role.VIEWER)
            outcomes.append("done")
        except AdminRequiredError:
            outcomes.append("refused")

    threads = [threading.Thread(target=turn, args=pair) for pair in ((ADA, "grace"), (GRACE, "ada"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]
    with database.read() as session:
        assert repository.count_admins(session) == 1


def test_of_two_who_accept_at_the_same_moment_one_gets_in(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        service.ensure_first_user(session, system_user="ada")
        secret = invitations.create_invitation(
            session, actor=ADA, role=Role.VIEWER, username=None, days=7, isolation_problem=None
        ).secret
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def accept(username: str) -> None:
        start.wait()
        try:
            with database.write() as session:
                invitations.accept_invitation(
                    session,
                    secret,
                    username=username,
                    password_hash="hash",
                    isolation_problem=None,
                    share_root=tmp_path,
                )
            outcomes.append("in")
        except LinkNotValidError:
            outcomes.append("refused")

    threads = [threading.Thread(target=accept, args=(name,)) for name in ("bob", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in", "refused"]
