"""Menus, dialogs and tooltips are our own, so their keys and their focus are tested where they are used."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from e2e.axe import violations
from e2e.process import Studio


@pytest.fixture
def create_menu(studio: Studio, page: Page) -> Locator:
    """The button of a menu, with the focus on it."""
    page.goto(studio.address + "/connections")
    button = page.get_by_role("button", name="Create connection")
    button.focus()
    return button


def test_arrows_and_letters_move_in_a_menu_and_escape_returns_to_its_button(page: Page, create_menu: Locator) -> None:
    page.keyboard.press("ArrowDown")
    items = page.get_by_role("menu").get_by_role("menuitem")
    expect(items.first).to_be_focused()
    assert violations(page) == []

    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("s")
    expect(page.get_by_role("menuitem", name="Serverless endpoint")).to_be_focused()
    page.keyboard.press("s")
    expect(page.get_by_role("menuitem", name="Serp", exact=True)).to_be_focused()

    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(create_menu).to_be_focused()


def test_a_menu_opened_before_its_entries_arrive_focuses_the_first_of_them(studio: Studio, page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/connection-types", hold)
    page.goto(studio.address + "/connections")
    page.get_by_role("button", name="Create connection").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menu")).to_be_focused()

    held[0].continue_()
    expect(page.get_by_role("menuitem").first).to_be_focused()


def test_enter_chooses_from_a_menu(page: Page, create_menu: Locator) -> None:
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem").last).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.get_by_role("button", name="Create connection").last).to_be_visible()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_be_visible()


def test_tab_and_a_click_outside_close_a_menu(page: Page, create_menu: Locator) -> None:
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("menu")).to_have_count(0)

    create_menu.click()
    expect(page.get_by_role("menu")).to_be_visible()
    page.mouse.click(640, 700)
    expect(page.get_by_role("menu")).to_have_count(0)


def test_a_dialog_keeps_the_focus_and_gives_it_back(studio: Studio, page: Page) -> None:
    page.goto(studio.address + "/flows")
    opener = page.get_by_role("button", name="Create flow").first
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Create flow")
    expect(dialog.locator(":focus")).to_have_count(1)

    for keys in (["Tab"] * 30, ["Shift+Tab"] * 40):
        for key in keys:
            page.keyboard.press(key)
            assert dialog.locator(":focus").count() == 1

    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_tooltip_shows_for_the_keyboard_and_escape_hides_it(studio: Studio, page: Page) -> None:
    page.goto(studio.address + "/flows")
    page.get_by_role("link", name="Connections", exact=True).first.wait_for()
    page.keyboard.press("Tab")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.get_by_role("tooltip").count():
            break

    expect(page.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
