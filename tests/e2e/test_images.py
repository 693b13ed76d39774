"""Images: given to a flow as files, shown where they come out, and sent along in a chat."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from e2e.entry_flows import ECHO, LOOK, LOOK_CODE, PICTURE, PIXEL, address_of, write_flow
from e2e.process import Studio


def test_a_chosen_file_goes_beside_the_flow_and_its_image_comes_out(page: Page, studio: Studio, tmp_path: Path) -> None:
    folder = write_flow(studio, "pictures", {"flow.dag.yaml": PICTURE, "echo.py": ECHO})
    (tmp_path / "dot.png").write_bytes(PIXEL)
    page.goto(address_of(studio, "pictures"))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file for Value of input picture").click()
    chooser.value.set_files(tmp_path / "dot.png")
    expect(page.get_by_role("textbox", name="Value of input picture")).to_have_value("dot.png")
    page.get_by_role("button", name="Run", exact=True).click()

    shown = page.get_by_role("tabpanel", name="Outputs").get_by_role("img", name="Image (png)")
    expect(shown).to_be_visible(timeout=15_000)
    assert shown.evaluate("image => image.naturalWidth") == 1
    assert (folder / "dot.png").read_bytes() == PIXEL
    assert "data:image/png;path" in (folder / "flow.dag.yaml").read_text()


def test_an_image_is_sent_along_in_a_chat_and_comes_back(page: Page, studio: Studio, tmp_path: Path) -> None:
    write_flow(studio, "look", {"flow.dag.yaml": LOOK, "look.py": LOOK_CODE})
    (tmp_path / "dot.png").write_bytes(PIXEL)
    page.goto(address_of(studio, "look"))
    page.get_by_role("button", name="Chat", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach images").click()
    chooser.value.set_files(tmp_path / "dot.png")
    page.get_by_role("textbox", name="question", exact=True).fill("What is it?")
    page.keyboard.press("Enter")

    log = page.get_by_role("log", name="Conversation")
    expect(log).to_contain_text("You sent", timeout=15_000)
    expect(log.get_by_role("img", name="Image (png)")).to_have_count(2)
