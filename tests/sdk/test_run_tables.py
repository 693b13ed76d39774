"""Tables and pages of runs: details, grids, exports, the page that compares."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, sync_playwright

from pfstudio.runfolder.folder import RunFolder
from pfstudio.sdk.client import PFClient
from pfstudio.sdk.runs.details import FAILED, details
from pfstudio.sdk.runs.errors import PandasMissingError
from pfstudio.sdk.runs.export import ExportFormatError, export_lines, kind_of
from pfstudio.sdk.runs.grid import grid, shown_width
from pfstudio.sdk.runs.visualize import page
from runfolder.conftest import line, make_record

NASTY = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> {{data}} \u2028"


def make_run(root: Path, name: str, **outputs: Any) -> RunFolder:
    """Four lines: one with a null, one failed, one with markup."""
    folder = RunFolder.create(root, make_record(name, display_name=f"Run {name}"))
    trace = [{"type": "ToolExecutionErrorDetails", "info": {"traceback": "Traceback: n.py"}}]
    folder.append(line(0, outputs={"a": 1, "b": None, **outputs}, system_metrics={"duration": 1.5, "total_tokens": 7}))
    folder.append(line(1, outputs={"a": 2, "b": NASTY}))
    folder.append(line(2, status="Failed", error={"message": "unlucky", "additionalInfo": trace}))
    folder.append(line(3, outputs={"a": 4.5, "b": {"k": [1, "ü"]}}))
    folder.finish(status="Completed", metrics={"accuracy": 0.75, "note": NASTY}, end_time="2026-01-31T10:00:03+00:00")
    folder.close()
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path))
    return tmp_path / ".runs"


def test_a_null_that_was_computed_is_no_failure(root: Path) -> None:
    table = details(make_run(root, "r").path)

    assert list(table.columns) == ["inputs.q", "inputs.line_number", "outputs.a", "outputs.b"]
    assert table.rows[0] == [0, 0, 1, None]
    assert table.rows[2] == [2, 2, FAILED, FAILED]
    assert [type(row[2]) for row in table.rows] == [int, int, str, float]
    assert len(details(make_run(root, "s").path, 2).rows) == 2


def test_details_are_a_data_frame(root: Path) -> None:
    make_run(root, "r")

    frame = PFClient().get_details("r")

    assert list(frame.columns) == ["inputs.q", "inputs.line_number", "outputs.a", "outputs.b"]
    assert list(frame["outputs.a"]) == [1, 2, FAILED, 4.5]
    assert list(frame.index) == [0, 1, 2, 3]


def test_details_without_pandas_say_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(root, "r")
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(PandasMissingError, match=r"pip install 'pfstudio\[pandas\]'"):
        PFClient().get_details("r")


def test_a_grid_is_drawn_as_the_original_drew_it() -> None:
    drawn = grid(["inputs.q", "outputs.a"], [[0, "x"], [10, "(Failed)"]], range(2), width=80)

    assert drawn.splitlines() == [
        "+----+------------+-------------+",
        "|    |   inputs.q | outputs.a   |",
        "+====+============+=============+",
        "|  0 |          0 | x           |",
        "+----+------------+-------------+",
        "|  1 |         10 | (Failed)    |",
        "+----+------------+-------------+",
    ]


@given(st.lists(st.lists(st.text(max_size=60), min_size=2, max_size=2), min_size=1, max_size=4))
def test_a_grid_fits_and_is_straight_whatever_its_cells_hold(rows: list[list[str]]) -> None:
    lines = grid(["one", "two"], rows, range(len(rows)), width=80).splitlines()

    rules = [text for text in lines if text.startswith("+")]
    assert {len(rule) for rule in rules} == {len(rules[0])}
    assert len(rules[0]) <= 80
    assert all(shown_width(text) == len(rules[0]) for text in lines if text.isprintable())


def test_lines_are_exported_as_csv_and_jsonl(root: Path) -> None:
    folder = make_run(root, "r").path

    rows = list(csv.DictReader(export_lines(folder, "csv").splitlines(keepends=True)))
    assert list(rows[0]) == [
        "line_number", "status", "inputs.q", "outputs.a", "outputs.b", "error", "duration", "total_tokens",
    ]  # fmt: skip
    assert (rows[2]["status"], rows[2]["error"]) == ("Failed", "unlucky")
    assert rows[3]["outputs.b"] == '{"k": [1, "ü"]}'
    objects = [json.loads(text) for text in export_lines(folder, "jsonl").split("\n")[:-1]]
    assert objects[0] == {
        "line_number": 0, "status": "Completed", "inputs": {"q": 0}, "outputs": {"a": 1, "b": None}, "duration": 1.5,
        "total_tokens": 7,
    }  # fmt: skip
    assert kind_of(Path("x.CSV")) == "csv"
    with pytest.raises(ExportFormatError, match="not as 'xlsx'"):
        kind_of(Path("x.xlsx"))


@pytest.fixture
def browser_page(root: Path, tmp_path: Path) -> Iterator[Page]:
    """The page of two runs in a browser."""
    folders = [make_run(root, "one"), make_run(root, "two", b="another text")]
    (tmp_path / "runs.html").write_bytes(page(folders))
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.goto((tmp_path / "runs.html").as_uri())
        yield opened
        browser.close()


def test_the_page_holds_everything_itself_and_its_values_are_no_markup(root: Path) -> None:
    text = page([make_run(root, "one")]).decode()

    assert text.count("<script") == 2
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text)
    data = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["lines"][1]["results"][0]["outputs"]["b"] == NASTY


def test_the_page_compares_filters_searches_and_is_used_by_keyboard(browser_page: Page) -> None:
    requests: list[str] = []
    browser_page.on("request", lambda request: requests.append(request.url))
    assert "1 of 4 shared lines differ" in browser_page.locator("#verdict").inner_text()
    assert browser_page.get_by_role("row", name="A Run one").get_by_role("cell", name="0.75").is_visible()
    assert browser_page.title() == "Run one and Run two"

    browser_page.get_by_role("button", name="Failed").click()
    assert browser_page.locator("#count").inner_text() == "1 of 4"
    assert "unlucky" in browser_page.get_by_label("Selected line").inner_text()
    browser_page.get_by_text("Traceback", exact=True).first.click()
    assert browser_page.get_by_text("Traceback: n.py").first.is_visible()

    browser_page.get_by_role("button", name="All lines").click()
    browser_page.keyboard.press("/")
    browser_page.keyboard.type("another")
    assert browser_page.locator("#count").inner_text() == "1 of 4"
    assert "another text" in browser_page.get_by_label("Selected line").inner_text()
    browser_page.get_by_label("Search lines").fill("")
    browser_page.locator("#lines tbody tr").first.focus()
    for key in ("ArrowDown", "End", "ArrowUp"):
        browser_page.keyboard.press(key)
    assert browser_page.locator("tr[aria-selected=true] td").first.inner_text() == "2"
    assert browser_page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    before = browser_page.evaluate("getComputedStyle(document.body).backgroundColor")
    browser_page.get_by_role("button", name="Change theme").click()
    assert browser_page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    assert requests == []
    assert browser_page.title() != "owned"


def test_images_are_named_by_whole_paths_and_shown_on_the_page(root: Path) -> None:
    folder = RunFolder.create(root, make_record("r"))
    (folder.path / "flow_outputs").mkdir()
    (folder.path / "flow_outputs" / "x.png").write_bytes(b"pixels")
    named = {"data:image/png;path": "x.png"}
    folder.append(line(0, outputs={"a": named, "b": [named]}))
    folder.finish(status="Completed", end_time="2026-01-31T10:00:03+00:00")
    folder.close()

    outputs = json.loads((folder.path / "outputs.jsonl").read_text())
    assert outputs["a"] == {"data:image/png;path": str(folder.path / "flow_outputs" / "x.png")}
    assert outputs["b"] == [outputs["a"]]
    assert json.loads((folder.path / "flow_outputs" / "output.jsonl").read_text())["a"] == named
    assert '"$image":"data:image/png;base64,cGl4ZWxz"' in page([folder]).decode()
