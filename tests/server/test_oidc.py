"""Signing in by OpenID Connect: at a certified provider, and at one that lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from oidc_providers import SECRET, Liar, lying_provider, running_provider, sign_in_at_provider
from pfstudio.accounts.service import WAIVER
from pfstudio.db.models import UserRow
from studios import ADDRESS, COOKIE, People

GROUPS = {
    "oidc_admin_groups": ("Studio Admins",),
    "oidc_author_groups": ("authors",),
    "oidc_without_group": "viewer",
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running_provider(ADDRESS) as found:
        yield found


@pytest.fixture
def studio(issuer: str, make_people: Callable[..., People]) -> Callable[..., People]:
    def make(**settings: Any) -> People:
        settings = {"isolation_waiver": WAIVER, **settings}
        return make_people(oidc_issuer=issuer, oidc_client_id="studio", oidc_client_secret=SECRET, **settings)

    return make


def browser_of(people: People) -> TestClient:
    client = people.anonymous()
    client.follow_redirects = False
    return client


def begin(client: TestClient, then: str = "/flows") -> str:
    answer = client.get("/api/auth/oidc/start", params={"next": then})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def go_back(client: TestClient, address: str) -> str:
    answer = client.get(address.removeprefix(ADDRESS))
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def sign_in(people: People, person: str, then: str = "/flows") -> tuple[TestClient, str]:
    client = browser_of(people)
    return client, go_back(client, sign_in_at_provider(begin(client, then), person))


def me(client: TestClient) -> tuple[str, str]:
    session = client.get("/api/auth/session").json()
    return session["username"], session["role"]


def test_a_new_person_gets_an_account_after_their_claims_and_groups(studio: Callable[..., People]) -> None:
    people = studio(**GROUPS)

    client, went_on = sign_in(people, "anna-1", "/flows/Users/x?tab=1")

    assert went_on == "/flows/Users/x?tab=1"
    assert me(client) == ("anna.berg", "author")
    assert (people.share / "Users/anna.berg/promptflow").is_dir()
    told = people.script("root").get("/api/audit", params={"actor": "anna.berg"}).json()["entries"]
    assert {entry["act"] for entry in told} >= {"user.created", "user.identity_linked", "sign_in.succeeded"}
    assert me(sign_in(people, "anna-1")[0]) == ("anna.berg", "author")  # The same account again.


def test_an_equal_username_or_address_takes_nobodys_account_over(studio: Callable[..., People]) -> None:
    people = studio(**GROUPS)

    client, _ = sign_in(people, "bob-at-provider")

    assert me(client) == ("bob3", "viewer")  # bob and bob2 were there before.


def test_roles_follow_the_groups_at_the_next_sign_in_but_the_last_admin_stays(studio: Callable[..., People]) -> None:
    people = studio(**GROUPS)
    client, _ = sign_in(people, "boss-1")
    assert me(client) == ("boss", "admin")
    with people.studio.database.write() as session:
        for user in session.scalars(select(UserRow).where(UserRow.username.in_(["boss", "root"]))):
            user.role = "viewer" if user.username == "boss" else user.role

    assert me(sign_in(people, "boss-1")[0]) == ("boss", "admin")

    # The same studio, started with other groups.
    object.__setattr__(people.studio.settings, "oidc_admin_groups", ("others",))
    with people.studio.database.write() as session:
        session.scalars(select(UserRow).where(UserRow.username == "root")).one().role = "viewer"
    assert me(sign_in(people, "boss-1")[0]) == ("boss", "admin")
    with people.studio.database.write() as session:
        session.scalars(select(UserRow).where(UserRow.username == "root")).one().role = "admin"
    assert me(sign_in(people, "boss-1")[0]) == ("boss", "viewer")


def test_who_has_no_mapped_group_is_refused_where_the_settings_say_so(studio: Callable[..., People]) -> None:
    people = studio(**{**GROUPS, "oidc_without_group": "refuse"})

    client, went_on = sign_in(people, "bob-at-provider")

    assert went_on == "/sign-in?problem=oidc_no_group"
    assert client.get("/api/auth/session").status_code == 401
    assert not (people.share / "Users/bob3").exists()


def test_a_disabled_account_is_refused(studio: Callable[..., People]) -> None:
    people = studio(**GROUPS)
    sign_in(people, "anna-1")
    with people.studio.database.write() as session:
        session.scalars(select(UserRow).where(UserRow.username == "anna.berg")).one().is_disabled = True

    client, went_on = sign_in(people, "anna-1")

    assert went_on == "/sign-in?problem=account_disabled"
    assert client.get("/api/auth/session").status_code == 401


def test_a_code_serves_once_and_only_in_the_browser_that_began(studio: Callable[..., People]) -> None:
    people = studio(**GROUPS)
    client = browser_of(people)
    address = sign_in_at_provider(begin(client), "anna-1")
    pending = dict(client.cookies)

    assert go_back(browser_of(people), address) == "/sign-in?problem=oidc_pending"
    assert go_back(client, address) == "/flows"
    again = browser_of(people)
    for name, value in pending.items():
        again.cookies.set(name, value)
    assert go_back(again, address) == "/sign-in?problem=oidc_refused"
    assert COOKIE not in again.cookies


def test_another_state_is_refused_without_asking_the_provider(studio: Callable[..., People]) -> None:
    people = studio(**GROUPS)
    client = browser_of(people)
    address = sign_in_at_provider(begin(client), "anna-1")
    state = parse_qs(urlsplit(address).query)["state"][0]

    assert go_back(client, address.replace(state, "x" * len(state))) == "/sign-in?problem=oidc_pending"
    assert COOKIE not in client.cookies


def test_a_code_of_another_begun_sign_in_does_not_fit_its_verifier(studio: Callable[..., People], issuer: str) -> None:
    people = studio(**GROUPS)
    attacker, victim = browser_of(people), browser_of(people)
    stolen = parse_qs(urlsplit(sign_in_at_provider(begin(attacker), "boss-1")).query)["code"][0]
    own = parse_qs(urlsplit(begin(victim)).query)["state"][0]

    location = go_back(victim, f"{ADDRESS}/api/auth/oidc/callback?code={stolen}&state={own}&iss={issuer}")

    assert location == "/sign-in?problem=oidc_refused"


def test_the_provider_refuses_an_address_to_come_back_to_that_it_does_not_know(studio: Callable[..., People]) -> None:
    people = studio(allowed_hosts=("other.example",), **GROUPS)
    client = TestClient(people.app, base_url="http://other.example", follow_redirects=False)

    with pytest.raises(AssertionError, match="redirect_uri"):
        sign_in_at_provider(begin(client), "anna-1")


def test_next_never_leads_elsewhere(studio: Callable[..., People]) -> None:
    people = studio(**GROUPS)
    for then in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "evil",
        "",
        "javascript:x",
        "/\r\nX: y",
    ):
        client = browser_of(people)
        assert go_back(client, sign_in_at_provider(begin(client, then), "anna-1")) == "/", then


def test_behind_a_proxy_with_a_prefix_the_cookies_are_secure_and_addresses_are_the_publics(
    studio: Callable[..., People],
) -> None:
    people = studio(base_path="/studio", trusted_proxies=("testclient",), allowed_hosts=("pf.example",))
    client = TestClient(people.app, base_url="http://10.0.0.2", follow_redirects=False)
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "pf.example"}

    answer = client.get("/studio/api/auth/oidc/start", headers=forwarded)

    sent = parse_qs(urlsplit(answer.headers["location"]).query)
    assert sent["redirect_uri"] == ["https://pf.example/studio/api/auth/oidc/callback"]
    assert (sent["code_challenge_method"], sent["response_type"]) == (["S256"], ["code"])
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Secure-pfstudio_oidc=")
    for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/studio/api/auth/oidc"):
        assert part in cookie


def test_one_may_link_the_providers_account_to_ones_own(studio: Callable[..., People]) -> None:
    people = studio()
    bob = people.browser("bob")
    bob.follow_redirects = False
    address = bob.post("/api/auth/oidc/link").json()["address"]

    assert go_back(bob, sign_in_at_provider(address, "bob-at-provider")) == "/settings"

    assert me(sign_in(people, "bob-at-provider")[0]) == ("bob", "author")
    other = people.browser("bob2")
    other.follow_redirects = False
    address = other.post("/api/auth/oidc/link").json()["address"]
    assert go_back(other, sign_in_at_provider(address, "bob-at-provider")) == "/sign-in?problem=oidc_refused"


def test_signing_out_ends_the_session_and_offers_the_providers_end(studio: Callable[..., People]) -> None:
    people = studio(**GROUPS)
    client, _ = sign_in(people, "anna-1")
    csrf = client.get("/api/auth/session").json()["csrf_token"]

    assert client.delete("/api/auth/session", headers={"X-CSRF-Token": csrf, "Origin": ADDRESS}).status_code == 204

    assert client.get("/api/auth/session").status_code == 401
    assert client.get("/api/auth/oidc").json() == {"name": "single sign-on", "signed_in": True}
    left = client.get("/api/auth/oidc/sign-out").headers["location"]
    assert parse_qs(urlsplit(left).query)["post_logout_redirect_uri"] == [f"{ADDRESS}/sign-in"]
    assert client.get("/api/auth/oidc").json()["signed_in"] is False


@pytest.fixture
def liar() -> Iterator[Liar]:
    with lying_provider() as found:
        yield found


@pytest.fixture
def people_of_liar(liar: Liar, make_people: Callable[..., People]) -> People:
    return make_people(
        oidc_issuer=liar.issuer, oidc_client_id="studio", oidc_without_group="viewer", isolation_waiver=WAIVER
    )


def try_liar(liar: Liar, people: People, answer: dict[str, str] | None = None) -> str:
    people.studio.__dict__.pop("oidc", None)  # What was read of the provider before is forgotten.
    client = browser_of(people)
    begun = client.get("/api/auth/oidc/start")
    sent = parse_qs(urlsplit(begun.headers["location"]).query)
    if "nonce" not in sent:
        return str(begun.headers["location"])
    liar.nonce = sent["nonce"][0]
    back = client.get("/api/auth/oidc/callback", params={"code": "c", "state": sent["state"][0], **(answer or {})})
    assert (COOKIE in client.cookies) == (back.headers["location"] == "/")
    return str(back.headers["location"])


def test_claims_that_do_not_hold_sign_nobody_in(liar: Liar, people_of_liar: People) -> None:
    assert try_liar(liar, people_of_liar) == "/"  # With nothing wrong it is believed.
    wrong: list[dict[str, Any]] = [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": ["studio", "another"]},
        {"azp": "another"},
        {"iss": "https://another.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": 99_999_999_999},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
    ]
    for claims in wrong:
        liar.claims = claims
        assert try_liar(liar, people_of_liar) == "/sign-in?problem=oidc_token", claims


def test_a_token_that_the_provider_did_not_sign_signs_nobody_in(liar: Liar, people_of_liar: People) -> None:
    for algorithm, signs_with in (("none", "own"), ("HS256", "own"), ("RS256", "strange")):
        liar.algorithm, liar.signs_with = algorithm, signs_with
        assert try_liar(liar, people_of_liar) == "/sign-in?problem=oidc_token", (algorithm, signs_with)


def test_what_is_told_about_somebody_else_does_not_count(liar: Liar, people_of_liar: People) -> None:
    liar.user_info = {"sub": "another", "groups": ["Studio Admins"]}

    assert try_liar(liar, people_of_liar) == "/sign-in?problem=oidc_token"


def test_a_providers_description_of_itself_is_not_believed_blindly(liar: Liar, people_of_liar: People) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"issuer": "https://another.example"}, "oidc_unreachable"),
        ({"authorization_endpoint": "http://elsewhere.example/auth"}, "oidc_unreachable"),
        ({"token_endpoint": "http://169.254.169.254/token"}, "oidc_unreachable"),
        ({"jwks_uri": "file:///etc/passwd"}, "oidc_unreachable"),
        ({"authorization_response_iss_parameter_supported": True}, "oidc_token"),
    ]
    for metadata, problem in wrong:
        liar.metadata = metadata
        assert try_liar(liar, people_of_liar) == f"/sign-in?problem={problem}", metadata


def test_an_answer_of_another_issuer_is_not_exchanged(liar: Liar, people_of_liar: People) -> None:
    assert try_liar(liar, people_of_liar, {"iss": "https://another.example"}) == "/sign-in?problem=oidc_token"
    assert "/token" not in liar.calls


def test_a_provider_that_is_not_there_is_said_on_the_sign_in_page(make_people: Callable[..., People]) -> None:
    people = make_people(oidc_issuer="http://127.0.0.1:9", oidc_client_id="studio")

    answer = browser_of(people).get("/api/auth/oidc/start")

    assert answer.headers["location"] == "/sign-in?problem=oidc_unreachable"
