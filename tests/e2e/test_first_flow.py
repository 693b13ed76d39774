"""What a newcomer does on the first day, in one journey."""

from __future__ import annotations

import re
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.process import USERNAME, Studio


def test_create_edit_run_export_and_bring_back(studio: Studio, page: Page, tmp_path: Path) -> None:
    create_from_gallery(page, studio, "Web classification", "pages")
    folder = studio.home / "pages"
    edit_prompt_in_card(page, folder)
    edit_python_in_explorer(page, folder)
    run_and_see_every_node_completed(page)
    see_a_change_made_on_disk(page, folder)
    exported = export_and_compare(page, folder, tmp_path)
    drop_folder_on_flows_page(page, studio, exported)
    run_and_see_every_node_completed(page)


def create_from_gallery(page: Page, studio: Studio, title: str, name: str) -> None:
    page.goto(studio.address + "/flows")
    page.get_by_role("button", name="Create flow").first.click()
    dialog = page.get_by_role("dialog", name="Create flow")
    dialog.get_by_role("radio", name=re.compile(f"^{title}")).check()
    dialog.get_by_role("textbox", name="Name", exact=True).fill(name)
    dialog.get_by_role("button", name="Create flow").click()
    expect(page.get_by_role("region", name="Inputs", exact=True)).to_be_visible()
    assert (studio.home / name / "flow.dag.yaml").is_file()


def edit_prompt_in_card(page: Page, folder: Path) -> None:
    card = page.get_by_role("region", name="classify_with_llm", exact=True)
    card.scroll_into_view_if_needed()
    editor = card.get_by_role("textbox", name="classify_with_llm.jinja2")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nBe brief.")
    expect(page.get_by_role("status", name="Save state")).to_contain_text("Saved")
    eventually(lambda: (folder / "classify_with_llm.jinja2").read_text().endswith("Be brief."))


def edit_python_in_explorer(page: Page, folder: Path) -> None:
    page.get_by_role("switch", name="Raw file mode").click()
    page.get_by_role("tree", name="Files").get_by_text("convert_to_dict.py").click()
    editor = page.get_by_role("textbox", name="convert_to_dict.py")
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# Edited in the browser.\n")
    eventually(lambda: (folder / "convert_to_dict.py").read_text().startswith("# Edited in the browser.\n"))
    page.get_by_role("switch", name="Raw file mode").click()
    page.get_by_role("region", name="Inputs", exact=True).wait_for()


def run_and_see_every_node_completed(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("tab", name="Outputs").click()
    expect(page.get_by_role("tabpanel", name="Outputs")).to_contain_text("category", timeout=30_000)
    for node in ("fetch_text_content_from_url", "classify_with_llm", "convert_to_dict"):
        expect(page.get_by_role("region", name=node, exact=True)).to_contain_text("Completed")


def see_a_change_made_on_disk(page: Page, folder: Path) -> None:
    source = folder / "flow.dag.yaml"
    text = source.read_text()
    subprocess.run(
        [
            "sed",
            "-i",
            "s/prepare_examples$/collect_examples/; s/prepare_examples\\.output/collect_examples.output/",
            source,
        ],
        check=True,
    )
    assert source.read_text() != text
    expect(page.get_by_role("region", name="collect_examples", exact=True)).to_be_visible(timeout=3_000)


def export_and_compare(page: Page, folder: Path, tmp_path: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").first.click()
    archive = tmp_path / "pages.zip"
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(tmp_path / "out")
    assert contents(tmp_path / "out/pages") == contents(folder)
    return tmp_path / "out/pages"


def drop_folder_on_flows_page(page: Page, studio: Studio, folder: Path) -> None:
    page.goto(studio.address + "/flows")
    page.get_by_role("table", name="Flows").wait_for()
    drag = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        drag.send("Input.dispatchDragEvent", {"type": kind, "x": 640, "y": 500, "data": data})
    expect(page.get_by_role("region", name="Inputs", exact=True)).to_be_visible(timeout=20_000)
    imported = studio.home / "pages-2"
    assert contents(imported) == contents(folder)
    assert f"Users/{USERNAME}/promptflow/pages-2" in page.url


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by its path, without what a run leaves behind."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"__pycache__", ".promptflow"} & set(path.parts)
    }


def eventually(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
