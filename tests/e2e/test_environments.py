"""A flow's packages on its page: installed by a click or by the first run, followed, canceled, and told of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.process import Studio, start_studio, stop_studio
from package_index import PackageIndex, package_index, write_wheel

FLOW = """inputs: {}
outputs:
  out:
    type: string
    reference: ${node.output}
nodes:
- name: node
  type: python
  source: {type: code, path: node.py}
  inputs: {}
"""
CODE = """from promptflow.core import tool


@tool
def run() -> str:
    import toolbox
    return "toolbox " + toolbox.VERSION
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    folder = tmp_path_factory.mktemp("packages")
    write_wheel(folder, "helper")
    write_wheel(folder, "toolbox", "1.5", requires=["helper", "promptflow"])
    with package_index(folder) as running:
        yield running


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, index: PackageIndex) -> Iterator[Studio]:
    settings = {"PFSTUDIO_ENVIRONMENT_INDEX_URL": index.url(), "PFSTUDIO_ENVIRONMENT_ACCOUNT": "off"}
    running = start_studio(tmp_path_factory.mktemp("data"), **settings)
    yield running
    stop_studio(running)


def make_flow(studio: Studio, name: str, requirements: str) -> Path:
    folder = studio.home / name
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(FLOW)
    (folder / "node.py").write_text(CODE)
    (folder / "requirements.txt").write_text(requirements)
    return folder


def open_flow(page: Page, studio: Studio, folder: Path) -> None:
    path = folder.relative_to(studio.data / "share")
    page.goto(f"{studio.address}/flows/{path}")
    page.get_by_role("button", name="Run", exact=True).wait_for()


def test_save_and_install_shows_how_it_goes_and_what_is_installed(
    page: Page, studio: Studio, index: PackageIndex
) -> None:
    open_flow(page, studio, make_flow(studio, "by-click", "toolbox\n"))
    expect(page.get_by_role("button", name="Packages not installed")).to_be_visible()
    page.get_by_role("treeitem", name="requirements.txt").click()
    index.hold.clear()
    try:
        page.get_by_role("button", name="Save and install").click()
        dialog = page.get_by_role("dialog", name="Environment")
        expect(dialog.get_by_role("progressbar")).to_be_visible()
        expect(dialog.get_by_role("log")).to_contain_text("Using Python")
    finally:
        index.hold.set()

    rows = dialog.get_by_role("table", name="Installed packages").or_(
        dialog.get_by_role("grid", name="Installed packages")
    )
    expect(rows).to_contain_text("toolbox")
    expect(rows).to_contain_text("helper")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Session ready · Python 3.")).to_be_visible()


def test_a_first_run_installs_the_packages_and_answers(page: Page, studio: Studio) -> None:
    open_flow(page, studio, make_flow(studio, "by-run", "toolbox>1\n"))

    page.get_by_role("button", name="Run", exact=True).click()

    expect(page.get_by_role("tabpanel", name="Outputs")).to_contain_text("toolbox 1.5", timeout=30_000)
    expect(page.get_by_role("button", name="Session ready · Python 3.")).to_be_visible()


def test_installing_is_canceled_on_the_page(page: Page, studio: Studio, index: PackageIndex) -> None:
    open_flow(page, studio, make_flow(studio, "canceled", "toolbox<2\n"))
    index.hold.clear()
    try:
        page.get_by_role("button", name="Packages not installed").click()
        dialog = page.get_by_role("dialog", name="Environment")
        dialog.get_by_role("button", name="Install packages").click()
        dialog.get_by_role("button", name="Cancel installing").click()
        expect(dialog).to_contain_text("Installing the packages was canceled.")
    finally:
        index.hold.set()


def test_a_line_that_cannot_be_used_is_told_beside_the_file(page: Page, studio: Studio) -> None:
    folder = make_flow(studio, "wrong", "toolbox\n")
    open_flow(page, studio, folder)
    page.get_by_role("treeitem", name="requirements.txt").click()

    (folder / "requirements.txt").write_text("toolbox=1\n")

    expect(page.get_by_text("Did you mean 'toolbox==1'?").first).to_be_visible()
    expect(page.get_by_role("button", name="Problem in requirements.txt")).to_be_visible()
