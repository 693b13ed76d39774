"""What a tired person gives the page: it says what is wrong and where, and nothing on disk is lost."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from e2e.process import USERNAME, Studio

FLOW = """\
# A flow with a comment that must stay.
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
    text: ${inputs.text}   # aligned by hand
"""
TOOL = "from promptflow.core import tool\n\n\n@tool\ndef shout(text: str) -> str:\n    return text.upper()\n"


@pytest.fixture
def flow(studio: Studio, request: pytest.FixtureRequest) -> Path:
    folder = studio.home / f"Tëst flow {request.node.name[:30]} 🙂"
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "shout.py").write_text(TOOL, encoding="utf-8")
    return folder


def open_flow(page: Page, studio: Studio, flow: Path) -> None:
    page.goto(f"{studio.address}/flows/" + quote(f"Users/{USERNAME}/promptflow/{flow.name}"))
    page.get_by_role("region", name="shout", exact=True).wait_for()


def test_broken_yaml_keeps_the_last_cards_and_marks_the_line(studio: Studio, page: Page, flow: Path) -> None:
    open_flow(page, studio, flow)
    page.get_by_role("switch", name="Raw file mode").click()
    editor = page.get_by_role("textbox", name="flow.dag.yaml")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\n  bad: [unclosed")
    page.get_by_role("tab", name="Problems").click()
    expect(page.get_by_role("tabpanel", name="Problems")).to_contain_text("flow.dag.yaml")
    page.get_by_role("switch", name="Raw file mode").click()

    expect(page.get_by_role("region", name="shout", exact=True)).to_be_visible()


def test_a_reference_to_nothing_is_named_with_its_line(studio: Studio, page: Page, flow: Path) -> None:
    (flow / "flow.dag.yaml").write_text(FLOW.replace("${inputs.text}", "${inputs.txet}"), encoding="utf-8")
    open_flow(page, studio, flow)
    page.get_by_role("tab", name="Problems").click()

    expect(page.get_by_role("tabpanel", name="Problems")).to_contain_text("txet")


def test_a_tool_that_raises_is_shown_at_its_line(studio: Studio, page: Page, flow: Path) -> None:
    (flow / "shout.py").write_text(TOOL.replace("return text.upper()", "return 1 / 0"), encoding="utf-8")
    open_flow(page, studio, flow)
    page.get_by_role("button", name="Run", exact=True).click()

    expect(page.get_by_text("division by zero").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("line 6 of").first).to_be_visible()


def test_a_tool_that_exits_is_named_and_the_next_run_works(studio: Studio, page: Page, flow: Path) -> None:
    broken = TOOL.replace("return text.upper()", "import os; os._exit(3)")
    (flow / "shout.py").write_text(broken, encoding="utf-8")
    open_flow(page, studio, flow)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("exited with code 3").first).to_be_visible(timeout=20_000)
    (flow / "shout.py").write_text(TOOL, encoding="utf-8")
    page.get_by_role("button", name="Run", exact=True).click()

    expect(page.get_by_role("tabpanel", name="Outputs")).to_contain_text("HELLO", timeout=20_000)


def test_an_endless_loop_is_stopped_within_two_seconds(studio: Studio, page: Page, flow: Path) -> None:
    (flow / "shout.py").write_text(TOOL.replace("return text.upper()", "while True: pass"), encoding="utf-8")
    open_flow(page, studio, flow)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("region", name="shout", exact=True)).to_contain_text("Running", timeout=10_000)
    clicked = time.monotonic()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled(timeout=5_000)

    assert time.monotonic() - clicked < 2.5


def test_one_edit_in_a_card_changes_exactly_one_line(studio: Studio, page: Page, flow: Path) -> None:
    open_flow(page, studio, flow)
    card = page.get_by_role("region", name="shout", exact=True)
    value = card.get_by_role("combobox", name="text").or_(card.get_by_role("textbox", name="text", exact=True)).first
    value.click()
    value.fill("plain words")
    value.press("Enter")
    value.press("Tab")
    expect(page.get_by_role("status", name="Save state")).to_contain_text("Saved")
    deadline = time.monotonic() + 5
    while (text := (flow / "flow.dag.yaml").read_text(encoding="utf-8")) == FLOW and time.monotonic() < deadline:
        time.sleep(0.05)

    changed = [(a, b) for a, b in zip(FLOW.splitlines(), text.splitlines(), strict=True) if a != b]
    assert changed == [("    text: ${inputs.text}   # aligned by hand", "    text: plain words   # aligned by hand")]


def test_two_tabs_that_save_different_lines_both_stand(studio: Studio, page: Page, flow: Path) -> None:
    open_flow(page, studio, flow)
    second = page.context.new_page()
    open_flow(second, studio, flow)
    for tab, key, text in ((page, "Control+Home", "# first tab\n"), (second, "Control+End", "\n# second tab")):
        editor = tab.get_by_role("textbox", name="shout.py")
        editor.click()
        tab.keyboard.press(key)
        tab.keyboard.type(text)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        saved = (flow / "shout.py").read_text(encoding="utf-8")
        if "# first tab" in saved and "# second tab" in saved:
            break
        time.sleep(0.1)
    second.close()

    assert saved.startswith("# first tab\n")
    assert saved.endswith("# second tab")


def test_a_folder_without_a_flow_says_so(studio: Studio, page: Page) -> None:
    (studio.home / "only data").mkdir(parents=True)
    (studio.home / "only data/data.csv").write_text("a,b\n", encoding="utf-8")
    page.goto(f"{studio.address}/flows/Users/{USERNAME}/promptflow/only%20data")

    expect(page.get_by_text("flow.dag.yaml").first).to_be_visible()
