"""Accounts over HTTP: roles, disabling, removing, resetting, inviting. Rows 19 and 30 of the table of incidents."""

from __future__ import annotations

from typing import Any

import pytest

from pfstudio.sandbox.isolation import Isolation
from studios import ADDRESS, PASSWORD, People

NEW_PASSWORD = "battery staple"


def _secret(link: str) -> str:
    address, _, secret = link.partition("#token=")
    assert address == f"{ADDRESS}/sign-in"
    return secret


def _acts(people: People) -> list[tuple[str, str]]:
    from pfstudio.audit.service import Filters, all_entries

    with people.studio.database.read() as session:
        return [(entry.act, entry.subject) for entry in all_entries(session, Filters())]


def test_an_admin_changes_a_role_and_it_counts_at_once(people: People) -> None:
    bob = people.browser("bob")

    answer = people.browser("root").patch("/api/users/bob", json={"role": "viewer"})

    assert (answer.status_code, answer.json()["role"]) == (200, "viewer")
    assert bob.get("/api/auth/session").json()["role"] == "viewer"
    assert bob.post("/api/flows", json={"name": "x", "type": "standard"}).status_code == 403
    assert ("user.role_changed", "bob") in _acts(people)


def test_a_disabled_user_is_out_everywhere_and_told_so_only_with_the_right_password(people: People) -> None:
    browser, script, anonymous = people.browser("bob"), people.script("bob"), people.anonymous()

    assert people.browser("root").patch("/api/users/bob", json={"is_disabled": True}).json()["is_disabled"]

    assert [client.get("/api/users").status_code for client in (browser, script)] == [401, 401]
    for route in ("session", "token"):
        right = anonymous.post(f"/api/auth/{route}", json={"username": "bob", "password": PASSWORD})
        wrong = anonymous.post(f"/api/auth/{route}", json={"username": "bob", "password": "wrong horse"})
        assert (right.status_code, right.json()["code"]) == (403, "account_disabled")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")


def test_a_removed_user_is_nobody_and_the_folder_stays(people: People) -> None:
    browser, script = people.browser("bob"), people.script("bob")

    assert people.browser("root").delete("/api/users/bob").status_code == 204

    assert [client.get("/api/users").status_code for client in (browser, script)] == [401, 401]
    assert (people.share / "Users/bob/promptflow").is_dir()
    again = people.browser("root").delete("/api/users/bob")
    assert (again.status_code, again.json()["code"]) == (404, "user_not_found")


def test_the_last_admin_is_refused_in_a_sentence(people: People) -> None:
    root = people.browser("root")

    answers = [
        root.patch("/api/users/root", json={"role": "author"}),
        root.patch("/api/users/root", json={"is_disabled": True}),
        root.delete("/api/users/root"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "last_admin")] * 3
    assert root.get("/api/auth/session").json()["role"] == "admin"


