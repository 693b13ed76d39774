"""Uploads: large files in pieces that go on after a broken connection and a reload, names that are taken, cancel."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from e2e.axe import violations
from e2e.broken_line import Line, broken_line
from e2e.explorer import make_flow, pick_files, show
from e2e.process import Studio

SIZE = 30_000_000
CUT_AT = 18_000_000
MOST_SENT_TWICE = 8_000_000
WAITING = re.compile("waiting for the studio")


@pytest.fixture(scope="module", autouse=True)
def folder(studio: Studio) -> Path:
    return make_flow(studio.home)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("own") / "large.bin"
    file.write_bytes(os.urandom(SIZE))
    return file


@pytest.fixture
def line(studio: Studio, context: BrowserContext) -> Iterator[Line]:
    """A line to the studio for a browser that is signed in there: the cookie's name has the address's port."""
    with broken_line(studio.address) as made:
        port, own = studio.address.rpartition(":")[2], made.address.rpartition(":")[2]
        name = f"pfstudio_session_{port}"
        value = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == name)
        context.add_cookies([{"name": f"pfstudio_session_{own}", "value": value, "url": made.address}])
        yield made


@pytest.fixture(autouse=True)
def leaving_is_allowed(page: Page) -> None:
    """A page that uploads asks before it is left."""
    page.on("dialog", Dialog.accept)


@pytest.fixture
def target(folder: Path) -> Iterator[Path]:
    file = folder / "large.bin"
    file.unlink(missing_ok=True)
    yield file
    file.unlink(missing_ok=True)


def begin_and_break(page: Page, line: Line, large: Path) -> int:
    """Uploads over a line that is cut in the middle; gives how much had been sent."""
    show(page, line.address, "demo")
    page.wait_for_timeout(500)
    before = line.sent
    line.cut_after(CUT_AT)
    pick_files(page, large)
    expect(page.get_by_role("region", name="Uploads").get_by_text(WAITING)).to_be_visible(timeout=60_000)
    return line.sent - before


def test_a_large_file_goes_on_after_a_broken_connection_and_little_is_sent_twice(
    page: Page, line: Line, target: Path, large: Path
) -> None:
    sent = begin_and_break(page, line, large)
    assert violations(page) == []
    assert not target.exists()

    before = line.sent
    line.mend()

    page.get_by_text("1 file uploaded to").wait_for(timeout=60_000)
    assert target.read_bytes() == large.read_bytes()
    assert sent + line.sent - before <= SIZE + MOST_SENT_TWICE


def test_an_upload_goes_on_after_a_reload_when_the_file_is_chosen_again(
    page: Page, line: Line, target: Path, large: Path
) -> None:
    sent = begin_and_break(page, line, large)
    line.mend()
    page.reload()
    panel = page.get_by_role("region", name="Uploads")
    expect(panel.get_by_text(re.compile("Stopped at"))).to_be_visible()
    assert violations(page) == []
    page.wait_for_timeout(500)
    before = line.sent
    with page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Choose file again").click()
    chooser.value.set_files(large)

    page.get_by_text("1 file uploaded to").wait_for(timeout=60_000)
    assert target.read_bytes() == large.read_bytes()
    assert sent + line.sent - before <= SIZE + MOST_SENT_TWICE


def test_another_file_is_not_taken_for_the_one_that_was_interrupted(
    page: Page, line: Line, target: Path, large: Path, tmp_path: Path
) -> None:
    begin_and_break(page, line, large)
    line.mend()
    page.reload()
    other = tmp_path / "large.bin"
    other.write_bytes(b"something else")
    panel = page.get_by_role("region", name="Uploads")
    with page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Choose file again").click()
    chooser.value.set_files(other)

    page.get_by_text("is not the file that was being uploaded").wait_for()

    panel.get_by_role("button", name="Cancel large.bin").click()
    expect(panel).to_have_count(0)
    page.reload()
    page.get_by_role("tree", name="Files").wait_for()
    page.wait_for_timeout(1000)
    expect(panel).to_have_count(0)
    assert not target.exists()


def test_canceling_an_upload_leaves_nothing(page: Page, line: Line, target: Path, large: Path) -> None:
    begin_and_break(page, line, large)
    panel = page.get_by_role("region", name="Uploads")

    panel.get_by_role("button", name="Cancel upload").click()

    expect(panel).to_have_count(0)
    assert not target.exists()
    assert page.evaluate("localStorage.getItem('pfstudio:uploads')") in (None, "[]")


def test_a_name_that_is_taken_is_asked_about_once_for_all(
    studio: Studio, page: Page, folder: Path, tmp_path: Path
) -> None:
    names = ["a.txt", "b.txt", "c.txt"]
    for name in names:
        (folder / name).write_text("old")
        (tmp_path / name).write_text("new")
    (tmp_path / "d.txt").write_text("new")
    show(page, studio.address, "demo")
    page.get_by_role("link", name="c.txt").wait_for()

    pick_files(page, *(tmp_path / name for name in [*names, "d.txt"]))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox")).to_be_checked()
    assert violations(page) == []
    dialog.get_by_role("button", name="Keep both").click()

    page.get_by_text("4 files uploaded to").wait_for()
    assert [(folder / name).read_text() for name in names] == ["old"] * 3
    assert [(folder / f"{name[0]} (2).txt").read_text() for name in names] == ["new"] * 3

    pick_files(page, tmp_path / "a.txt", tmp_path / "b.txt")
    dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="Replace").click()
    page.get_by_role("dialog", name="b.txt is already there").get_by_role("button", name="Skip").click()

    page.get_by_text("1 file uploaded to").wait_for()
    assert [(folder / name).read_text() for name in names] == ["new", "old", "old"]


def test_a_dropped_folder_comes_in_with_what_is_in_it(studio: Studio, page: Page, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pack/inner").mkdir(parents=True)
    (tmp_path / "pack/one.txt").write_text("1")
    (tmp_path / "pack/inner/two.txt").write_text("2")
    show(page, studio.address, "demo")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload", exact=True).click()
        page.get_by_role("menuitem", name="A folder").click()
    chooser.value.set_files(tmp_path / "pack")

    page.get_by_text("2 files uploaded to").wait_for()
    assert (folder / "pack/one.txt").read_text() == "1"
    assert (folder / "pack/inner/two.txt").read_text() == "2"


def test_what_the_studio_refuses_is_told_and_can_be_tried_again(
    studio: Studio, page: Page, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "small.txt").write_text("small")
    show(page, studio.address, "demo")
    refusal = '{"status": 507, "title": "Full", "detail": "The disk is full.", "code": "disk_full"}'
    page.route("**/api/content/**/small.txt", lambda route: route.fulfill(status=507, body=refusal))
    pick_files(page, tmp_path / "small.txt")
    panel = page.get_by_role("region", name="Uploads")
    expect(panel.get_by_role("alert")).to_have_text("The disk is full.")
    assert violations(page) == []

    page.unroute("**/api/content/**/small.txt")
    panel.get_by_role("button", name="Try small.txt again").click()

    page.get_by_text("1 file uploaded to").wait_for()
    assert (folder / "small.txt").read_text() == "small"
