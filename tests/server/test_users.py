"""Users over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pfstudio.accounts.service import WAIVER
from pfstudio.sandbox.isolation import Isolation
from studios import PASSWORD, People

NEW = {"username": "carol", "password": PASSWORD, "role": "author"}
NOT_ISOLATED = Isolation("none", "bubblewrap (bwrap) is not installed", "none", "host")


def test_everyone_signed_in_sees_who_works_here(people: People) -> None:
    users = people.browser("vic").get("/api/users").json()["users"]

    assert [user["username"] for user in users] == ["bob", "bob2", "root", "vic"]
    assert set(users[0]) == {
        "username", "role", "created", "folder", "is_disabled", "has_password", "last_sign_in_at"
    }  # fmt: skip
    assert (users[0]["has_password"], users[0]["last_sign_in_at"]) == (None, None)  # Of no concern to others.


def test_an_admin_makes_a_user_with_a_folder(people: People) -> None:
    answer = people.browser("root").post("/api/users", json=NEW)

    assert answer.status_code == 201
    assert answer.json()["folder"] == "Users/carol/promptflow"
    assert (people.share / "Users/carol/promptflow").is_dir()
    signed_in = people.anonymous().post("/api/auth/session", json={"username": "carol", "password": PASSWORD})
    assert signed_in.status_code == 200


@pytest.mark.parametrize("username", ["bob", "vic"])
def test_nobody_else_makes_users(people: People, username: str) -> None:
    answer = people.browser(username).post("/api/users", json={**NEW, "role": "admin"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"username": "bob"}, 409, "user_exists"),
        ({"username": "../root"}, 400, "invalid_username"),
        ({"username": "Carol"}, 400, "invalid_username"),
        ({"password": "short"}, 400, "invalid_password"),
        ({"role": "god"}, 400, "invalid_request"),
        ({"id": 1}, 400, "invalid_request"),
        ({"password_hash": "x"}, 400, "invalid_request"),
    ],
)
def test_what_cannot_be_a_user_is_refused_in_words(
    people: People, change: dict[str, object], status: int, code: str
) -> None:
    answer = people.browser("root").post("/api/users", json={**NEW, **change})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(answer.json()["detail"]) > 20


def test_without_isolation_a_second_account_is_409(people: People) -> None:
    people.studio.__dict__["isolation"] = NOT_ISOLATED

    answer = people.browser("root").post("/api/users", json=NEW)

    assert answer.status_code == 409
    assert answer.json()["code"] == "isolation_required"
    assert "bwrap" in answer.json()["detail"]


@pytest.mark.parametrize(("waiver", "status"), [(WAIVER, 201), (WAIVER.lower(), 409), ("yes", 409), (None, 409)])
def test_only_the_exact_words_waive_isolation(
    make_people: Callable[..., People], waiver: str | None, status: int
) -> None:
    people = make_people(isolation_waiver=waiver)
    people.studio.__dict__["isolation"] = NOT_ISOLATED

    assert people.browser("root").post("/api/users", json=NEW).status_code == status


def test_missing_isolation_is_told_to_everyone_who_signs_in(people: People) -> None:
    people.studio.__dict__["isolation"] = NOT_ISOLATED

    isolation = people.browser("bob").get("/api/auth/session").json()["studio"]["isolation"]

    assert isolation["active"] is False
    assert "bwrap" in isolation["note"]