@pytest.mark.parametrize(
    "body", [{"role": "owner"}, {"role": None, "username": "x"}, {"is_disabled": "perhaps"}, {"password_hash": "x"}, []]
)
def test_nothing_else_of_a_user_can_be_set(people: People, body: Any) -> None:
    answer = people.browser("root").patch("/api/users/bob", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_reset_link_sets_a_password_once_and_ends_everything_of_its_user(people: People) -> None:
    browser, script = people.browser("bob"), people.script("bob")
    made = people.browser("root").post("/api/users/bob/reset").json()
    token = _secret(made["link"])
    assert people.anonymous().post("/api/auth/link/read", json={"token": token}).json()["must_set_password"] is True
    assert browser.get("/api/users").status_code == 200  # Nothing has happened yet.

    without = people.anonymous().post("/api/auth/link", json={"token": token})
    answer = people.anonymous().post("/api/auth/link", json={"token": token, "password": NEW_PASSWORD})
    again = people.anonymous().post("/api/auth/link", json={"token": token, "password": "something else"})

    assert (without.status_code, without.json()["code"]) == (400, "new_password_needed")
    assert (answer.status_code, answer.json()["username"]) == (200, "bob")
    assert (again.status_code, again.json()["code"]) == (401, "link_not_valid")
    assert [client.get("/api/users").status_code for client in (browser, script)] == [401, 401]
    body = {"username": "bob", "password": NEW_PASSWORD}
    assert people.anonymous().post("/api/auth/session", json=body).status_code == 200


@pytest.mark.parametrize("token", [None, "", [], {}, 0, True, "null", " ", "x" * 5000, "é", "\0", ["x"], {"$ne": ""}])
def test_row_19_no_odd_token_resets_anything(people: People, token: Any) -> None:
    people.browser("root").post("/api/users/bob/reset")
    anonymous = people.anonymous()

    for route, body in (("link", {"token": token, "password": NEW_PASSWORD}), ("link/read", {"token": token})):
        answer = anonymous.post(f"/api/auth/{route}", json=body)
        assert answer.status_code in (400, 401)

    assert anonymous.post("/api/auth/session", json={"username": "bob", "password": PASSWORD}).status_code == 200


def test_a_token_that_is_none_costs_no_hashing(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(people.studio.passwords, "hash", hashed.append)
    body = {"token": "x" * 43, "username": "eve", "password": NEW_PASSWORD}

    assert people.anonymous().post("/api/auth/link", json=body).status_code == 401
    assert hashed == []


def test_somebody_who_is_invited_makes_their_account_and_works(people: People) -> None:
    made = people.browser("root").post("/api/invitations", json={"role": "author", "expires_in_days": 3}).json()
    token = _secret(made["link"])
    read = people.anonymous().post("/api/auth/link/read", json={"token": token}).json()
    assert read == {
        "username": "",
        "purpose": "invitation",
        "may_choose_name": True,
        "must_set_password": True,
        "role": "author",
        "invited_by": "root",
    }
    client = people.anonymous(Origin=ADDRESS)

    for body, code in (
        ({"username": "carol"}, "new_password_needed"),
        ({"username": "bob", "password": NEW_PASSWORD}, "user_exists"),
        ({"username": "carol", "password": "short"}, "invalid_password"),
        ({"username": "../x", "password": NEW_PASSWORD}, "invalid_username"),
        ({"username": "carol", "password": NEW_PASSWORD, "role": "admin"}, "invalid_request"),
    ):
        assert client.post("/api/auth/link", json={"token": token, **body}).json()["code"] == code
    answer = client.post("/api/auth/link", json={"token": token, "username": "carol", "password": NEW_PASSWORD})

    assert (answer.status_code, answer.json()["role"]) == (200, "author")
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    assert client.post("/api/flows", json={"name": "mine", "type": "standard"}).status_code == 201
    assert people.browser("root").get("/api/invitations").json() == {"invitations": []}
    assert {("user.invited", ""), ("user.created", "carol"), ("sign_in.succeeded", "carol")} <= set(_acts(people))


def test_an_invitation_is_listed_without_its_link_and_can_be_withdrawn(people: People) -> None:
    root = people.browser("root")
    made = root.post("/api/invitations", json={"role": "viewer", "username": "carol"}).json()

    (listed,) = root.get("/api/invitations").json()["invitations"]
    assert listed == {key: value for key, value in made.items() if key != "link"}
    assert root.delete(f"/api/invitations/{made['id']}").status_code == 204

    body = {"token": _secret(made["link"]), "password": NEW_PASSWORD}
    assert people.anonymous().post("/api/auth/link", json=body).json()["code"] == "link_not_valid"


def test_without_isolation_nobody_is_invited(people: People) -> None:
    people.studio.__dict__["isolation"] = Isolation("none", "bwrap is missing.", "none", "host")

    answer = people.browser("root").post("/api/invitations", json={"role": "viewer"})

    assert (answer.status_code, answer.json()["code"]) == (409, "isolation_required")


def test_what_somebody_typed_as_a_name_is_not_kept(people: People) -> None:
    for name in ("bob", PASSWORD):
        people.anonymous().post("/api/auth/session", json={"username": name, "password": "wrong horse"})

    assert _acts(people) == [("sign_in.failed", "bob"), ("sign_in.failed", "")]
