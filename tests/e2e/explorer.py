"""What the explorer's journeys share: a flow folder, and the ways to its places."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from e2e.process import USERNAME

FLOW = """\
inputs:
  url: {type: string, default: x}
outputs:
  out: {type: string, reference: "${fetch.output}"}
nodes:
- name: fetch
  type: python
  source: {type: code, path: fetch.py}
  inputs: {url: "${inputs.url}"}
"""
CODE = '''\
from promptflow.core import tool


@tool
def fetch(url: str) -> str:
    """Fetches the needle."""
    return url
'''


def make_flow(home: Path, name: str = "demo") -> Path:
    """A flow folder with code, data and files that a `.gitignore` names."""
    folder = home / name
    (folder / "data").mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(FLOW)
    (folder / "fetch.py").write_text(CODE)
    (folder / "data/urls.jsonl").write_text('{"url": "https://example.org", "answer": "needle"}\n')
    (folder / "notes.txt").write_text("one\ntwo\nthree\n")
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "run.log").write_text("a needle in a log\n")
    return folder


def show(page: Page, address: str, path: str) -> Locator:
    """Opens a place below the home folder on the Files page; gives the tree."""
    page.goto(f"{address}/files/Users/{USERNAME}/promptflow/{path}")
    tree = page.get_by_role("tree", name="Files")
    expect(tree.get_by_role("treeitem", name=path.partition("/")[0], exact=True)).to_be_visible()
    return tree


def row(page: Page, name: str) -> Locator:
    """The row of a name in the tree of files."""
    return page.get_by_role("tree", name="Files").get_by_role("treeitem", name=name, exact=True)


def pick_files(page: Page, *paths: Path) -> None:
    """Uploads files by the picker of the tree's Upload button."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload", exact=True).click()
        page.get_by_role("menuitem", name="Files", exact=True).click()
    chooser.value.set_files(list(paths))
