"""Lines changed on both sides: what was changed is listed, what gives way is kept, and nobody believes in vain."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio

TEXT = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
NO_STORAGE = "IDBFactory.prototype.open = () => { throw new DOMException('No room.', 'QuotaExceededError') }"


@pytest.fixture
def file(studio: Studio, request: pytest.FixtureRequest) -> Path:
    folder = studio.home / request.node.name[5:].replace("[", "-").strip("]")
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text(TEXT, encoding="utf-8")
    return folder / "notes.txt"


def make_conflict(page: Page, studio: Studio, file: Path) -> None:
    """Line 1 is changed here, lines 3 and 5 here and on disk, and line 7 on disk alone."""
    page.goto(f"{studio.address}/files/" + quote(f"Users/{USERNAME}/promptflow/{file.parent.name}/notes.txt"))
    editor = page.get_by_role("textbox", name="notes.txt")
    editor.click()
    page.context.set_offline(True)
    page.keyboard.press("Control+Home")
    for line in range(6):
        page.keyboard.press("End")
        if line in (0, 2, 4):
            page.keyboard.type(" mine")
        page.keyboard.press("ArrowDown")
    changed = TEXT.replace("three", "three theirs").replace("five", "five theirs").replace("seven", "seven theirs")
    file.write_text(changed, encoding="utf-8")
    page.context.set_offline(False)
    expect(page.get_by_role("alert").filter(has_text="in the same lines")).to_be_visible()


def eventually_reads(file: Path, text: str) -> None:
    ends = time.monotonic() + 10
    while file.read_text() != text:
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_change_is_listed_and_the_conflicts_are_walked(
    studio: Studio, page: Page, file: Path, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    make_conflict(page, studio, file)
    page.get_by_role("button", name="Open merge").click()
    dialog = page.get_by_role("dialog", name="Merge notes.txt")
    changes = dialog.get_by_role("region", name="Changes of the merge")
    expect(changes.get_by_role("listitem")).to_have_count(4)
    expect(changes).to_contain_text("2 of 2 open")
    expect(dialog).to_contain_text("2 changes merged, lines 3, 5 changed on both sides.")
    assert violations(page) == []

    dialog.get_by_role("button", name="Next conflict").click()
    dialog.get_by_role("group", name="Line 3").get_by_role("button", name="Take theirs").click()
    expect(changes).to_contain_text("1 of 2 open")
    dialog.get_by_role("group", name="Line 5").get_by_role("button", name="Take yours").click()
    dialog.get_by_role("button", name="Finish merge").click()

    expect(dialog).to_have_count(0)
    eventually_reads(file, "one mine\ntwo\nthree theirs\nfour\nfive mine\nsix\nseven theirs\n")


def test_what_gives_way_is_kept_in_the_history_which_is_one_click_away(studio: Studio, page: Page, file: Path) -> None:
    make_conflict(page, studio, file)
    page.get_by_role("button", name="Take theirs").click()
    notice = page.get_by_role("region", name="Notices")
    expect(notice).to_contain_text("What you had typed into notes.txt is kept in its history")
    notice.get_by_role("button", name="Show history").click()

    versions = page.get_by_role("list", name="Versions")
    lost = versions.get_by_role("button").filter(has_text="Not saved, kept here")
    lost.click()
    page.get_by_role("radio", name="Content").check()
    expect(page.get_by_role("textbox", name="notes.txt")).to_contain_text("three mine")


def test_edits_that_the_browser_cannot_keep_are_told(studio: Studio, page: Page, file: Path) -> None:
    page.add_init_script(NO_STORAGE)
    make_conflict(page, studio, file)

    expect(page.get_by_role("alert").filter(has_text="could not keep your edits")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="in the same lines")).not_to_contain_text("kept in this browser")
    assert violations(page) == []
    page.get_by_role("button", name="Keep mine").click()
    eventually_reads(file, TEXT.replace("one", "one mine").replace("three", "three mine").replace("five", "five mine"))
    expect(page.get_by_role("alert")).to_have_count(0)
