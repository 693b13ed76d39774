"""Several entries at once: choose, move, copy, duplicate, delete and undo, by mouse and by keyboard."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.explorer import make_flow, row, show
from e2e.process import USERNAME, Studio


@pytest.fixture
def folder(studio: Studio) -> Iterator[Path]:
    """A flow with three texts, made anew for each test."""
    made = make_flow(studio.home)
    for name in "abc":
        (made / f"{name}.txt").write_text(name)
    yield made
    shutil.rmtree(made)


@pytest.fixture(autouse=True)
def folded(studio: Studio, page: Page) -> None:
    """The tree opens only what the test goes to."""
    page.goto(f"{studio.address}/sign-in")
    page.evaluate("localStorage.removeItem('pfstudio:tree:share')")


@pytest.fixture(scope="module")
def foreign(studio: Studio) -> str:
    """A flow in somebody else's folder."""
    make_flow(studio.data / "share/Users/bob/promptflow", "theirs")
    return "Users/bob/promptflow/theirs"


def choose(page: Page, first: str, last: str) -> None:
    row(page, first).click()
    row(page, last).click(modifiers=["Shift"])


def menu(page: Page, name: str, item: str) -> None:
    row(page, name).click(button="right")
    page.get_by_role("menuitem", name=re.compile(f"^{item}")).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_several_are_deleted_at_once_and_come_back(studio: Studio, page: Page, folder: Path, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    show(page, studio.address, folder.name)
    choose(page, "a.txt", "c.txt")
    expect(page.locator("[role=tree] [aria-selected=true]")).to_have_count(3)
    assert violations(page) == []
    row(page, "b.txt").click(button="right")
    expect(page.get_by_text("3 entries chosen")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("menuitem", name="Delete").click()

    expect(row(page, "a.txt")).to_have_count(0)
    assert not list(folder.glob("?.txt"))
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "c.txt")).to_be_visible()
    assert [(folder / f"{name}.txt").read_text() for name in "abc"] == ["a", "b", "c"]


def test_the_keyboard_chooses_cuts_and_pastes(studio: Studio, page: Page, folder: Path) -> None:
    tree = show(page, studio.address, folder.name)
    row(page, "a.txt").click()
    page.get_by_role("textbox", name="a.txt").wait_for()
    tree.focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[role=tree] [aria-selected=true]")).to_have_count(3)
    page.keyboard.press("Control+x")
    page.keyboard.press("Home")
    page.keyboard.type("data")
    page.keyboard.press("Control+v")

    page.get_by_text("3 entries moved to data").wait_for()
    assert sorted(file.name for file in (folder / "data").iterdir()) == ["a.txt", "b.txt", "c.txt", "urls.jsonl"]
    page.get_by_role("button", name="Undo").click()
    for _ in range(100):
        if (folder / "c.txt").exists():
            break
        page.wait_for_timeout(100)
    expect(row(page, "c.txt")).to_be_visible(timeout=15_000)
    assert [(folder / f"{name}.txt").read_text() for name in "abc"] == ["a", "b", "c"]


def test_dragging_moves_all_that_is_chosen_and_the_page_follows(studio: Studio, page: Page, folder: Path) -> None:
    show(page, studio.address, folder.name)
    choose(page, "a.txt", "b.txt")
    row(page, "b.txt").drag_to(row(page, "data"))

    page.get_by_text("2 entries moved to data").wait_for()
    assert (folder / "data/a.txt").read_text() == "a"
    assert (folder / "data/b.txt").read_text() == "b"
    page.wait_for_url("**/data/a.txt")


