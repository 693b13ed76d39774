"""A prompty on its page: front matter and prompt in one editor, its inputs, a run on the demo model."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.entry_flows import PROMPTY, address_of, write_flow
from e2e.process import Studio


@pytest.fixture(scope="module", autouse=True)
def prompts(studio: Studio) -> None:
    broken = PROMPTY.replace("connection: demo", "connection: nobody")
    write_flow(studio, "prompts", {"shout.prompty": PROMPTY, "other.prompty": broken})


def test_each_prompty_of_a_folder_is_in_the_list_and_opens(page: Page, studio: Studio) -> None:
    page.goto(studio.address + "/flows")
    table = page.get_by_role("table", name="Flows")
    expect(table.get_by_role("link", name="other")).to_be_visible()
    table.get_by_role("link", name="shout").click()

    expect(page.get_by_role("textbox", name="shout.prompty")).to_contain_text("in a {{tone}} tone")
    assert violations(page) == []


def test_it_runs_on_what_the_form_holds_and_shows_what_the_model_was_sent(page: Page, studio: Studio) -> None:
    page.goto(address_of(studio, "prompts/shout.prompty"))
    page.get_by_role("textbox", name="tone").fill("friendly")
    page.get_by_role("button", name="Run", exact=True).click()

    expect(page.get_by_role("tabpanel", name="Outputs")).to_contain_text("hey in a friendly tone", timeout=15_000)
    page.get_by_role("tab", name="Trace").click()
    spans = page.get_by_role("listbox", name="Spans")
    spans.get_by_role("option").last.click()
    expect(page.get_by_role("tabpanel", name="Trace")).to_contain_text("User")


def test_an_edit_is_saved_and_the_form_follows(page: Page, studio: Studio) -> None:
    page.goto(address_of(studio, "prompts/shout.prompty"))
    file = studio.home / "prompts/shout.prompty"
    file.write_text(PROMPTY.replace("  tone:", "  size: {type: int, default: 4}\n  tone:"))

    expect(page.get_by_role("textbox", name="size")).to_have_attribute("placeholder", "Default: 4", timeout=10_000)
    editor = page.get_by_role("textbox", name="shout.prompty")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("Be brief.")
    expect(page.get_by_role("status", name="Save state")).to_contain_text("Saved")
    expect(editor).to_contain_text("Be brief.")
    page.wait_for_timeout(500)
    assert file.read_text().endswith("Be brief.")


def test_a_connection_that_does_not_exist_is_said_before_a_run(page: Page, studio: Studio) -> None:
    page.goto(address_of(studio, "prompts/other.prompty"))

    expect(page.get_by_text("names the connection nobody, which does not exist yet")).to_be_visible()
    page.get_by_role("textbox", name="tone").fill("calm")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("tabpanel", name="Outputs")).to_contain_text("nobody", timeout=15_000)


def test_a_prompty_that_is_gone_says_so(page: Page, studio: Studio) -> None:
    page.goto(address_of(studio, "prompts/gone.prompty"))

    expect(page.get_by_role("heading", name=re.compile("There is no flow .gone.prompty"))).to_be_visible()
