"""Signing in through a provider's own pages, and what the audit log tells of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from e2e.axe import violations
from e2e.process import Studio, free_port, start_studio, stop_studio
from oidc_providers import SECRET, running_provider


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    port = free_port()
    with running_provider(f"http://127.0.0.1:{port}") as issuer:
        settings = {
            "PFSTUDIO_OIDC_ISSUER": issuer,
            "PFSTUDIO_OIDC_CLIENT_ID": "studio",
            "PFSTUDIO_OIDC_CLIENT_SECRET": SECRET,
            "PFSTUDIO_OIDC_NAME": "Example Login",
            "PFSTUDIO_OIDC_ADMIN_GROUPS": "Studio Admins",
            "PFSTUDIO_OIDC_AUTHOR_GROUPS": "authors",
        }
        running = start_studio(tmp_path_factory.mktemp("data"), port=port, **settings)
        yield running
        stop_studio(running)


@pytest.fixture
def stranger(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile that nobody has used."""
    profile = browser.new_context(viewport={"width": 1280, "height": 800})
    yield profile
    profile.close()


def sign_in(profile: BrowserContext, studio: Studio, person: str, then: str = "/flows") -> Page:
    page = profile.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{studio.address}/sign-in?next={then}")
    page.get_by_role("link", name="Sign in with Example Login").click()
    page.get_by_placeholder("Enter any login").fill(person)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    return page


def test_a_person_signs_in_at_the_providers_page_and_comes_back_to_where_they_went(
    stranger: BrowserContext, studio: Studio
) -> None:
    page = sign_in(stranger, studio, "anna-1", "/connections")

    page.wait_for_url("**/connections")
    page.goto(f"{studio.address}/settings")
    expect(page.get_by_text("anna.berg (author)")).to_be_visible()
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)


def test_who_is_in_no_group_reads_why_on_the_sign_in_page(stranger: BrowserContext, studio: Studio) -> None:
    page = sign_in(stranger, studio, "bob-at-provider")

    expect(page.get_by_role("alert")).to_contain_text("You are in none of the groups")
    assert violations(page) == []


def test_an_admin_reads_narrows_and_downloads_the_audit_log(stranger: BrowserContext, studio: Studio) -> None:
    page = sign_in(stranger, studio, "boss-1", "/settings")
    page.get_by_role("link", name="Audit log").click()

    table = page.get_by_role("table", name="Audit log")
    expect(table.get_by_text("Sign in succeeded").first).to_be_visible()
    expect(table.get_by_text("User created").first).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Act").select_option("sign_in")
    expect(table.get_by_text("User created")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as JSON lines").click()
    lines = download.value.path().read_text().splitlines()
    assert lines
    assert all('"act": "sign_in.' in line for line in lines)