def test_an_entry_is_dragged_from_the_tree_into_the_list_and_back(studio: Studio, page: Page, folder: Path) -> None:
    show(page, studio.address, f"{folder.name}/data")
    pane = page.get_by_role("region", name="data")
    pane.get_by_role("link", name="urls.jsonl").wait_for()
    row(page, "a.txt").drag_to(pane)
    pane.get_by_role("link", name="a.txt").wait_for()
    assert (folder / "data/a.txt").exists()

    pane.get_by_role("checkbox", name="Choose a.txt").check()
    pane.get_by_role("checkbox", name="Choose urls.jsonl").check()
    assert violations(page) == []
    pane.get_by_role("link", name="a.txt").drag_to(row(page, folder.name))

    page.get_by_text(f"2 entries moved to {folder.name}").wait_for()
    assert (folder / "a.txt").exists()
    assert (folder / "urls.jsonl").exists()


def test_duplicate_and_copy_path(studio: Studio, page: Page, folder: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show(page, studio.address, folder.name)
    menu(page, "a.txt", "Duplicate")
    page.get_by_role("tree").get_by_role("treeitem", name="a-2.txt").wait_for()
    menu(page, "b.txt", "Copy path")
    page.get_by_text("The path was copied").wait_for()

    assert (folder / "a-2.txt").read_text() == "a"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"Users/{USERNAME}/promptflow/{folder.name}/b.txt"


def test_a_name_that_is_taken_is_told_and_the_others_are_moved(studio: Studio, page: Page, folder: Path) -> None:
    (folder / "data/a.txt").write_text("in the way")
    show(page, studio.address, folder.name)
    choose(page, "a.txt", "b.txt")
    menu(page, "b.txt", "Move to…")
    page.get_by_role("textbox", name="Folder").fill(f"Users/{USERNAME}/promptflow/{folder.name}/data")
    page.get_by_role("button", name="Move", exact=True).click()

    page.get_by_text("a.txt was not moved").wait_for()
    assert (folder / "data/a.txt").read_text() == "in the way"
    assert (folder / "a.txt").exists()
    assert (folder / "data/b.txt").exists()


def test_somebody_elses_flow_is_copied_into_my_folder_in_one_action(
    studio: Studio, page: Page, folder: Path, foreign: str
) -> None:
    page.goto(f"{studio.address}/files/{foreign}")
    row(page, "theirs").click(button="right")
    page.get_by_role("menuitem", name="Copy to my folder").click()
    page.get_by_role("button", name="Open", exact=True).click()

    page.wait_for_url(f"**/Users/{USERNAME}/promptflow/theirs")
    assert (studio.home / "theirs/fetch.py").exists()
    expect(page.get_by_role("link", name="Open flow")).to_be_visible()


def test_hidden_and_generated_files_stay_hidden_after_a_reload(studio: Studio, page: Page, folder: Path) -> None:
    (folder / "__pycache__").mkdir()
    show(page, studio.address, folder.name)
    expect(row(page, "__pycache__")).to_be_visible()
    page.get_by_role("button", name="View").click()
    page.get_by_role("menuitemcheckbox", name="Show hidden and generated files").click()
    page.keyboard.press("Escape")
    for name in ("__pycache__", ".gitignore"):
        expect(row(page, name)).to_have_count(0)

    page.reload()
    expect(row(page, "a.txt")).to_be_visible()
    expect(row(page, "__pycache__")).to_have_count(0)
    page.get_by_role("button", name="View").click()
    page.get_by_role("menuitemcheckbox", name="Show hidden and generated files").click()
    page.keyboard.press("Escape")
    expect(row(page, ".gitignore")).to_be_visible()


def test_in_a_flow_several_are_deleted_and_their_tabs_close(studio: Studio, page: Page, folder: Path) -> None:
    page.goto(f"{studio.address}/flows/Users/{USERNAME}/promptflow/{folder.name}")
    row(page, "a.txt").click()
    tabs = page.get_by_role("navigation", name="Open files")
    tabs.get_by_role("button", name="a.txt", exact=True).wait_for()
    row(page, "b.txt").click(modifiers=["Control"])
    row(page, "b.txt").click(button="right")
    page.get_by_role("menuitem", name="Delete").click()

    expect(row(page, "b.txt")).to_have_count(0)
    expect(tabs.get_by_role("button", name="a.txt", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "a.txt")).to_be_visible()
    assert (folder / "b.txt").exists()
