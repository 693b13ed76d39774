"""A real studio process and a real browser for the journeys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from e2e.process import Studio, start_studio, stop_studio

QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A journey's tests share one studio, so they run in one worker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(f"e2e-{item.path.stem}"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the whole session: Playwright's event loop would run on under tests that start one of their own.
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=installed, args=QUIET)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = start_studio(tmp_path_factory.mktemp("data"))
    yield running
    stop_studio(running)


@pytest.fixture(scope="module")
def context(browser: Browser, studio: Studio) -> Iterator[BrowserContext]:
    """A signed-in browser profile, as a person has one: by the link that the studio printed."""
    profile = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    page = profile.new_page()
    page.goto(studio.link)
    page.get_by_role("textbox", name="Username").wait_for()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Flows").wait_for()
    page.close()
    yield profile
    profile.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose script errors fail the test."""
    errors: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()
    assert errors == []
