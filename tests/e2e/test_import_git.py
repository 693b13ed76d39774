"""A flow comes in from elsewhere, as a zip, folder or repository; what is wrong with it is told, and it is there."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio, start_studio, stop_studio
from git_server import *  # noqa: F403 - fixtures.
from git_server import GitServer

FLOW = b"""\
inputs:
  text:
    type: string
    default: hello
outputs:
  result:
    type: string
    reference: ${ask.output}
nodes:
- name: ask
  type: llm
  source:
    type: code
    path: ask.jinja2
  inputs:
    model: gpt-4o
    text: ${inputs.text}
  connection: their_connection
  api: chat
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = start_studio(tmp_path_factory.mktemp("data"), PFSTUDIO_IMPORT_PRIVATE_ADDRESSES="1")
    yield running
    stop_studio(running)


def zip_of(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def open_dialog(page: Page, studio: Studio, way: str) -> Locator:
    page.goto(studio.address + "/flows")
    page.get_by_role("button", name="More ways to create").click()
    page.get_by_role("menuitem", name=way).click()
    dialog = page.get_by_role("dialog", name="Create flow")
    dialog.wait_for()
    return dialog


def test_a_repository_becomes_a_flow_and_what_is_to_be_mended_is_listed(
    studio: Studio, page: Page, git_server: GitServer
) -> None:
    git_server.make("answers.git", {"flow.dag.yaml": FLOW, "other/flow.dag.yaml": b"nodes: []\n"})
    dialog = open_dialog(page, studio, "Clone a git repository")
    address = dialog.get_by_role("textbox", name="Address of the repository")
    expect(address).to_be_focused()
    page.keyboard.type(git_server.url("answers.git"))
    expect(dialog.get_by_role("textbox", name="Name", exact=True)).to_have_value("answers")
    dialog.get_by_role("textbox", name="Branch or tag").fill("main")
    page.keyboard.press("Enter")

    report = page.get_by_role("dialog", name="Imported as answers")
    expect(report.get_by_role("region", name="To mend before it runs")).to_contain_text("ask.jinja2")
    expect(report.get_by_role("region", name="Connections it names")).to_contain_text("their_connection is missing")
    expect(report).to_contain_text("2 flows came in")
    assert violations(page) == []
    report.get_by_role("button", name="Go on").click()
    page.get_by_role("region", name="ask", exact=True).wait_for()
    assert (studio.home / "answers/flow.dag.yaml").read_bytes() == FLOW


def test_a_repository_that_is_not_there_is_told_in_the_dialog(
    studio: Studio, page: Page, git_server: GitServer
) -> None:
    dialog = open_dialog(page, studio, "Clone a git repository")
    address = dialog.get_by_role("textbox", name="Address of the repository")
    address.fill("not an address")
    expect(dialog.get_by_role("button", name="Create flow")).to_be_disabled()
    address.fill(git_server.url("none.git"))
    dialog.get_by_role("button", name="Create flow").click()

    expect(dialog.get_by_role("alert")).to_contain_text("The repository was not imported")
    assert not (studio.home / "none").exists()


def test_an_import_that_takes_long_is_canceled_and_nothing_is_left_of_it(
    studio: Studio, page: Page, git_server: GitServer
) -> None:
    git_server.slow.add("slow.git")
    dialog = open_dialog(page, studio, "Clone a git repository")
    dialog.get_by_role("textbox", name="Address of the repository").fill(git_server.url("slow.git"))
    dialog.get_by_role("button", name="Create flow").click()
    expect(dialog.get_by_role("status")).to_contain_text("Asking for the repository")
    expect(dialog.get_by_role("progressbar", name="Import")).to_be_visible()
    dialog.get_by_role("button", name="Cancel import").click()

    expect(dialog.get_by_role("button", name="Create flow")).to_be_enabled()
    expect(dialog.get_by_role("alert")).to_have_count(0)
    assert not (studio.home / "slow").exists()


def test_a_name_that_is_taken_comes_with_one_that_is_free(studio: Studio, page: Page, tmp_path: Path) -> None:
    dialog = open_dialog(page, studio, "Upload a folder or zip")
    (tmp_path / "bring.zip").write_bytes(zip_of({"bring/flow.dag.yaml": FLOW, "bring/ask.jinja2": b"{{text}}\n"}))
    dialog.get_by_label("Files or a zip").set_input_files(tmp_path / "bring.zip")
    expect(dialog.get_by_role("textbox", name="Name", exact=True)).to_have_value("bring")
    (studio.home / "bring").mkdir(parents=True)  # A plain folder, which no list of flows shows.
    dialog.get_by_role("button", name="Create flow").click()

    refusal = dialog.get_by_role("alert")
    expect(refusal).to_contain_text("You already have a folder named 'bring'")
    assert violations(page) == []
    refusal.get_by_role("button", name="Create as bring-2").click()
    page.get_by_role("dialog", name="Imported as bring-2").wait_for()
    assert (studio.home / "bring-2/flow.dag.yaml").read_bytes() == FLOW


def test_an_export_says_what_is_not_in_it_and_takes_in_what_is_asked_for(studio: Studio, page: Page) -> None:
    folder = studio.home / "given"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (folder / ".gitignore").write_text("local.txt\n", encoding="utf-8")
    (folder / "local.txt").write_text("mine\n", encoding="utf-8")
    (folder / "flow.dag.yaml").write_text("nodes: []\n", encoding="utf-8")
    page.goto(studio.address + "/flows")
    row = page.get_by_role("table", name="Flows").get_by_role("row", name="given")
    row.get_by_role("button").last.click()
    with page.expect_download() as first:
        page.get_by_role("menuitem", name="Export").click()
    notice = page.get_by_role("region", name="Notices")
    expect(notice).to_contain_text("without .git, .promptflow and caches")
    assert names_of(first.value.path()) == {"given/.gitignore", "given/flow.dag.yaml", "given/local.txt"}

    notice.get_by_role("button", name="Options").click()
    dialog = page.get_by_role("dialog", name="Export given")
    dialog.get_by_role("checkbox", name="With .git").check()
    dialog.get_by_role("checkbox", name="With files that a .gitignore names").uncheck()
    expect(dialog.get_by_role("status")).to_contain_text("what a .gitignore names")
    assert violations(page) == []
    with page.expect_download() as second:
        dialog.get_by_role("button", name="Export as zip").click()
    assert names_of(second.value.path()) == {"given/.gitignore", "given/flow.dag.yaml", "given/.git/HEAD"}


def names_of(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_dialog_has_no_accessibility_violation_with_a_repository_in_it(
    studio: Studio, page: Page, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    dialog = open_dialog(page, studio, "Clone a git repository")
    dialog.get_by_role("textbox", name="Address of the repository").fill("https://git.example.org/team/flows.git")
    dialog.get_by_role("textbox", name="Folder", exact=True).fill("chat")
    time.sleep(0.2)  # Colors pass over within 120 ms.

    assert violations(page) == []
    assert f"Users/{USERNAME}/promptflow/chat" in dialog.inner_text()
