"""A folder of 10,000 entries: few of them are in the page, scrolling never stops it, and the keyboard reaches all."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.explorer import row, show
from e2e.process import Studio
from server.process import wait_until

COUNT = 10_000
MOST_NODES = 2500
LONGEST_TASK = 50
SCROLL = """async (element) => {
  for (let at = 0; at < element.scrollHeight; at += 3000) {
    element.scrollTop = at
    await new Promise(requestAnimationFrame)
  }
  element.scrollTop = element.scrollHeight
}"""


@pytest.fixture(scope="module")
def many(studio: Studio) -> str:
    folder = studio.home / "many"
    folder.mkdir(parents=True)
    for number in range(COUNT):
        (folder / f"file{number}.txt").write_text("x")
    return "many"


def longest_task(page: Page, selector: str) -> float:
    """Scrolls from the top to the end; the longest task of the page's main thread, in milliseconds of its own time.

    Its own time, since whatever else a machine does stretches the time on the clock.
    """
    client = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    done: list[bool] = []
    client.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    client.on("Tracing.tracingComplete", lambda _: done.append(True))
    client.send("Tracing.start", {"traceConfig": {"includedCategories": ["toplevel", "__metadata"]}})
    page.locator(selector).evaluate(SCROLL)
    client.send("Tracing.end")
    while not done:
        page.wait_for_timeout(50)
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks: list[float] = [
        event["tdur"] / 1000
        for event in events
        if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in mains and "tdur" in event
    ]
    assert len(tasks) > 50, "the trace holds the tasks"
    return max(tasks)


def test_scrolling_a_tree_of_ten_thousand_keeps_few_nodes_and_no_long_task(
    studio: Studio, page: Page, many: str
) -> None:
    tree = show(page, studio.address, many)
    row(page, "file0.txt").wait_for()
    page.wait_for_timeout(1000)

    assert longest_task(page, "[role=tree]") <= LONGEST_TASK
    expect(row(page, f"file{COUNT - 1}.txt")).to_be_visible()
    assert tree.get_by_role("treeitem").count() < 100
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_NODES


def test_scrolling_a_list_of_ten_thousand_keeps_few_nodes_and_no_long_task(
    studio: Studio, page: Page, many: str
) -> None:
    show(page, studio.address, many)
    table = page.get_by_role("table", name="Entries of many")
    table.wait_for()
    page.wait_for_timeout(1000)

    assert longest_task(page, "div:has(> table)") <= LONGEST_TASK
    expect(table.get_by_role("link", name=f"file{COUNT - 1}.txt")).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_NODES


def test_the_keyboard_reaches_every_row_of_ten_thousand(studio: Studio, page: Page, many: str) -> None:
    tree = show(page, studio.address, many)
    row(page, "file0.txt").wait_for()
    tree.focus()

    def active() -> list[str | None]:
        found: list[str | None] = tree.evaluate(
            "tree => {const row = document.getElementById(tree.getAttribute('aria-activedescendant'));"
            "return [row?.textContent, row?.getAttribute('aria-posinset')]}"
        )
        return found

    def reaches(name: str, place: str | None = None) -> None:
        wait_until(lambda: active()[0] == name and place in (None, active()[1]), 10)

    page.keyboard.press("Home")
    page.keyboard.type("file7777")
    reaches("file7777.txt", "7778")
    page.keyboard.press("ArrowDown")
    reaches("file7778.txt", "7779")
    page.keyboard.press("ArrowLeft")
    reaches("many")
    page.keyboard.press("ArrowRight")
    reaches("file0.txt")
    page.keyboard.press("End")
    reaches(f"file{COUNT - 1}.txt")
