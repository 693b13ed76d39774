"""The journey of accounts: an invitation accepted, roles, sessions and tokens, and the end of somebody signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from e2e.axe import violations
from e2e.process import Studio

PASSWORD = "hopper rules"


@pytest.fixture(scope="module")
def grace(browser: Browser, studio: Studio, context: BrowserContext) -> Iterator[BrowserContext]:
    """Somebody who was invited and has accepted, in a browser of her own."""
    page = context.new_page()
    page.goto(studio.address + "/settings/people")
    page.get_by_role("button", name="Invite people").click()
    dialog = page.get_by_role("dialog", name="Invite people")
    dialog.get_by_role("button", name="Make invitation link").click()
    link = dialog.get_by_role("textbox", name="Invitation link").input_value()
    assert link.startswith(studio.address + "/sign-in#token=")
    expect(dialog.get_by_role("textbox", name="Invitation link")).to_be_focused()
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("table", name="Open invitations")).to_contain_text("Whoever has the link")
    page.close()
    profile = browser.new_context(viewport={"width": 1280, "height": 800})
    invited = profile.new_page()
    invited.goto(link)
    expect(invited.get_by_role("main")).to_contain_text("invites you to work here as an author")
    assert violations(invited) == []
    invited.get_by_role("textbox", name="Username").fill("grace")
    invited.get_by_role("textbox", name="Password").fill(PASSWORD)
    invited.get_by_role("button", name="Create account").click()
    invited.get_by_role("heading", name="Flows").wait_for()
    invited.close()
    yield profile
    profile.close()


def _menu(page: Page, username: str) -> None:
    page.get_by_role("table", name="People").get_by_role("button", name=username).click()


def test_an_invited_author_sees_who_works_here_and_manages_nobody(studio: Studio, grace: BrowserContext) -> None:
    page = grace.new_page()
    page.goto(studio.address + "/settings/people")

    expect(page.get_by_role("table", name="People")).to_contain_text("grace")
    expect(page.get_by_role("button", name="Invite people")).to_have_count(0)
    expect(page.get_by_role("columnheader", name="Last sign-in")).to_have_count(0)
    page.close()


def test_a_role_changes_and_changes_back_by_undo(studio: Studio, page: Page, grace: BrowserContext) -> None:
    page.goto(studio.address + "/settings/people")
    row = page.get_by_role("row", name=re.compile("grace"))
    _menu(page, "grace")
    page.get_by_role("menuitemradio", name="Viewer").click()
    expect(row).to_contain_text("viewer")

    page.get_by_role("region", name="Notices").get_by_role("button", name="Undo").click()

    expect(row).to_contain_text("author")


def test_a_token_is_shown_once_works_by_its_scope_and_is_revoked(studio: Studio, page: Page) -> None:
    page.goto(studio.address + "/settings/account")
    page.get_by_role("button", name="Make token").click()
    dialog = page.get_by_role("dialog", name="Make token")
    dialog.get_by_role("textbox", name="What it is for").fill("nightly")
    dialog.get_by_role("button", name="Make token").click()
    secret = dialog.get_by_role("textbox", name="Token nightly").input_value()
    dialog.get_by_role("button", name="Done").click()
    headers = {"Authorization": f"Bearer {secret}"}
    script = page.context.browser.new_context(extra_http_headers=headers) if page.context.browser else page.context

    assert script.request.get(studio.address + "/api/users").status == 200
    assert script.request.post(studio.address + "/api/flows", data={"name": "x", "type": "chat"}).status == 403
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke nightly").click()
    expect(page.get_by_role("heading", name="No tokens")).to_be_visible()
    assert script.request.get(studio.address + "/api/users").status == 401
    script.close()


def test_a_session_elsewhere_is_signed_out_and_its_page_asks_to_sign_in_again(
    studio: Studio, page: Page, browser: Browser, grace: BrowserContext
) -> None:
    here, elsewhere = grace.new_page(), browser.new_context().new_page()
    elsewhere.goto(studio.address + "/sign-in")
    elsewhere.get_by_role("textbox", name="Username").fill("grace")
    elsewhere.get_by_role("textbox", name="Password").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Sign in").click()
    elsewhere.get_by_role("heading", name="Flows").wait_for()
    here.goto(studio.address + "/settings/account")
    rows = here.get_by_role("table", name="Sessions").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="This browser")).to_have_count(1)

    rows.filter(has_not_text="This browser").get_by_role("button", name=re.compile("^Sign out")).last.click()

    expect(rows).to_have_count(2)
    expect(elsewhere.get_by_role("dialog", name="Sign in again")).to_be_visible(timeout=10_000)
    elsewhere.context.close()
    here.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("place", ["people", "account"])
def test_the_pages_have_no_accessibility_violation(
    studio: Studio, page: Page, grace: BrowserContext, theme: str, place: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{studio.address}/settings/{place}")
    page.get_by_role("table").first.wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Invite people" if place == "people" else "Make token").first.click()
    page.get_by_role("dialog").wait_for()

    assert violations(page) == []


def test_somebody_who_is_removed_while_at_work_is_signed_out_within_seconds(
    studio: Studio, page: Page, grace: BrowserContext
) -> None:
    working = grace.new_page()
    working.goto(studio.address + "/flows")
    working.get_by_role("heading", name="Flows").wait_for()
    page.goto(studio.address + "/settings/people")
    _menu(page, "grace")
    page.get_by_role("menuitem", name="Remove account").click()
    dialog = page.get_by_role("dialog", name="Remove grace")
    expect(dialog.get_by_role("button", name="Remove account")).to_be_disabled()
    dialog.get_by_role("textbox", name="Type grace to confirm").fill("grace")

    dialog.get_by_role("button", name="Remove account").click()

    expect(working.get_by_role("dialog", name="Sign in again")).to_be_visible(timeout=8_000)
    expect(page.get_by_role("table", name="People")).not_to_contain_text("grace")
    assert (studio.home.parent.parent / "grace/promptflow").is_dir()
    working.close()
