"""Shells in the browser: in a flow's drawer, from the explorer, across reloads, under floods, by keyboard alone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio, start_studio, stop_studio

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
SOCKETS = """
window.sockets = []
window.WebSocket = class extends WebSocket {
  constructor(...given) { super(...given); window.sockets.push(this) }
}
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = start_studio(tmp_path_factory.mktemp("data"), PFSTUDIO_FLOW_NETWORK="host")
    yield running
    stop_studio(running)


@pytest.fixture
def flow(studio: Studio, request: pytest.FixtureRequest) -> Path:
    folder = studio.home / request.node.name[5:45].strip("_")
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "shout.py").write_text(TOOL, encoding="utf-8")
    return folder


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose script errors, and breaches of its policy, fail the test."""
    wrong: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()
    assert wrong == []


def _open(page: Page, studio: Studio, folder: Path) -> Locator:
    """A terminal in a folder, on the page of terminals."""
    path = f"Users/{USERNAME}/promptflow/{folder.name}"
    page.goto(f"{studio.address}/terminals?folder={path}")
    return _prompt(page)


def _prompt(page: Page) -> Locator:
    """What the shown terminal prints, once it has its prompt."""
    rows = page.locator(".xterm-rows:visible")
    expect(rows).to_contain_text("$ ")
    return rows


def _run(page: Page, command: str) -> None:
    page.keyboard.insert_text(command)
    page.keyboard.press("Enter")


def test_a_flows_drawer_opens_a_shell_in_its_folder_and_the_page_follows(
    page: Page, studio: Studio, flow: Path
) -> None:
    page.goto(f"{studio.address}/flows/Users/{USERNAME}/promptflow/{flow.name}")
    page.get_by_role("tab", name="Terminal").click()
    rows = _prompt(page)

    _run(page, "pwd; sed -i 's/upper/lower/' shout.py; git init -q && git add . && git status --short")

    expect(rows).to_contain_text(re.compile(r"A\s+shout.py"))
    expect(rows).to_contain_text(f"promptflow/{flow.name}")
    editor = page.get_by_role("textbox", name=re.compile("shout.py"))
    expect(editor).to_contain_text("text.lower()")
    assert violations(page) == []


def test_the_explorers_menu_opens_a_shell_there_beside_the_others(page: Page, studio: Studio, flow: Path) -> None:
    (flow / "inner").mkdir()
    page.goto(f"{studio.address}/files/Users/{USERNAME}/promptflow/{flow.name}/inner")
    page.get_by_role("treeitem", name="inner").click(button="right")
    page.get_by_role("menuitem", name="Open terminal here").click()
    rows = _prompt(page)
    expect(rows).to_contain_text("inner")

    page.get_by_role("button", name="New terminal").click()
    _prompt(page)
    tabs = page.get_by_role("tablist", name="Terminals").get_by_role("tab")
    expect(tabs.last).to_have_text("inner 2")
    _run(page, "exit")

    expect(page.get_by_text("The shell has ended.")).to_be_visible()
    page.get_by_role("button", name="Close tab").click()
    expect(page.get_by_role("tab", name="inner 2")).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="End terminal").click()
    expect(page.get_by_role("tab", name="inner")).to_have_count(0)


def test_a_shell_survives_a_reload_and_a_lost_connection(page: Page, studio: Studio, flow: Path) -> None:
    page.add_init_script(SOCKETS)
    _open(page, studio, flow)
    _run(page, "KEPT=4711; echo be''fore")
    expect(page.locator(".xterm-rows:visible")).to_contain_text("before")

    page.reload()
    rows = _prompt(page)
    expect(rows).to_contain_text("before")
    page.evaluate("sockets.at(-1).close()")
    _wait_for_socket(page, 2)
    _run(page, "echo still $KEPT")

    expect(rows).to_contain_text("still 4711")
    assert rows.inner_text().count("before") == 1


def _wait_for_socket(page: Page, count: int) -> None:
    ends = time.monotonic() + 15
    while not page.evaluate(f"sockets.length >= {count} && sockets.at(-1).readyState === 1"):
        assert time.monotonic() < ends
        page.wait_for_timeout(50)


def test_endless_output_leaves_the_page_usable_and_ends_with_ctrl_c(page: Page, studio: Studio, flow: Path) -> None:
    rows = _open(page, studio, flow)
    _run(page, "yes 0123456789")
    expect(rows).to_contain_text(re.compile("(0123456789){9}"))

    began = time.monotonic()
    page.get_by_role("button", name="Terminal options").click()
    page.get_by_role("menuitemcheckbox", name="Screen reader mode").wait_for()
    page.keyboard.press("Escape")
    assert time.monotonic() - began < 5
    page.locator(".xterm-screen:visible").click()
    page.keyboard.press("Control+c")
    _run(page, "clear; echo o''ver")

    expect(rows).to_contain_text("over")


def test_what_programs_print_does_nothing_to_the_page(page: Page, studio: Studio, flow: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    rows = _open(page, studio, flow)
    title = page.title()
    page.evaluate("navigator.clipboard.writeText('kept')")
    page.locator(".xterm-screen:visible").click()
    _run(page, r"printf '\e]0;owned\a\e]2;owned\a\e]52;c;b3duZWQ=\a\e]8;;https://evil.example\aclick\e]8;;\a\e[21t\n'")
    _run(page, r"touch $'a\e]0;owned\a\e[31mb'; ls -N --color=never | cat; echo do''ne")
    expect(rows).to_contain_text("done")

    link = rows.get_by_text("click").last.bounding_box()
    assert link is not None
    page.mouse.click(link["x"] + 3, link["y"] + 3)

    assert page.title() == title
    assert page.evaluate("navigator.clipboard.readText()") == "kept"
    assert len(page.context.pages) == 1
    assert rows.locator("a").count() == 0
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_keys_go_to_the_shell_until_the_one_that_leaves_and_pasting_runs_nothing(
    page: Page, studio: Studio, flow: Path
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    (flow / "a_long_name.txt").write_text("found")
    rows = _open(page, studio, flow)
    page.keyboard.type("cat a_lo")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rows).to_contain_text("found")

    page.evaluate("text => navigator.clipboard.writeText(text)", "echo pasted\x1b[201~\necho sec''ond")
    page.keyboard.press("Control+v")
    expect(rows).to_contain_text("echo sec''ond")
    assert "second" not in rows.inner_text()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+Shift+l")

    expect(page.get_by_role("tablist", name="Terminals").get_by_role("tab", selected=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="New terminal")).to_be_focused()


def test_an_admin_sees_and_switches_terminals(page: Page, context: BrowserContext, studio: Studio, flow: Path) -> None:
    _open(page, studio, flow)
    settings = context.new_page()
    settings.goto(f"{studio.address}/settings")
    table = settings.get_by_role("table", name="Terminals")
    expect(table.get_by_text(flow.name)).to_be_visible()
    assert violations(settings) == []

    settings.get_by_role("switch", name="Authors have terminals").click()
    expect(page.get_by_text("An admin has switched terminals off.")).to_be_visible()
    expect(settings.get_by_text("Nobody has a terminal open.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="No terminals here")).to_be_visible()
    settings.get_by_role("switch", name="Authors have terminals").click()
    expect(settings.get_by_role("switch", name="Authors have terminals")).to_be_checked()
    settings.close()
    page.reload()
    _prompt(page)
