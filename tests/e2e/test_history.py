"""What happened to a flow and its files is told, compared, brought back, and removed for good."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio

FLOW = """\
inputs:
  text:
    type: string
    default: hello
outputs:
  result:
    type: string
    reference: ${shout.output}
nodes:
- name: shout
  type: python
  source:
    type: code
    path: shout.py
  inputs:
    text: ${inputs.text}
"""
TOOL = "from promptflow.core import tool\n\n\n@tool\ndef shout(text: str) -> str:\n    return text.upper()\n"
NOTES = "Summarize the page in at most three sentences.\nSay what it offers.\n"


@pytest.fixture
def flow(studio: Studio, request: pytest.FixtureRequest) -> Path:
    folder = studio.home / request.node.name[5:].replace("[", "-").strip("]")
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "shout.py").write_text(TOOL, encoding="utf-8")
    (folder / "notes.md").write_text(NOTES, encoding="utf-8")
    return folder


def path_of(flow: Path, file: str = "") -> str:
    return quote(f"Users/{USERNAME}/promptflow/{flow.name}" + (f"/{file}" if file else ""))


def open_history(page: Page, studio: Studio, flow: Path, file: str = "") -> Locator:
    page.goto(f"{studio.address}/history/{path_of(flow, file)}")
    versions = page.get_by_role("list", name="Versions")
    versions.get_by_role("button").first.wait_for()
    return versions


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_a_flow_is_restored_from_the_tab_beside_its_files_and_that_is_undone(
    studio: Studio, page: Page, flow: Path
) -> None:
    page.goto(f"{studio.address}/flows/{path_of(flow)}")
    page.get_by_role("region", name="shout", exact=True).wait_for()
    page.get_by_role("tab", name="History").click()
    versions = page.get_by_role("list", name="Versions")
    versions.get_by_role("button").first.wait_for()
    (flow / "notes.md").write_text("Nothing of it is left.\n", encoding="utf-8")
    expect(versions.get_by_role("button")).to_have_count(2)
    expect(versions.get_by_role("button").first).to_contain_text("Outside change")

    versions.get_by_role("button").last.click()
    page.get_by_role("region", name="Changes of the version").get_by_role("button", name="Restore").click()
    eventually(lambda: (flow / "notes.md").read_text() == NOTES)
    page.get_by_role("region", name="Notices").get_by_role("button", name="Undo").click()

    eventually(lambda: (flow / "notes.md").read_text() == "Nothing of it is left.\n")
    expect(versions.get_by_role("button")).to_have_count(4)


def test_the_words_that_changed_are_marked_and_any_two_versions_are_compared(
    studio: Studio, page: Page, flow: Path
) -> None:
    open_history(page, studio, flow, "notes.md")
    (flow / "notes.md").write_text(NOTES.replace("at most three", "two"), encoding="utf-8")
    versions = page.get_by_role("list", name="Versions")
    expect(versions.get_by_role("button")).to_have_count(2)
    (flow / "notes.md").write_text(NOTES.replace("at most three", "four"), encoding="utf-8")
    expect(versions.get_by_role("button")).to_have_count(3)

    versions.get_by_role("button").first.click()
    changes = page.get_by_role("region", name="Changes of notes.md", exact=True)
    expect(changes.locator("del")).to_have_text("two")
    expect(changes.locator("ins")).to_have_text("four")
    compare = page.get_by_role("combobox", name="Compare with")
    compare.select_option(index=3)  # Before, now, the second version, the first.
    expect(changes.locator("del")).to_have_text("at most three")
    page.get_by_role("radio", name="Side by side").check()
    expect(changes.locator("ins")).to_have_text("four")
    versions.get_by_role("button").last.click()
    compare.select_option("now")
    expect(changes.locator("ins")).to_have_text("four")


def test_one_file_of_a_version_is_brought_back_alone(studio: Studio, page: Page, flow: Path) -> None:
    open_history(page, studio, flow)
    (flow / "notes.md").unlink()
    (flow / "shout.py").write_text(TOOL + "# Changed.\n", encoding="utf-8")
    versions = page.get_by_role("list", name="Versions")
    expect(versions.get_by_role("button")).to_have_count(2)
    versions.get_by_role("button").last.click()

    page.get_by_role("button", name="Restore notes.md").click()

    eventually((flow / "notes.md").is_file)
    assert (flow / "notes.md").read_text() == NOTES
    assert (flow / "shout.py").read_text() == TOOL + "# Changed.\n"


def test_the_content_of_a_version_is_shown_and_folders_lead_to_their_files(
    studio: Studio, page: Page, flow: Path
) -> None:
    versions = open_history(page, studio, flow)
    versions.get_by_role("button").last.click()
    page.get_by_role("radio", name="Content").check()
    page.get_by_role("list", name=f"What {flow.name} held").get_by_role("link", name="notes.md").click()

    editor = page.get_by_role("textbox", name="notes.md")
    expect(editor).to_contain_text("Summarize the page in at most three sentences.")
    page.keyboard.press("x")
    expect(editor).not_to_contain_text("x")


def test_what_a_file_held_is_removed_for_good_after_its_name_is_typed(studio: Studio, page: Page, flow: Path) -> None:
    (flow / "secret.txt").write_text("key = sk-of-nobody\n", encoding="utf-8")
    open_history(page, studio, flow, "secret.txt")
    page.get_by_role("button", name="More for this version").click()
    page.get_by_role("menuitem", name="Remove this file’s content").click()
    dialog = page.get_by_role("dialog", name="Remove the content of secret.txt")
    expect(dialog).to_contain_text("still has this content")
    assert violations(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    (flow / "secret.txt").write_text("key = ${env:KEY}\n", encoding="utf-8")
    versions = page.get_by_role("list", name="Versions")
    expect(versions.get_by_role("button")).to_have_count(2)
    versions.get_by_role("button").last.click()

    page.get_by_role("button", name="More for this version").click()
    page.get_by_role("menuitem", name="Remove this file’s content").click()
    dialog.get_by_role("radio", name="What it held in this version").check()
    expect(dialog.get_by_role("status")).to_contain_text("1 content")
    remove = dialog.get_by_role("button", name="Remove for good")
    expect(remove).to_be_disabled()
    dialog.get_by_role("textbox", name="Type secret.txt to confirm").fill("secret.txt")
    remove.click()

    expect(dialog).to_have_count(0)
    page.reload()
    page.get_by_role("radio", name="Content").check()
    expect(page.get_by_role("alert")).to_contain_text("There was no")
    assert (flow / "secret.txt").read_text() == "key = ${env:KEY}\n"


def test_the_timeline_is_walked_by_keyboard(studio: Studio, page: Page, flow: Path) -> None:
    versions = open_history(page, studio, flow)
    (flow / "notes.md").write_text("Other.\n", encoding="utf-8")
    expect(versions.get_by_role("button")).to_have_count(2)
    versions.get_by_role("button").first.focus()
    page.keyboard.press("ArrowDown")
    expect(versions.get_by_role("button").last).to_be_focused()
    page.keyboard.press("Enter")

    expect(versions.get_by_role("button").last).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile("version="))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_history_page_has_no_accessibility_violation(studio: Studio, page: Page, flow: Path, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    versions = open_history(page, studio, flow)
    (flow / "notes.md").write_text(NOTES.replace("three", "four"), encoding="utf-8")
    expect(versions.get_by_role("button")).to_have_count(2)
    versions.get_by_role("button").first.click()
    page.get_by_role("region", name="Changes of notes.md", exact=True).wait_for()

    assert violations(page) == []
