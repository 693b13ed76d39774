"""A flex flow on its page: its source, its inputs, what its class is made with, a run, and a chat."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.entry_flows import CHAT, FLEX, address_of, write_flow
from e2e.process import Studio


@pytest.fixture(scope="module", autouse=True)
def flow(studio: Studio) -> None:
    write_flow(studio, "styled", {"flow.flex.yaml": FLEX, "chat.py": CHAT})


@pytest.fixture
def opened(page: Page, studio: Studio) -> Page:
    page.goto(address_of(studio, "styled"))
    page.get_by_role("textbox", name="chat.py").wait_for()
    return page


def test_it_opens_with_its_source_and_a_form_for_what_it_takes(opened: Page, studio: Studio) -> None:
    expect(opened.get_by_role("textbox", name="question")).to_have_value("what is it")
    expect(opened.get_by_role("region", name="Init").get_by_role("textbox", name="style")).to_have_attribute(
        "placeholder", "Default: plain"
    )
    expect(opened.get_by_role("button", name="Add node")).to_have_count(0)
    expect(opened.get_by_role("switch", name="Raw file mode")).to_have_count(0)
    assert violations(opened) == []
    opened.goto(studio.address + "/flows")
    opened.get_by_role("table", name="Flows").get_by_role("link", name="styled").click()
    expect(opened.get_by_role("textbox", name="chat.py")).to_be_visible()


def test_a_run_streams_and_uses_inputs_and_init(opened: Page) -> None:
    opened.get_by_role("textbox", name="style").fill("loud")
    opened.get_by_role("textbox", name="question").fill("hello")
    opened.get_by_role("button", name="Run", exact=True).click()
    outputs = opened.get_by_role("tabpanel", name="Outputs")

    expect(outputs).to_contain_text(re.compile(r"so far\s*loud(?!.*after \[\])"), timeout=10_000)
    expect(outputs).to_contain_text("loud hello after []", timeout=10_000)
    expect(outputs).not_to_contain_text("so far")
    opened.get_by_role("tab", name="Trace").click()
    expect(opened.get_by_role("listbox", name="Spans")).to_contain_text("Chat.__call__")


def test_a_chat_passes_on_what_was_said_and_shows_the_answer_as_it_comes(opened: Page) -> None:
    opened.get_by_role("button", name="Chat", exact=True).click()
    log = opened.get_by_role("log", name="Conversation")
    for question in ("first", "second"):
        opened.get_by_role("textbox", name="question").fill(question)
        opened.keyboard.press("Enter")
        expect(log).to_contain_text(f"{question} after", timeout=10_000)
        expect(opened.get_by_role("button", name="Send")).to_be_visible()
    expect(log).to_contain_text("second after ['first']")


def test_an_answer_that_breaks_off_keeps_its_beginning_beside_the_error(opened: Page) -> None:
    opened.get_by_role("textbox", name="question").fill("break")
    opened.get_by_role("button", name="Run", exact=True).click()

    outputs = opened.get_by_role("tabpanel", name="Outputs")
    expect(outputs).to_contain_text("ValueError: the answer broke off")
    expect(outputs).to_contain_text("It began well")
    expect(opened.get_by_role("alert").first).to_contain_text("line 12 of chat.py")
    opened.get_by_role("button", name="Go to line 12").first.click()
    expect(opened.get_by_role("button", name="chat.py", exact=True)).to_have_attribute("aria-current", "true")


def test_an_edit_of_the_source_changes_the_form_without_a_reload(opened: Page, studio: Studio) -> None:
    folder = studio.home / "styled"
    (folder / "chat.py").write_text(CHAT.replace('style: str = "plain"', 'style: str = "plain", count: int = 3'))
    more = FLEX.replace("default: plain}", "default: plain}\n  count: {type: int, default: 3}")
    (folder / "flow.flex.yaml").write_text(more)

    expect(opened.get_by_role("textbox", name="count")).to_be_visible(timeout=10_000)
