"""What a file is, shown so that nothing in it can run; and the right language for a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.explorer import make_flow, show
from e2e.process import USERNAME, Studio

ATTACK = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# A title\n", ATTACK]},
        {
            "cell_type": "code",
            "execution_count": 7,
            "source": "compute()",
            "outputs": [
                {"output_type": "display_data", "data": {"text/html": ATTACK, "text/plain": "a plain answer"}},
                {"output_type": "display_data", "data": {"image/png": PIXEL}},
                {"output_type": "display_data", "data": {"application/javascript": "window.hacked = 1"}},
            ],
        },
    ],
}
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n"
)
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80" onload="window.hacked=1">'
    "<script>window.hacked=1</script><circle r='30' cx='40' cy='40'/></svg>"
)
ROWS = 200_000


@pytest.fixture(scope="module", autouse=True)
def folder(studio: Studio) -> Path:
    made = make_flow(studio.home)
    (made / "note.ipynb").write_text(json.dumps(NOTEBOOK))
    (made / "README.md").write_text(f"# A heading\n\nSome **words**.\n\n{ATTACK}\n")
    (made / "drawing.svg").write_text(DRAWING)
    (made / "paper.pdf").write_bytes(PDF)
    (made / "false.pdf").write_text(f"<html>{ATTACK}</html>")
    (made / "blob.bin").write_bytes(bytes(range(256)) * 40_000)
    (made / "long.txt").write_text("a long line of words\n" * 250_000)
    (made / "table.csv").write_text('name,words\nada,"x, y"\nbob,"two\nlines"\n')
    with (made / "large.jsonl").open("w") as file:
        file.writelines(f'{{"id": {number}, "text": "words of line {number}"}}\n' for number in range(ROWS))
    (made / "setup.sh").write_text('#!/bin/sh\nset -e # stop\nfor x in a; do echo "$x"; done\n')
    (made / "pyproject.toml").write_text('[project]\nname = "demo"\n')
    (made / "page.html").write_text("<p>text</p>\n")
    return made


@pytest.fixture(params=["light", "dark"])
def themed(page: Page, request: pytest.FixtureRequest) -> Page:
    page.emulate_media(color_scheme="dark" if request.param == "dark" else "light")
    return page


def view(page: Page, studio: Studio, name: str) -> None:
    show(page, studio.address, f"demo/{name}")


def test_a_notebook_shows_text_and_pictures_and_runs_nothing(studio: Studio, themed: Page) -> None:
    view(themed, studio, "note.ipynb")
    region = themed.get_by_role("region", name="note.ipynb")
    expect(region.get_by_role("heading", name="A title")).to_be_visible()
    expect(region.get_by_text("a plain answer")).to_be_visible()
    expect(region.get_by_role("img", name="Output of the cell")).to_be_visible()
    expect(region.get_by_text("application/javascript")).to_be_visible()
    assert violations(themed) == []
    assert themed.evaluate("window.hacked") is None

    region.get_by_role("radio", name="Source").check(force=True)
    expect(themed.get_by_role("textbox", name="note.ipynb")).to_be_visible()


def test_markdown_is_read_and_edited_in_turn(studio: Studio, themed: Page) -> None:
    view(themed, studio, "README.md")
    region = themed.get_by_role("region", name="README.md")
    expect(region.get_by_role("heading", name="A heading")).to_be_visible()
    assert violations(themed) == []
    assert themed.evaluate("window.hacked") is None

    region.get_by_role("radio", name="Text").check(force=True)
    themed.get_by_role("textbox", name="README.md").press("Control+Home")
    themed.keyboard.type("# Before\n\n")
    region.get_by_role("radio", name="Preview").check(force=True)
    expect(region.get_by_role("heading", name="Before").first).to_be_visible()


def test_a_drawing_is_an_image_whose_script_does_not_run(studio: Studio, page: Page) -> None:
    view(page, studio, "drawing.svg")
    image = page.get_by_role("img", name="drawing.svg")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.naturalWidth") == 80
    assert page.evaluate("window.hacked") is None


def test_a_document_opens_in_the_browsers_own_viewer_and_a_false_one_as_its_text(studio: Studio, page: Page) -> None:
    view(page, studio, "paper.pdf")
    if page.evaluate("navigator.pdfViewerEnabled"):
        frame = page.locator("iframe[title='paper.pdf']")
        expect(frame).to_be_visible()
        assert (frame.get_attribute("src") or "").startswith("blob:")
    else:
        expect(page.get_by_text("PDF document")).to_be_visible()

    view(page, studio, "false.pdf")
    expect(page.get_by_role("region", name="All of it")).to_contain_text("window.hacked")
    assert page.locator("iframe").count() == 0
    assert page.evaluate("window.hacked") is None


def test_bytes_open_as_facts_and_their_beginning(studio: Studio, themed: Page) -> None:
    view(themed, studio, "blob.bin")
    expect(themed.get_by_text("10,240,000 bytes")).to_be_visible()
    expect(themed.get_by_text("00000010  10 11 12 13")).to_be_visible()
    assert violations(themed) == []
    with themed.expect_download() as download:
        themed.get_by_role("button", name="Download file").click()
    assert download.value.path().stat().st_size == 10_240_000


def test_a_long_text_shows_its_beginning_until_it_is_asked_for(studio: Studio, page: Page) -> None:
    view(page, studio, "long.txt")
    expect(page.get_by_role("region", name="The first 64 kB")).to_contain_text("a long line of words")
    page.get_by_role("button", name="Open in the editor anyway").click()
    expect(page.get_by_role("textbox", name="long.txt")).to_be_visible(timeout=60_000)


def test_separated_values_are_a_table(studio: Studio, page: Page) -> None:
    view(page, studio, "table.csv")
    table = page.get_by_role("table", name="table.csv")
    expect(table.get_by_role("cell", name="x, y")).to_be_visible()
    expect(page.get_by_text("2 rows, 2 columns")).to_be_visible()


def test_a_large_table_reads_only_what_is_looked_at(studio: Studio, themed: Page) -> None:
    sizes: list[int] = []
    themed.on(
        "response",
        lambda answer: (
            sizes.append(int(answer.headers["content-length"]))
            if "/api/content/" in answer.url and "content-length" in answer.headers
            else None
        ),
    )
    view(themed, studio, "large.jsonl")
    rows = themed.get_by_role("region", name="Rows of large.jsonl")
    expect(rows.get_by_role("cell", name="words of line 5", exact=True)).to_be_visible()
    assert violations(themed) == []
    themed.wait_for_timeout(500)
    assert sum(sizes) <= 1_000_000
    assert themed.locator("tr").count() < 100

    for _ in range(3):
        rows.evaluate("element => { element.scrollTop = element.scrollHeight }")
        themed.wait_for_timeout(400)
    expect(themed.get_by_text("The first", exact=False).first).to_be_visible()
    assert themed.locator("tr").count() < 100
    rows.evaluate("element => { element.scrollTop = 0 }")
    expect(rows.get_by_role("cell", name="words of line 5", exact=True)).to_be_visible()


@pytest.mark.parametrize("name", ["setup.sh", "pyproject.toml", "page.html", "fetch.py"])
def test_a_text_is_colored_in_its_language(studio: Studio, page: Page, name: str) -> None:
    view(page, studio, name)
    page.get_by_role("textbox", name=name).wait_for()
    expect(page.locator(".cm-line span[class]").first).to_be_visible()


def test_in_a_flow_bytes_and_pictures_open_in_tabs(studio: Studio, page: Page) -> None:
    page.goto(f"{studio.address}/flows/Users/{USERNAME}/promptflow/demo")
    tree = page.get_by_role("tree", name="Files")
    tree.get_by_role("treeitem", name="blob.bin").click()
    expect(page.get_by_text("00000010  10 11 12 13")).to_be_visible()
    assert violations(page) == []
