"""Every page opens, is accessible in each theme, and can be used by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio

PAGES = {
    "flows": "/flows",
    "authoring": f"/flows/Users/{USERNAME}/promptflow/triage",
    "runs": "/runs",
    "endpoints": "/endpoints",
    "connections": "/connections",
    "files": "/files",
    "files of a flow": f"/files/Users/{USERNAME}/promptflow/triage",
    "unknown flow": f"/flows/Users/{USERNAME}/promptflow/nothing-here",
}


@pytest.fixture(scope="module", autouse=True)
def triage_flow(studio: Studio, context: BrowserContext) -> None:
    """A flow from the gallery, made by the API as the signed-in user."""
    page = context.new_page()
    page.goto(studio.address + "/flows")
    made = page.evaluate(
        """async () => {
          const session = await (await fetch('api/auth/session')).json()
          const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf_token}
          const body = JSON.stringify({name: 'triage', type: 'standard', template: 'web-classification'})
          const answer = await fetch('api/flows', {method: 'POST', body, headers})
          return answer.status
        }"""
    )
    page.close()
    assert made == 201


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_accessibility_violation(studio: Studio, page: Page, name: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(studio.address + PAGES[name])
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.wait_for_timeout(1_000)  # The event stream stays open, so the network is never idle.

    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_create_dialog_has_no_accessibility_violation(studio: Studio, page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(studio.address + "/flows")
    page.get_by_role("button", name="Create flow").first.click()
    page.get_by_role("dialog", name="Create flow").get_by_role("textbox", name="Name", exact=True).wait_for()

    assert violations(page) == []


def test_sign_in_page_is_accessible_and_refuses_a_wrong_password(studio: Studio, browser: Browser) -> None:
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(studio.address + "/connections")
    page.get_by_role("textbox", name="Username").fill("ada")
    page.get_by_role("textbox", name="Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    stranger.close()


def test_a_flow_is_created_and_run_by_keyboard_alone(studio: Studio, page: Page) -> None:
    page.goto(studio.address + "/flows")
    page.get_by_role("button", name="Create flow").first.focus()
    page.keyboard.press("Enter")
    name = page.get_by_role("dialog", name="Create flow").get_by_role("textbox", name="Name", exact=True)
    name.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("by-keyboard")
    page.keyboard.press("Enter")
    page.get_by_role("region", name="Inputs", exact=True).wait_for()
    page.get_by_role("button", name="Run", exact=True).focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Outputs", exact=True)).to_be_visible()
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=30_000)
