"""Signing in and out, as the pages and scripts do it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pfstudio.accounts import links, repository, service
from pfstudio.accounts.actor import Role
from pfstudio.accounts.links import LinkPurpose
from pfstudio.server.app import create_app
from studios import ADDRESS, COOKIE, PASSWORD, People


def _link(people: People, username: str = "fresh") -> str:
    """The secret of a link of a user who has never signed in."""
    with people.studio.database.write() as session:
        user = repository.find_user(session, username) or service.add_user(
            session, username=username, password_hash=None, role="admin", share_root=None
        )
        return links.create_link(session, user, LinkPurpose.SIGN_IN)


def test_a_name_and_a_password_sign_in_with_a_cookie_that_scripts_cannot_read(people: People) -> None:
    client = people.anonymous(Origin=ADDRESS)

    answer = client.post("/api/auth/session", json={"username": "bob", "password": PASSWORD})

    assert answer.status_code == 200
    body = answer.json()
    assert (body["username"], body["role"]) == ("bob", "author")
    assert body["studio"]["share_root"] == "Users/bob/promptflow"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/;" in cookie
    assert "Secure" not in cookie
    client.headers["X-CSRF-Token"] = body["csrf_token"]
    assert client.get("/api/auth/session").json()["username"] == "bob"


@pytest.mark.parametrize(("username", "password"), [("bob", "wrong horse"), ("nobody", PASSWORD), ("bob", "x" * 900)])
def test_wrong_credentials_are_one_sentence_and_no_cookie(people: People, username: str, password: str) -> None:
    answer = people.anonymous().post("/api/auth/session", json={"username": username, "password": password})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "wrong_credentials"
    assert "set-cookie" not in answer.headers


def test_guessing_is_answered_with_429_and_how_long_to_wait(people: People) -> None:
    client = people.anonymous()
    codes = [
        client.post("/api/auth/token", json={"username": "bob", "password": "wrong horse"}).status_code
        for _ in range(9)
    ]
    assert codes == [401] * 8 + [429]

    answer = client.post("/api/auth/session", json={"username": "bob", "password": PASSWORD})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 300


def test_guessing_counts_for_all_web_processes_together(people: People) -> None:
    other = People(create_app(people.studio.settings))
    wrong = {"username": "bob", "password": "wrong horse"}
    codes = [
        found.anonymous().post("/api/auth/token", json=wrong).status_code for _ in range(5) for found in (people, other)
    ]
    other.studio.close()

    assert codes == [401] * 8 + [429] * 2


NEW_PASSWORD = "battery staple"


def test_a_new_password_of_ones_own_ends_everything_but_this_session(people: People) -> None:
    here, elsewhere, script = people.browser("bob"), people.browser("bob"), people.script("bob")
    stranger = people.browser("bob2")

    answer = here.post("/api/auth/password", json={"current": PASSWORD, "new": NEW_PASSWORD})

    assert (answer.status_code, answer.content) == (204, b"")
    signed_in = [client.get("/api/auth/session").status_code for client in (here, elsewhere, script, stranger)]
    assert signed_in == [200, 401, 401, 200]
    for password, status in ((PASSWORD, 401), (NEW_PASSWORD, 200)):
        body = {"username": "bob", "password": password}
        assert people.anonymous().post("/api/auth/session", json=body).status_code == status


def test_a_script_changes_the_password_and_keeps_its_token(people: People) -> None:
    browser, script = people.browser("vic"), people.script("vic")

    answer = script.post("/api/auth/password", json={"current": PASSWORD, "new": NEW_PASSWORD})

    assert answer.status_code == 204
    assert [client.get("/api/users").status_code for client in (script, browser)] == [200, 401]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"current": "wrong horse", "new": NEW_PASSWORD}, 403, "wrong_password"),
        ({"new": NEW_PASSWORD}, 403, "wrong_password"),
        ({"current": PASSWORD, "new": "short"}, 400, "invalid_password"),
        ({"current": PASSWORD, "new": "x" * 300}, 400, "invalid_password"),
        ({"current": PASSWORD}, 400, "invalid_request"),
        ({"current": PASSWORD, "new": NEW_PASSWORD, "username": "root"}, 400, "invalid_request"),
    ],
)
def test_a_password_that_is_not_changed_ends_nothing(
    people: People, body: dict[str, str], status: int, code: str
) -> None:
    here, elsewhere = people.browser("bob"), people.browser("bob")

    answer = here.post("/api/auth/password", json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert elsewhere.get("/api/auth/session").status_code == 200


def test_whoever_has_a_session_cannot_guess_its_password_for_long(people: People) -> None:
    here = people.browser("bob")

    codes = [
        here.post("/api/auth/password", json={"current": f"guess {n}", "new": NEW_PASSWORD}).status_code
        for n in range(10)
    ]

    assert codes == [403] * 8 + [429] * 2


def test_who_signed_in_by_a_link_sets_a_first_password(people: People) -> None:
    with people.studio.database.write() as session:
        service.add_user(session, username="carol", password_hash=None, role=Role.AUTHOR, share_root=None)

    assert people.browser("carol").post("/api/auth/password", json={"new": NEW_PASSWORD}).status_code == 204

    body = {"username": "carol", "password": NEW_PASSWORD}
    assert people.anonymous().post("/api/auth/session", json=body).status_code == 200


def test_signing_out_ends_the_session_and_makes_the_browser_forget_it(people: People) -> None:
    client = people.browser("bob")

    answer = client.delete("/api/auth/session")

    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    client.cookies.set(COOKIE, "kept anyway")
    assert client.get("/api/auth/session").status_code == 401


def test_nobody_signed_in_is_401(people: People) -> None:
    answer = people.anonymous().get("/api/auth/session")

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


def test_a_token_signs_scripts_in_without_origin_or_csrf_token(people: People) -> None:
    answer = people.anonymous().post("/api/auth/token", json={"username": "root", "password": PASSWORD})
    assert set(answer.json()) == {"token", "expires_at"}

    script = people.anonymous(Authorization=f"Bearer {answer.json()['token']}")

    assert script.get("/api/auth/session").json()["username"] == "root"
    assert script.post("/api/connections", json={"name": "x"}).status_code == 400


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer null", "Basic Ym9iOmJvYg==", "bearer x y", "pfs_x"])
def test_a_header_that_is_no_token_is_not_helped_by_a_cookie(people: People, header: str) -> None:
    client = people.browser("bob")

    assert client.get("/api/users", headers={"Authorization": header}).status_code == 401


def test_the_first_link_signs_in_under_the_name_and_password_that_are_chosen(people: People) -> None:
    token = _link(people)
    client = people.anonymous(Origin=ADDRESS)
    assert client.post("/api/auth/link/read", json={"token": token}).json() == {
        "username": "fresh",
        "purpose": "sign_in",
        "may_choose_name": True,
        "must_set_password": False,
        "role": "admin",
        "invited_by": None,
    }

    answer = client.post("/api/auth/link", json={"token": token, "username": "grace", "password": "hopper rules"})

    assert answer.status_code == 200
    assert answer.json()["username"] == "grace"
    assert (people.share / "Users/grace/promptflow").is_dir()
    again = people.anonymous().post("/api/auth/session", json={"username": "grace", "password": "hopper rules"})
    assert again.status_code == 200


def test_a_link_works_once(people: People) -> None:
    token = _link(people)
    assert people.anonymous().post("/api/auth/link", json={"token": token}).status_code == 200

    answer = people.anonymous().post("/api/auth/link", json={"token": token})

    assert answer.status_code == 401
    assert answer.json()["code"] == "link_not_valid"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "../etc"}, "invalid_username"),
        ({"username": "bob"}, "user_exists"),
        ({"password": "short"}, "invalid_password"),
        ({"username": "hopper77", "password": "hopper77"}, "invalid_password"),
    ],
)
def test_what_is_refused_at_the_first_sign_in_leaves_the_link_usable(
    people: People, change: dict[str, str], code: str
) -> None:
    token = _link(people)

    refused = people.anonymous().post("/api/auth/link", json={"token": token, **change})

    assert refused.json()["code"] == code
    assert people.anonymous().post("/api/auth/link", json={"token": token}).status_code == 200


@pytest.mark.parametrize("token", [None, "", [], {}, 0, False, ["x"], "null", "undefined"])
def test_no_token_of_a_wrong_kind_signs_in(people: People, token: object) -> None:
    _link(people)

    answer = people.anonymous().post("/api/auth/link", json={"token": token})

    assert answer.status_code in (400, 401)
    assert "set-cookie" not in answer.headers


def test_a_reset_link_lets_a_new_password_in_and_the_old_sessions_out(people: People) -> None:
    before = people.browser("bob")
    token_before = people.script("bob")
    with people.studio.database.write() as session:
        token = links.new_link_for(session, "bob")

    people.anonymous().post("/api/auth/link", json={"token": token, "password": "brand new words"})

    assert before.get("/api/auth/session").status_code == 401
    assert token_before.get("/api/users").status_code == 401
    answers = [
        people.anonymous().post("/api/auth/session", json={"username": "bob", "password": password}).status_code
        for password in (PASSWORD, "brand new words")
    ]
    assert answers == [401, 200]


def test_behind_https_the_cookie_is_secure_and_below_a_prefix_it_stays_there(
    make_people: Callable[..., People],
) -> None:
    people = make_people(trusted_proxies=("testclient",), allowed_hosts=("studio.example",), base_path="/studio")
    client = people.anonymous(
        Origin="https://studio.example", **{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "studio.example"}
    )

    answer = client.post("/studio/api/auth/session", json={"username": "bob", "password": PASSWORD})

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Secure-pfstudio_session=")
    assert "Secure" in cookie.split("; ")
    assert "Path=/studio" in cookie.split("; ")


def test_two_studios_on_one_machine_do_not_share_a_cookie(people: People) -> None:
    client = people.anonymous()

    answer = client.post(
        "/api/auth/session", json={"username": "bob", "password": PASSWORD}, headers={"Host": "localhost:8011"}
    )

    assert answer.headers["set-cookie"].startswith("pfstudio_session_8011=")
