"""Names and lines are found on the share; no link is followed and nothing hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pfstudio.kit.ignore_rules import IgnoreRules
from pfstudio.share.content_search import ContentQuery, search
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.listing import Listings, Name, walk_names
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.search import find_names

BOB = SharePath.parse("Users/bob")


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def find(share: Share, text: str, root: str = "Users/bob", **options: Any) -> dict[str, list[tuple[int, int, str]]]:
    query = ContentQuery(share=str(share.root), root=root, text=text, **options)
    return {
        line["path"].removeprefix("Users/bob/"): [
            (item["line"], item["column"], item["text"]) for item in line["matches"]
        ]
        for line in search(query, query.compile())
        if "path" in line
    }


def test_names_that_are_the_query_come_before_those_that_hold_it() -> None:
    paths = ["a/flow.py", "flow/x.py", "my_flow.py", "f/l/o/w", "flow", "other", "FLOW.md"]

    found = find_names([Name(path, False) for path in paths], "flow", limit=10, skip=0)

    assert [name.path for name in found] == ["flow", "FLOW.md", "a/flow.py", "my_flow.py", "flow/x.py", "f/l/o/w"]
    assert find_names([Name("a-b", False)], "a-]^\\b", limit=1, skip=0) == []
    assert len(find_names([Name(path, False) for path in paths], "", limit=3, skip=0)) == 3


def test_a_walk_enters_no_caches_and_follows_no_links(share: Share, bob: Path) -> None:
    write(bob, {"a/b.txt": "", ".git/config": "", "a/node_modules/x.js": "", "a/__pycache__/x.pyc": "", ".env": ""})
    (bob / "out").symlink_to(bob.parent / "bob2")
    os.mkfifo(bob / "fifo")

    assert [name.path for _, name in walk_names(share, BOB)] == [
        f"Users/bob/{name}" for name in (".env", "a", "fifo", "out", "a/b.txt")
    ]
    with pytest.raises(PathNotFoundError):
        list(walk_names(share, BOB / "out"))


def test_the_whole_share_is_listed_and_kept_for_a_moment(share: Share, bob: Path) -> None:
    write(share.users, {"bob/a": "", "bob2/b": ""})
    listings = Listings(share)

    first = listings.below(SharePath.parse(""))
    (bob / "new").touch()

    assert [name.path for name in first] == ["Users/bob/a", "Users/bob2/b"]
    assert listings.below(SharePath.parse("")) == first


def test_fifty_thousand_names_are_searched_in_a_moment() -> None:
    names = [
        Name(f"Users/bob/promptflow/flow-{number % 500}/data/part_{number}.jsonl", False) for number in range(50_000)
    ]

    began = time.perf_counter()
    found = find_names(names, "flw42part49", limit=50, skip=10)

    assert found
    assert time.perf_counter() - began < 2
    hostile = [Name("a" * 4000, False)] * 200
    assert find_names(hostile, "a" * 199 + "b", limit=5, skip=0) == []


def test_lines_are_found_with_line_and_column(share: Share, bob: Path) -> None:
    write(bob, {"a.py": "x = 1\r\nÜber = answer(Answer)\n", "b.md": "no\n", "data.bin": "answer\0"})

    assert find(share, "answer") == {"a.py": [(2, 8, "Über = answer(Answer)"), (2, 15, "Über = answer(Answer)")]}
    assert find(share, "Answer", is_case_sensitive=True) == {"a.py": [(2, 15, "Über = answer(Answer)")]}
    assert find(share, r"^\w+ = \d", is_regex=True) == {"a.py": [(1, 1, "x = 1")]}
    assert find(share, "a.*y", include=("*.md",)) == {}
    assert find(share, "") == {}


def test_what_a_gitignore_names_is_left_out_at_every_depth(share: Share, bob: Path) -> None:
    write(
        bob,
        {
            ".gitignore": "*.log\n/build/\n",
            "a.log": "hit",
            "build/a.py": "hit",
            "sub/build/a.py": "hit",
            "sub/.gitignore": "!keep.log\nsecret*\n",
            "sub/keep.log": "hit",
            "sub/other.log": "hit",
            "sub/deep/secret.txt": "hit",
            "a.txt": "hit",
        },
    )

    assert sorted(find(share, "hit")) == ["a.txt", "sub/build/a.py", "sub/keep.log"]
    assert len(find(share, "hit", ignored=True)) == 7
    assert sorted(find(share, "hit", include=("*.py", "*.txt"), exclude=("sub/",))) == ["a.txt"]


def test_links_fifos_and_long_lines_do_no_harm(share: Share, bob: Path) -> None:
    (share.users / "bob2" / "secret.txt").write_text("hit")
    (bob / "link").symlink_to(share.users / "bob2" / "secret.txt")
    os.mkfifo(bob / "fifo")
    write(bob, {"long.json": "x" * 5_000 + "hit" + "y" * 5_000})

    ((line, column, text),) = find(share, "hit")["long.json"]

    assert (line, column, len(text)) == (1, 5001, 200)
    assert "hit" in text


def test_a_search_ends_after_so_many_matches(share: Share, bob: Path) -> None:
    write(bob, {f"{number}.txt": "hit\n" * 10 for number in range(10)})
    query = ContentQuery(share=str(share.root), root="Users/bob", text="hit", most_matches=25)

    *_, last = search(query, query.compile())

    assert last == {"done": True, "files": 3, "matches": 25, "stopped_by": "matches"}


def test_a_hostile_ignore_file_costs_no_time() -> None:
    rules = IgnoreRules(["*a" * 100 + "b", "**/" * 50 + "x", "a" * 10_000])
    began = time.perf_counter()

    assert rules.says("a" * 255 + "c", is_folder=False) is None
    assert time.perf_counter() - began < 1
    assert IgnoreRules(["a*b*c*.txt"]).says("aXbbcYc.txt", is_folder=False)
