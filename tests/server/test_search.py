"""Searches over HTTP."""

from __future__ import annotations

import json
import time

import pytest

from pfstudio.server.searching import _running
from pfstudio.share import content_search
from studios import People


def test_names_and_lines_are_found_in_everybodys_folders(people: People) -> None:
    people.make_flow("bob")
    vic = people.browser("vic")

    names = vic.get("/api/search/names", params={"q": "dagyaml"}).json()
    lines = [json.loads(line) for line in vic.get("/api/search/content", params={"q": "NODES"}).text.splitlines()]

    path = "Users/bob/promptflow/flow/flow.dag.yaml"
    assert names == {"entries": [{"path": path, "kind": "file"}], "complete": True}
    assert lines == [
        {"path": path, "matches": [{"line": 3, "column": 1, "length": 5, "text": "nodes: []", "offset": 0}]},
        {"done": True, "files": 1, "matches": 1, "stopped_by": None},
    ]
    assert not _running


@pytest.mark.parametrize("root", ["Users/nobody", "Users/bob/..", "Users/bob/out", "etc"])
def test_no_search_leaves_the_share(people: People, root: str) -> None:
    people.make_flow("bob")
    (people.share / "Users/bob/out").symlink_to("/etc")
    bob = people.browser("bob")

    assert bob.get("/api/search/names", params={"root": root, "q": "passwd"}).status_code == 404
    assert bob.get("/api/search/content", params={"root": root, "q": "root"}).status_code == 404


def test_a_bad_expression_is_refused_in_words(people: People) -> None:
    answer = people.browser("bob").get("/api/search/content", params={"q": "(a", "regex": True})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_pattern")
    assert "unterminated" in answer.json()["detail"]
    assert not _running


def test_an_expression_that_never_ends_is_ended(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    (people.make_flow("bob") / "a.txt").write_text("a" * 5000)
    from pfstudio.server.api import search as api

    monkeypatch.setattr(api, "ContentQuery", lambda **more: content_search.ContentQuery(**more, seconds=2))
    bob = people.browser("bob")
    began = time.monotonic()

    answer = bob.get("/api/search/content", params={"q": "(a+)+b", "regex": True})

    assert json.loads(answer.text.splitlines()[-1])["stopped_by"] == "time"
    assert time.monotonic() - began < 15
    assert bob.get("/api/health").status_code == 200
    assert not _running
