"""A folder becomes a repository, is changed on branches, merged node by node, and goes to a remote and back."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.process import USERNAME, Studio, start_studio, stop_studio
from git_server import serving_repositories

FLOW = """\
inputs:
  text:
    type: string
    default: hello
outputs:
  result:
    type: string
    reference: ${answer.output}
nodes:
- name: shout
  type: python
  source:
    type: code
    path: shout.py
  inputs:
    text: ${inputs.text}
- name: answer
  type: llm
  source:
    type: code
    path: answer.jinja2
  inputs:
    model: demo
    temperature: 0.2 # agreed
    max_tokens: 256
    text: ${shout.output}
  connection: demo
  api: chat
"""
TOOL = "from promptflow.core import tool\n\n\n@tool\ndef shout(text: str) -> str:\n    return text.upper()\n"
PROMPT = "system:\nYou answer.\n\nuser:\nSummarize in at most three sentences: {{text}}\n"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    running = start_studio(tmp_path_factory.mktemp("data"), PFSTUDIO_IMPORT_PRIVATE_ADDRESSES="1")
    yield running
    stop_studio(running)


@pytest.fixture
def flow(studio: Studio, request: pytest.FixtureRequest) -> Path:
    folder = studio.home / request.node.name[5:]
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "shout.py").write_text(TOOL, encoding="utf-8")
    (folder / "answer.jinja2").write_text(PROMPT, encoding="utf-8")
    return folder


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Eve", "-c", "user.email=eve@example.com", "-c", "init.defaultBranch=main")
    ended = subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True, text=True)
    return ended.stdout.strip()


def commit_all(flow: Path, message: str) -> None:
    git(flow, "add", "--all")
    git(flow, "commit", "-qm", message)


def change(flow: Path, file: str, before: str, after: str) -> None:
    text = (flow / file).read_text(encoding="utf-8")
    assert before in text
    (flow / file).write_text(text.replace(before, after), encoding="utf-8")


def open_flow(page: Page, studio: Studio, flow: Path, search: str = "") -> None:
    page.goto(f"{studio.address}/flows/{quote(f'Users/{USERNAME}/promptflow/{flow.name}')}{search}")
    page.get_by_role("tab", name="Git").click()


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_a_folder_becomes_a_repository_and_its_files_are_committed(studio: Studio, page: Page, flow: Path) -> None:
    (flow / "__pycache__").mkdir()
    (flow / "__pycache__/shout.pyc").write_bytes(b"\0")
    open_flow(page, studio, flow)
    panel = page.get_by_role("region", name="Git", exact=True)
    expect(panel.get_by_role("checkbox", name="__pycache__")).to_be_checked()
    assert violations(page) == []

    page.get_by_role("button", name="Make this folder a repository").click()
    panel.get_by_role("button", name="Stage all").click()
    panel.get_by_role("textbox", name="Message of the commit").fill("First version")
    panel.get_by_role("button", name=re.compile(r"^Commit \d files$")).click()

    page.get_by_text("Committed as").wait_for()
    assert git(flow, "log", "--format=%s") == "First version"
    assert "shout.pyc" not in git(flow, "ls-files")
    expect(page.get_by_role("region", name="Commits").get_by_role("button")).to_contain_text("First version")
    expect(panel).to_contain_text("Nothing has changed since the last commit.")


def test_changes_are_told_by_node_and_staged_hunk_by_hunk(studio: Studio, page: Page, flow: Path) -> None:
    git(flow, "init", "-q")
    commit_all(flow, "First version")
    change(flow, "flow.dag.yaml", "max_tokens: 256", "max_tokens: 96")
    change(flow, "answer.jinja2", "at most three sentences", "one sentence")
    change(flow, "shout.py", "upper()", "upper().strip()")
    open_flow(page, studio, flow, "?git=changes")

    answer = page.get_by_role("region", name="answer", exact=True)
    expect(answer.locator("dl")).to_contain_text("max_tokens")
    expect(answer.locator("dd").filter(has_text="96").locator("del")).to_have_text("256")
    expect(answer.get_by_role("region", name="Lines of answer.jinja2").locator("ins")).to_have_text("one sentence")
    expect(page.get_by_role("region", name="shout", exact=True)).to_contain_text("Not staged")
    expect(page.get_by_role("region", name="Differences").get_by_role("status")).to_contain_text("2 nodes changed")
    assert violations(page) == []
    answer.get_by_role("button", name="Stage hunk: flow.dag.yaml").click()
    expect(answer).to_contain_text("Partly staged")
    eventually(lambda: git(flow, "diff", "--cached", "--name-only") == "flow.dag.yaml")

    page.get_by_role("button", name="Close changes").click()
    page.get_by_role("tab", name="Files").click()
    expect(page.get_by_role("tree", name="Files").get_by_role("treeitem", name="shout.py Changed")).to_be_visible()
    graph = page.get_by_role("region", name="Graph")
    expect(graph.get_by_role("button", name="answer Changed")).to_be_visible()


def test_discarded_changes_are_brought_back(studio: Studio, page: Page, flow: Path) -> None:
    git(flow, "init", "-q")
    commit_all(flow, "First version")
    change(flow, "shout.py", "upper()", "lower()")
    open_flow(page, studio, flow)
    page.get_by_role("button", name="Discard changes of shout.py").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Discarded the changes of shout.py.").wait_for()
    assert (flow / "shout.py").read_text() == TOOL

    page.get_by_role("region", name="Notices").get_by_role("button", name="Undo").click()
    eventually(lambda: any("lower()" in file.read_text() for file in flow.glob("shout*.py")))


def test_a_branch_is_made_and_merged_with_conflicts_node_by_node(studio: Studio, page: Page, flow: Path) -> None:
    git(flow, "init", "-q")
    commit_all(flow, "First version")
    open_flow(page, studio, flow)
    page.get_by_role("button", name="Branch main").click()
    page.get_by_role("menuitem", name="New branch").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("shorter")
    page.get_by_role("button", name="Create branch").click()
    expect(page.get_by_role("button", name="Branch shorter")).to_be_visible()
    change(flow, "flow.dag.yaml", "max_tokens: 256", "max_tokens: 96")
    change(flow, "flow.dag.yaml", "temperature: 0.2", "temperature: 0.5")
    change(flow, "answer.jinja2", "at most three sentences", "one sentence")
    commit_all(flow, "Shorter")
    git(flow, "switch", "-q", "main")
    change(flow, "flow.dag.yaml", "max_tokens: 256", "max_tokens: 512")
    change(flow, "answer.jinja2", "at most three sentences", "at most nine sentences")
    commit_all(flow, "Longer")
    page.reload()

    page.get_by_role("button", name="Branch main").click()
    page.get_by_role("menuitem", name="Merge into main").click()
    page.get_by_role("dialog").get_by_role("combobox").select_option("shorter")
    page.get_by_role("button", name="Merge branch").click()
    page.get_by_role("button", name="Decide").first.click()
    flow_file = page.get_by_role("region", name="flow.dag.yaml", exact=True)
    expect(flow_file.get_by_role("region", name="answer")).to_contain_text("merged: theirs")
    assert violations(page) == []
    flow_file.get_by_role("button", name=re.compile("^Take yours: .*max_tokens")).click()
    flow_file.get_by_role("button", name="Resolve flow.dag.yaml").click()
    prompt = page.get_by_role("region", name="answer.jinja2", exact=True)
    prompt.get_by_role("button", name="Take theirs").click()
    prompt.get_by_role("button", name="Resolve answer.jinja2").click()
    page.get_by_role("region", name="Merge").get_by_role("button", name="Finish merge").click()

    eventually(lambda: len(git(flow, "log", "-1", "--format=%P").split()) == 2)
    text = (flow / "flow.dag.yaml").read_text()
    assert "max_tokens: 512" in text
    assert "temperature: 0.5 # agreed" in text
    assert "one sentence" in (flow / "answer.jinja2").read_text()


def test_a_merge_is_given_up(studio: Studio, page: Page, flow: Path) -> None:
    git(flow, "init", "-q")
    commit_all(flow, "First version")
    git(flow, "switch", "-qc", "other")
    change(flow, "answer.jinja2", "three", "two")
    commit_all(flow, "Two")
    git(flow, "switch", "-q", "main")
    change(flow, "answer.jinja2", "three", "nine")
    commit_all(flow, "Nine")
    with pytest.raises(subprocess.CalledProcessError):
        git(flow, "merge", "other")
    open_flow(page, studio, flow, "?git=merge")

    page.get_by_role("button", name="Abort merge").click()

    eventually(lambda: git(flow, "status", "--porcelain") == "")
    assert "nine" in (flow / "answer.jinja2").read_text()


def test_two_commits_and_a_branch_are_compared(studio: Studio, page: Page, flow: Path) -> None:
    git(flow, "init", "-q")
    commit_all(flow, "First version")
    git(flow, "branch", "before")
    change(flow, "flow.dag.yaml", "max_tokens: 256", "max_tokens: 96")
    commit_all(flow, "Fewer tokens")
    open_flow(page, studio, flow)

    page.get_by_role("region", name="Commits").get_by_role("button", name="Fewer tokens").click()
    answer = page.get_by_role("region", name="answer", exact=True)
    expect(answer.locator("dd del")).to_have_text("256")
    expect(page.get_by_role("radio", name="Between commits")).to_be_checked()
    page.get_by_role("radio", name="Against before").check()
    expect(answer.locator("dd ins")).to_have_text("96")
    page.get_by_role("radio", name="By file").check()
    expect(page.get_by_role("region", name="flow.dag.yaml", exact=True)).to_be_visible()


def test_a_remote_is_connected_pushed_to_and_pulled_from(
    page: Page, studio: Studio, flow: Path, tmp_path: Path
) -> None:
    git(flow, "init", "-q")
    commit_all(flow, "First version")
    with serving_repositories(tmp_path) as server:
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", tmp_path / "team.git"], check=True)
        server.git("team.git", "config", "http.receivepack", "true")
        open_flow(page, studio, flow)
        page.get_by_role("button", name="More of git").click()
        page.get_by_role("menuitem", name=re.compile("^Remotes")).click()
        page.get_by_role("textbox", name="Address", exact=True).fill(server.url("team.git"))
        page.get_by_role("button", name="Connect").click()
        page.get_by_role("button", name="Remove origin").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Push", exact=True).click()
        page.get_by_text("Pushed.").wait_for()
        assert server.git("team.git", "log", "--format=%s", "main") == "First version"

        git(tmp_path, "clone", "-q", str(tmp_path / "team.git"), "copy")
        change(tmp_path / "copy", "answer.jinja2", "three", "two")
        git(tmp_path / "copy", "commit", "-qam", "Two")
        git(tmp_path / "copy", "push", "-q")
        page.get_by_role("button", name="Pull").click()
        expect(page.get_by_role("region", name="Commits")).to_contain_text("Two")
        assert "two sentences" in (flow / "answer.jinja2").read_text()
