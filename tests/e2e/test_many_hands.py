"""Two browsers, a shell and `git pull` change one flow in turn, and now and then at once: every version is on disk or
in the history. Ten minutes under `make soak`; `PFSTUDIO_HANDS_SECONDS` says another time.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from conftest import SOAK
from e2e.process import USERNAME, Studio

SECONDS = float(os.environ.get("PFSTUDIO_HANDS_SECONDS", "600" if SOAK else "20"))
FLOW = """\
inputs:
  text:
    type: string
outputs:
  result:
    type: string
    reference: ${ask.output}
nodes:
- name: ask
  type: prompt
  source:
    type: code
    path: ask.jinja2
  inputs:
    text: ${inputs.text}
"""
# Each hand has a line of its own; the lines between keep changes apart, for the studio and for git alike.
LINES = {"one": 2, "shell": 7, "two": 12, "pull": 17}
PROMPT = "user:\none 0\n\n\n\n\nshell 0\n\n\n\n\ntwo 0\n\n\n\n\npull 0\n\n{{text}}\n"
FILE = "ask.jinja2"
OUTSIDE = ("shell", "pull")
# What changes outside is looked at once it is quiet; two such changes in a row are one unless there is a pause.
PAUSE = 3.0
GIT = ("git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false")


@dataclass
class Hands:
    """The four who change the file, and what they left in it."""

    studio: Studio
    pages: dict[str, Page]
    flow: Path
    elsewhere: Path
    written: dict[str, str] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)
    turns: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    last: tuple[str, ...] = OUTSIDE

    @property
    def file(self) -> Path:
        return self.flow / FILE

    @property
    def path(self) -> str:
        return f"Users/{USERNAME}/promptflow/{self.flow.name}/{FILE}"

    def change(self, *names: str, number: int) -> None:
        """Let hands change their lines, all at once, and wait until the file says what each of them wrote."""
        if set(names) & set(OUTSIDE) and set(self.last) & set(OUTSIDE):
            time.sleep(PAUSE)
        self.last = names
        began = time.monotonic()
        for name in names:
            self.turns[name] += 1
            self.written[name] = f"{name} {number}"
            getattr(self, f"_{name}")(self.written[name])
        while missing := self._missing():
            assert time.monotonic() - began < 20, f"Not in the file: {missing}\n{self.file.read_text()}"
            time.sleep(0.05)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.versions.append(self.file.read_text(encoding="utf-8"))

    def _missing(self) -> list[str]:
        try:
            lines = self.file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:  # In the middle of a pull.
            return [FILE]
        return [text for text in self.written.values() if text not in lines]

    def _one(self, text: str) -> None:
        self._type("one", text)

    def _two(self, text: str) -> None:
        self._type("two", text)

    def _type(self, name: str, text: str) -> None:
        page = self.pages[name]
        page.get_by_role("textbox", name=FILE, exact=True).click()
        page.keyboard.press("Control+Home")
        for _ in range(LINES[name] - 1):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("End")
        page.keyboard.press("Shift+Home")
        page.keyboard.type(text)

    def _shell(self, text: str) -> None:
        subprocess.run(["sed", "-i", f"{LINES['shell']}s/.*/{text}/", str(self.file)], check=True, timeout=10)

    def _pull(self, text: str) -> None:
        """A colleague pushes from a clone of theirs; the flow's folder commits what it has, and pulls."""
        git(self.elsewhere, "pull", "-q")
        theirs = self.elsewhere / FILE
        lines = theirs.read_text(encoding="utf-8").split("\n")
        lines[LINES["pull"] - 1] = text
        theirs.write_text("\n".join(lines), encoding="utf-8")
        git(self.elsewhere, "commit", "-q", "-am", text)
        git(self.elsewhere, "push", "-q")
        git(self.flow, "commit", "-q", "--allow-empty", "-am", f"before {text}")
        git(self.flow, "pull", "-q", "--no-rebase", "--no-edit")
        git(self.flow, "push", "-q")

    def is_quiet(self) -> bool:
        """Whether both browsers have saved and nobody is asked anything."""
        for page in self.pages.values():
            expect(page.get_by_role("status", name="Save state")).to_contain_text("Saved")
            expect(page.get_by_role("alert")).to_have_count(0)
        return True


