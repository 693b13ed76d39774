"""Several browsers, a shell and a network that fails change one flow at once: nothing is lost, nobody is asked."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio, restart_studio, start_studio, stop_studio
from pfstudio.accounts.service import WAIVER

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
    text: ${inputs.text}
- name: ask
  type: prompt
  source:
    type: code
    path: ask.jinja2
  inputs:
    text: ${shout.output}
"""
TOOL = "from promptflow.core import tool\n\n\n@tool\ndef shout(text: str) -> str:\n    return text.upper()\n"
PROMPT = "system:\nfirst\n\nuser:\nsecond\n\n{{text}}\n"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = start_studio(tmp_path_factory.mktemp("data"), PFSTUDIO_ISOLATION_WAIVER=WAIVER)
    yield running
    stop_studio(running)


@pytest.fixture
def flow(studio: Studio, request: pytest.FixtureRequest) -> Path:
    folder = studio.home / request.node.name[5:].replace("[", "-").strip("]")
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "shout.py").write_text(TOOL, encoding="utf-8")
    (folder / "ask.jinja2").write_text(PROMPT, encoding="utf-8")
    return folder


@pytest.fixture
def second(browser: Browser, context: BrowserContext) -> Iterator[Page]:
    """Another browser of the same person."""
    profile = browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=context.storage_state())
    opened = profile.new_page()
    opened.set_default_timeout(15_000)
    yield opened
    profile.close()


def open_flow(page: Page, studio: Studio, flow: Path) -> None:
    page.goto(f"{studio.address}/flows/" + quote(f"Users/{USERNAME}/promptflow/{flow.name}"))
    page.get_by_role("region", name="shout", exact=True).wait_for()


def type_into(page: Page, file: str, line: int, text: str) -> Locator:
    """Type at the end of a line of a file that a card shows."""
    editor = page.get_by_role("textbox", name=file, exact=True)
    editor.scroll_into_view_if_needed()
    editor.click()
    page.keyboard.press("Control+Home")
    for _ in range(line - 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.type(text)
    return editor


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)


def saved(page: Page) -> None:
    expect(page.get_by_role("status", name="Save state")).to_contain_text("Saved")


def sed(expression: str, file: Path) -> None:
    subprocess.run(["sed", "-i", expression, str(file)], check=True, timeout=10)


@pytest.mark.parametrize(
    ("file", "first_line", "second_line", "expression", "expected"),
    [
        (
            "ask.jinja2",
            2,
            5,
            "s/^system:/system: # sed/",
            "system: # sed\nfirst ONE\n\nuser:\nsecond TWO\n\n{{text}}\n",
        ),
        ("shout.py", 1, 6, "s/^def shout/def  shout/", TOOL.replace("def ", "def  ")),
    ],
    ids=["prompt", "python"],
)
def test_two_browsers_and_sed_change_three_lines_of_a_file(
    studio: Studio,
    page: Page,
    second: Page,
    flow: Path,
    file: str,
    first_line: int,
    second_line: int,
    expression: str,
    expected: str,
) -> None:
    for tab in (page, second):
        open_flow(tab, studio, flow)
    began = time.monotonic()
    editor = type_into(page, file, first_line, " ONE")
    type_into(second, file, second_line, " TWO")
    sed(expression, flow / file)
    assert time.monotonic() - began < 3  # Slow machines included; the saves wait for half a second of silence.

    if file == "shout.py":
        expected = expected.replace("import tool", "import tool ONE").replace("upper()", "upper() TWO")
    eventually(lambda: (flow / file).read_text() == expected)
    for tab in (page, second):
        saved(tab)
        expect(tab.get_by_role("alert")).to_have_count(0)
    expect(editor).to_be_focused()
    page.keyboard.type("!")  # The caret has not moved.
    eventually(lambda: " ONE!" in (flow / file).read_text() and " TWO" in (flow / file).read_text())
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    eventually(lambda: " ONE" not in (flow / file).read_text() and " TWO" in (flow / file).read_text())


def test_a_card_another_browser_and_sed_change_three_lines_of_the_flow_file(
    studio: Studio, page: Page, second: Page, flow: Path
) -> None:
    for tab in (page, second):
        open_flow(tab, studio, flow)
    second.get_by_role("switch", name="Raw file mode").click()
    second.get_by_role("textbox", name="flow.dag.yaml", exact=True).wait_for()
    card = page.get_by_role("region", name="shout", exact=True)
    value = card.get_by_role("combobox", name="text").or_(card.get_by_role("textbox", name="text", exact=True)).first
    value.click()
    value.fill("plain words")
    value.press("Enter")
    value.press("Tab")
    type_into(second, "flow.dag.yaml", 1, " TWO")
    sed("s/default: hello/default: bye/", flow / "flow.dag.yaml")

    expected = FLOW.replace("text: ${inputs.text}", "text: plain words")
    expected = expected.replace("must stay.", "must stay. TWO").replace("hello", "bye")
    eventually(lambda: (flow / "flow.dag.yaml").read_text() == expected)
    for tab in (page, second):
        saved(tab)
        expect(tab.get_by_role("alert")).to_have_count(0)


