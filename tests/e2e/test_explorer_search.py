"""Finding a file by its name (Ctrl+P) and lines by what they say, on the Files page and in a flow."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.explorer import make_flow, show
from e2e.process import USERNAME, Studio


@pytest.fixture(scope="module", autouse=True)
def folder(studio: Studio) -> Path:
    make_flow(studio.home, "other")
    made = make_flow(studio.home)
    (made / "many.txt").write_text("straw\n" * 5000)
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_file_is_found_by_some_letters_of_its_name(studio: Studio, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    show(page, studio.address, "demo")
    page.keyboard.press("Control+p")
    dialog = page.get_by_role("dialog", name="Find a file")
    page.get_by_role("combobox", name="Find a file").fill("demontes")
    expect(dialog.get_by_role("option").first).to_contain_text("notes.txt")
    assert violations(page) == []
    page.keyboard.press("Enter")

    expect(page.get_by_role("textbox", name="notes.txt")).to_be_visible()
    assert page.url.endswith("/demo/notes.txt")


def test_files_that_were_opened_lately_come_first(studio: Studio, page: Page) -> None:
    show(page, studio.address, "demo/fetch.py")
    page.get_by_role("textbox", name="fetch.py").wait_for()
    show(page, studio.address, "demo/notes.txt")
    page.get_by_role("textbox", name="notes.txt").wait_for()

    page.keyboard.press("Control+p")

    options = page.get_by_role("dialog").get_by_role("option")
    expect(options.nth(0)).to_contain_text("notes.txt")
    expect(options.nth(1)).to_contain_text("fetch.py")


def test_in_a_flow_names_are_found_in_it_alone_and_open_in_a_tab(studio: Studio, page: Page) -> None:
    page.goto(f"{studio.address}/flows/Users/{USERNAME}/promptflow/demo")
    page.get_by_role("tree", name="Files").wait_for()
    page.keyboard.press("Control+p")
    page.get_by_role("combobox", name="Find a file").fill("urls")
    options = page.get_by_role("dialog").get_by_role("option")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")

    expect(
        page.get_by_role("navigation", name="Open files").get_by_role("button", name="data/urls.jsonl").first
    ).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_search_leads_to_the_line_and_leaves_out_what_gitignore_names(
    studio: Studio, page: Page, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    show(page, studio.address, "demo")
    page.keyboard.press("Control+Shift+F")
    page.get_by_role("searchbox", name="Text to search for").fill("needle")
    found = page.get_by_role("tree", name="Found lines")
    expect(page.get_by_text("4 lines in 4 files")).to_be_visible()
    assert violations(page) == []

    found.get_by_role("treeitem").filter(has_text="Fetches the needle").first.click()
    expect(page.get_by_role("textbox", name="fetch.py")).to_be_focused()
    expect(page.locator(".cm-activeLine").first).to_contain_text("Fetches the needle")

    page.get_by_role("checkbox", name="Also files that .gitignore names").check()
    expect(page.get_by_text("6 lines in 6 files")).to_be_visible()
    page.get_by_role("textbox", name="Only files").fill("*.py, *.log")
    expect(page.get_by_text("4 lines in 4 files")).to_be_visible()
    page.get_by_role("textbox", name="Not files").fill("*.log")
    expect(page.get_by_text("2 lines in 2 files")).to_be_visible()
    for name in ("Only files", "Not files"):
        page.get_by_role("textbox", name=name).fill("")
    page.get_by_role("checkbox", name="Also files that .gitignore names").uncheck()
    page.get_by_role("button", name="Files", exact=True).click()
    expect(page.get_by_role("tree", name="Files")).to_be_visible()


def test_patterns_case_a_bad_pattern_and_a_search_that_finds_too_much(studio: Studio, page: Page) -> None:
    show(page, studio.address, "demo")
    page.keyboard.press("Control+Shift+F")
    text = page.get_by_role("searchbox", name="Text to search for")
    text.fill("^ONE$")
    page.get_by_role("button", name="Regular expression").click()
    expect(page.get_by_text("2 lines in 2 files")).to_be_visible()
    page.get_by_role("button", name="Match case").click()
    expect(page.get_by_text("0 lines in 0 files")).to_be_visible()

    text.fill("(one")
    expect(page.get_by_role("alert")).to_contain_text("The regular expression cannot be used")

    page.get_by_role("button", name="Regular expression").click()
    page.get_by_role("button", name="Match case").click()
    text.fill("a")
    expect(page.get_by_text("lines in")).to_be_visible()
    text.fill("straw")
    expect(page.get_by_role("treeitem").filter(has_text="many.txt")).to_contain_text("200")


def test_a_search_can_be_stopped(studio: Studio, page: Page, folder: Path) -> None:
    (folder / "slow.txt").write_text("a" * 40 + "b")
    show(page, studio.address, "demo")
    page.keyboard.press("Control+Shift+F")
    page.get_by_role("button", name="Regular expression").click()
    page.get_by_role("searchbox", name="Text to search for").fill("(a|aa)+$")
    page.get_by_role("button", name="Stop").click()

    expect(page.get_by_text("You stopped it")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    page.get_by_role("button", name="Regular expression").click()
    (folder / "slow.txt").unlink()


def test_in_a_flow_a_found_line_opens_in_a_tab_at_its_line(studio: Studio, page: Page) -> None:
    page.goto(f"{studio.address}/flows/Users/{USERNAME}/promptflow/demo")
    panel = page.get_by_role("region", name="Files of the flow")
    panel.get_by_role("button", name="Search in files").click()
    page.get_by_role("searchbox", name="Text to search for").fill("two")
    page.get_by_role("tree", name="Found lines").get_by_role("treeitem").filter(has_text="Line 2").click()

    expect(page.get_by_role("textbox", name="notes.txt")).to_be_focused()
    editor = page.get_by_role("textbox", name="notes.txt")
    expect(editor.locator(".cm-activeLine")).to_have_text("two")
    assert violations(page) == []
