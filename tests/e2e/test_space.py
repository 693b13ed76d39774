"""What takes up room is told and freed; a full disk is told on every page, until there is room again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio, restart_studio, start_studio, stop_studio

RESERVE = "PFSTUDIO_QUOTA_RESERVE"
SLOW = 15_000
"""Milliseconds; the use is measured anew after each change."""


def make_flow(studio: Studio, name: str, size: int) -> None:
    folder = studio.home / name
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text("nodes: []\n", encoding="utf-8")
    (folder / "data.txt").write_bytes(b"x" * size)


def test_a_flow_is_deleted_and_the_trash_emptied_after_a_word_is_typed(studio: Studio, page: Page) -> None:
    make_flow(studio, "large", 300_000)
    make_flow(studio, "small", 1_000)
    page.goto(studio.address + "/space")
    flows = page.get_by_role("table", name="Use by flow")
    flows.get_by_role("row", name="large").wait_for()  # Measuring may take a while on a busy machine.
    expect(flows.get_by_role("row").nth(1)).to_contain_text("large")
    flows.get_by_role("row", name="large").get_by_role("button").last.click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(flows).not_to_contain_text("large", timeout=SLOW)

    page.get_by_role("button", name="Empty my trash").click()
    dialog = page.get_by_role("dialog", name="Empty the trash")
    expect(dialog).to_contain_text("2 files")
    expect(dialog.get_by_role("button", name="Delete for good")).to_be_disabled()
    dialog.get_by_role("textbox", name="Type empty to confirm").fill("empty")
    page.keyboard.press("Enter")

    expect(dialog).to_have_count(0, timeout=SLOW)
    trash = page.get_by_role("table", name="Use by kind").get_by_role("row", name="Trash")
    expect(trash).to_contain_text("0 bytes", timeout=SLOW)
    assert (studio.home / "small/data.txt").exists()
    assert not (studio.home / "large").exists()


def test_caches_are_deleted_at_once(studio: Studio, page: Page) -> None:
    make_flow(studio, "cached", 100)
    (studio.home / "cached/__pycache__").mkdir()
    (studio.home / "cached/__pycache__/a.pyc").write_bytes(b"x" * 2_000)
    page.goto(studio.address + "/space")
    page.get_by_role("button", name="Delete my caches").click()

    expect(page.get_by_role("region", name="Notices")).to_contain_text("of caches deleted", timeout=SLOW)
    expect(page.get_by_role("button", name="Delete my caches")).to_be_disabled(timeout=SLOW)
    assert not (studio.home / "cached/__pycache__/a.pyc").exists()
    assert (studio.home / "cached/data.txt").exists()


def test_versions_go_by_a_rule_that_is_previewed(studio: Studio, page: Page) -> None:
    page.goto(studio.address + "/settings")
    retention = page.get_by_role("region", name="Retention of the history")
    expect(retention).to_contain_text("Versions older than 365 days go once a day")
    expect(retention.get_by_role("status")).to_contain_text("nothing goes now")
    days = retention.get_by_role("textbox", name="Older than (days)")
    days.fill("none")

    expect(retention.get_by_role("alert")).to_contain_text("Enter a number")
    expect(retention.get_by_role("button", name="Remove versions…")).to_be_disabled()


def test_the_password_is_changed_and_signs_in(studio: Studio, page: Page, browser: Browser) -> None:
    page.goto(studio.address + "/settings/account")
    form = page.get_by_role("region", name="Password")
    form.get_by_role("textbox", name="New password", exact=True).fill("short")
    form.get_by_role("textbox", name="New password again").fill("short")
    form.get_by_role("button", name="Change password").click()
    expect(form.get_by_role("alert")).to_contain_text("at least 8 characters")
    form.get_by_role("textbox", name="New password", exact=True).fill("a long enough one")
    form.get_by_role("textbox", name="New password again").fill("a long enough one")
    form.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("region", name="Notices")).to_contain_text("The password is changed")

    other = browser.new_context()
    second = other.new_page()
    second.goto(studio.address + "/sign-in")
    second.get_by_role("textbox", name="Username").fill(USERNAME)
    second.get_by_role("textbox", name="Password").fill("a long enough one")
    second.get_by_role("button", name="Sign in").click()
    second.get_by_role("heading", name="Flows").wait_for()
    other.close()
    form.get_by_role("textbox", name="Current password").fill("not this one")
    form.get_by_role("textbox", name="New password", exact=True).fill("another long one")
    form.get_by_role("textbox", name="New password again").fill("another long one")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("not your current password")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("place", ["space", "settings"])
def test_the_pages_have_no_accessibility_violation(studio: Studio, page: Page, theme: str, place: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{studio.address}/{place}")
    page.get_by_role("heading", level=2).nth(1).wait_for()

    assert violations(page) == []


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio that has to keep more of the disk free than there is."""
    data = tmp_path_factory.mktemp("full")
    running = start_studio(data, **{RESERVE: str(shutil.disk_usage(data).total // 1_000_000 + 1_000)})
    yield running
    stop_studio(running)


@pytest.fixture
def crowded(browser: Browser, full: Studio) -> Iterator[BrowserContext]:
    profile = browser.new_context(viewport={"width": 1280, "height": 800})
    page = profile.new_page()
    page.goto(full.link)
    page.get_by_role("textbox", name="Username").wait_for()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Flows").wait_for()
    yield profile
    profile.close()


def test_a_full_disk_is_told_on_every_page_until_there_is_room(full: Studio, crowded: BrowserContext) -> None:
    page = crowded.pages[0]
    banner = page.get_by_role("region", name="Read-only studio")
    expect(banner.get_by_role("alert")).to_contain_text("read-only until there is room again")
    assert violations(page) == []
    page.get_by_role("link", name="Files").click()
    expect(banner).to_be_visible()
    banner.get_by_role("link", name="Show space").click()
    page.get_by_role("heading", name="By kind").wait_for()

    stop_studio(full)
    full.environment[RESERVE] = "0"
    restart_studio(full)

    expect(banner).to_have_count(0, timeout=30_000)