def make_conflict(page: Page, flow: Path) -> None:
    page.context.set_offline(True)
    type_into(page, "ask.jinja2", 2, " mine")
    type_into(page, "ask.jinja2", 7, " end")
    sed("2s/$/ theirs/; 5s/$/ more/", flow / "ask.jinja2")
    page.context.set_offline(False)
    expect(page.get_by_role("alert").filter(has_text="in the same lines")).to_be_visible()


def test_lines_changed_on_both_sides_are_merged_by_hand_with_the_keyboard(
    studio: Studio, page: Page, flow: Path
) -> None:
    open_flow(page, studio, flow)
    page.get_by_role("textbox", name="ask.jinja2", exact=True).wait_for()
    make_conflict(page, flow)
    assert (flow / "ask.jinja2").read_text().startswith("system:\nfirst theirs\n")

    page.get_by_role("button", name="Open merge").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Merge ask.jinja2")
    expect(dialog.get_by_role("status")).to_contain_text("1 of 1 conflict open")
    assert violations(page) == []
    both = dialog.get_by_role("button", name="Take both")
    both.focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("Everything is decided")
    result = dialog.get_by_role("textbox", name="Result of ask.jinja2")
    result.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("typed here\n")
    dialog.get_by_role("button", name="Finish merge").focus()
    page.keyboard.press("Enter")

    expect(dialog).to_have_count(0)
    expected = "system:\nfirst mine\nfirst theirs\n\nuser:\nsecond more\n\n{{text}} end\ntyped here\n"
    eventually(lambda: (flow / "ask.jinja2").read_text() == expected)
    saved(page)


def test_a_conflict_that_waits_survives_a_reload(studio: Studio, page: Page, flow: Path) -> None:
    open_flow(page, studio, flow)
    page.get_by_role("textbox", name="ask.jinja2", exact=True).wait_for()
    make_conflict(page, flow)
    page.reload()

    page.get_by_role("button", name="Keep mine").click()
    eventually(lambda: "first mine" in (flow / "ask.jinja2").read_text())
    saved(page)


def test_edits_made_while_the_studio_is_away_are_offered_again_merged_and_saved(
    studio: Studio, page: Page, flow: Path
) -> None:
    open_flow(page, studio, flow)
    page.get_by_role("textbox", name="ask.jinja2", exact=True).wait_for()
    stop_studio(studio)
    try:
        type_into(page, "ask.jinja2", 2, " typed away")
        expect(page.get_by_role("status", name="Save state")).to_contain_text("Not saved – offline")
        page.goto("about:blank")
        sed("5s/$/ meanwhile/", flow / "ask.jinja2")
    finally:
        restart_studio(studio)
    open_flow(page, studio, flow)
    offer = page.get_by_role("status").filter(has_text="This browser has kept them")
    expect(offer).to_contain_text("ask.jinja2")
    assert "typed away" not in (flow / "ask.jinja2").read_text()
    assert violations(page) == []
    offer.get_by_role("button", name="Merge and save").click()

    eventually(lambda: (flow / "ask.jinja2").read_text().startswith("system:\nfirst typed away\n\nuser:\nsecond mean"))
    expect(offer).to_have_count(0)
    page.reload()
    page.get_by_role("region", name="shout", exact=True).wait_for()
    expect(offer).to_have_count(0)


def test_edits_made_without_network_are_saved_by_themselves_when_it_is_back(
    studio: Studio, page: Page, flow: Path
) -> None:
    open_flow(page, studio, flow)
    page.get_by_role("textbox", name="ask.jinja2", exact=True).wait_for()
    page.context.set_offline(True)
    type_into(page, "ask.jinja2", 2, " offline")
    expect(page.get_by_role("status", name="Save state")).to_contain_text("Not saved – offline")
    page.context.set_offline(False)

    eventually(lambda: "first offline" in (flow / "ask.jinja2").read_text())
    saved(page)


def test_who_else_has_a_flow_and_a_file_open_is_shown_until_they_leave(
    studio: Studio, page: Page, browser: Browser, flow: Path
) -> None:
    open_flow(page, studio, flow)
    other = sign_in_another(studio, page, browser, "grace", "correct horse battery staple")
    expect(page.get_by_role("img", name="grace has this flow open")).to_have_count(0)
    open_flow(other, studio, flow)
    expect(page.get_by_role("img", name="grace has this flow open")).to_be_visible()
    expect(other.get_by_role("img", name=f"{USERNAME} has this flow open")).to_be_visible()

    for tab in (other, page):
        tab.get_by_role("switch", name="Raw file mode").click()
    expect(page.get_by_role("img", name="grace has this file open")).to_be_visible()
    other.close()
    expect(page.get_by_role("img", name="grace has this flow open")).to_have_count(0, timeout=5_000)


def sign_in_another(studio: Studio, page: Page, browser: Browser, username: str, password: str) -> Page:
    status = page.evaluate(
        """async body => {
          const session = await (await fetch('/api/auth/session')).json()
          const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf_token}
          return (await fetch('/api/users', {method: 'POST', headers, body: JSON.stringify(body)})).status
        }""",
        {"username": username, "password": password, "role": "author"},
    )
    assert status == 201
    other = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    other.goto(studio.address)
    other.get_by_role("textbox", name="Username").fill(username)
    other.get_by_role("textbox", name="Password").fill(password)
    other.get_by_role("button", name="Sign in").click()
    other.get_by_role("heading", name="Flows").wait_for()
    return other