def git(folder: Path, *arguments: str) -> None:
    done = subprocess.run([*GIT, *arguments], cwd=folder, check=False, timeout=30, capture_output=True, text=True)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)


@pytest.fixture
def hands(studio: Studio, browser: Browser, context: BrowserContext, page: Page, tmp_path: Path) -> Iterator[Hands]:
    flow, upstream, elsewhere = studio.home / "many-hands", tmp_path / "upstream.git", tmp_path / "elsewhere"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(upstream))
    git(tmp_path, "clone", "-q", str(upstream), str(elsewhere))
    (elsewhere / "flow.dag.yaml").write_text(FLOW, encoding="utf-8")
    (elsewhere / FILE).write_text(PROMPT, encoding="utf-8")
    git(elsewhere, "checkout", "-q", "-B", "main")
    git(elsewhere, "add", "-A")
    git(elsewhere, "commit", "-q", "-m", "the flow")
    git(elsewhere, "push", "-q", "-u", "origin", "main")
    git(tmp_path, "clone", "-q", str(upstream), str(flow))
    profile = browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=context.storage_state())
    second = profile.new_page()
    second.set_default_timeout(15_000)
    for tab in (page, second):
        tab.goto(f"{studio.address}/flows/" + quote(f"Users/{USERNAME}/promptflow/{flow.name}"))
        tab.get_by_role("textbox", name=FILE, exact=True).wait_for()
    yield Hands(studio, {"one": page, "two": second}, flow, elsewhere, versions=[PROMPT])
    profile.close()


@pytest.mark.timeout(SECONDS + 240)
def test_two_browsers_a_shell_and_git_pull_lose_no_version(
    hands: Hands, page: Page, tell: Callable[[str], None]
) -> None:
    # Whoever asks for the history makes the studio look; what was there before nobody has seen yet.
    assert _kept_versions(page, hands.path) == {PROMPT}
    ends, number = time.monotonic() + SECONDS, 0
    order = ("one", "shell", "two", "pull")
    while time.monotonic() < ends:
        number += 1
        if number % 7 == 0:
            hands.change("one", "two", "shell", number=number)
        else:
            hands.change(order[number % 4], number=number)
    assert hands.is_quiet()

    missing = _missing_versions(page, hands)
    turns = ", ".join(f"{name} {count}" for name, count in sorted(hands.turns.items()))
    tell(
        f"many hands: {len(hands.versions)} versions in {SECONDS:.0f} s ({turns}), all on disk or in the history; the "
        f"slowest change stood after {hands.slowest:.1f} s"
    )
    assert not missing
    for tab in hands.pages.values():
        for text in hands.written.values():
            expect(tab.get_by_role("textbox", name=FILE, exact=True)).to_contain_text(text)


def _missing_versions(page: Page, hands: Hands) -> list[str]:
    """Versions that are neither on disk nor in the history, some seconds after the last change."""
    ends = time.monotonic() + 30
    while True:
        known = _kept_versions(page, hands.path)
        known.add(hands.file.read_text(encoding="utf-8"))
        missing = [text for text in hands.versions if text not in known]
        if not missing or time.monotonic() > ends:
            return missing
        time.sleep(1)


def _kept_versions(page: Page, path: str) -> set[str]:
    """What the file was in each version of the history."""
    kept, before = set(), ""
    while True:
        found = _get(page, f"/api/history/{quote(path)}?every=true&limit=50{before}")
        for entry in found["entries"]:
            answer = page.request.get(f"{_origin(page)}/api/history-content/{quote(path)}?version={entry['id']}")
            if answer.ok:
                kept.add(answer.text())
        if found["next"] is None:
            return kept
        before = f"&before={found['next']}"


def _get(page: Page, path: str) -> Any:
    answer = page.request.get(_origin(page) + path)
    assert answer.ok, answer.text()
    return json.loads(answer.text())


def _origin(page: Page) -> str:
    return str(page.evaluate("location.origin"))
