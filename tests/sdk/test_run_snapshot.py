"""Which files a snapshot leaves out, held against git; addresses of repositories without their secrets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pfstudio.sdk.runs.git_state import git_state, without_credentials
from pfstudio.sdk.runs.ignore import ignored_by
from pfstudio.sdk.runs.working_copy import without_includes

PATHS = ("a", "a.log", "b/a.log", "b/c/a", "b/c/d.txt", "x y", "build/out.o", "src/build/out.o", "[z]", "deep/er/a.log")
PIECES = (
    "a",
    "b",
    "*",
    "**",
    "?",
    "/",
    ".log",
    "build",
    "[ab]",
    "[!a]",
    "c",
    "d.txt",
    "\\[",
    "out",
    ".o",
    "src",
    "x y",
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for path in PATHS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return folder


def kept_by_us(folder: Path) -> set[str]:
    is_ignored = ignored_by(folder)

    def walk(place: Path) -> set[str]:
        found = set()
        for path in place.iterdir():
            name = path.relative_to(folder).as_posix()
            if is_ignored(name, path.is_dir()):
                continue
            found |= walk(path) if path.is_dir() else {name}
        return found

    return walk(folder)


def kept_by_git(folder: Path) -> set[str]:
    command = ["git", "-c", "core.quotePath=false", "ls-files", "-co", "-z", "--exclude-per-directory=.gitignore"]
    listed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return set(listed.split("\0")) - {""}


patterns = st.builds(
    lambda negated, anchored, pieces, folder: f"{negated}{anchored}{''.join(pieces)}{folder}",
    st.sampled_from(("", "", "!")),
    st.sampled_from(("", "", "/")),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4),
    st.sampled_from(("", "", "/")),
)


@given(st.lists(patterns, min_size=1, max_size=4))
@example(["/**", "!b"])
@example(["b//"])
@example(["a**", "!b/**/a"])
def test_the_same_files_are_left_out_as_by_git(repository: Path, lines: list[str]) -> None:
    (repository / ".gitignore").write_text("# comment\n\n" + "\n".join(lines) + "\n")

    assert kept_by_us(repository) == kept_by_git(repository)


def test_amlignore_comes_before_gitignore_and_never_kept_is_never_kept(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("a\n")
    (tmp_path / ".amlignore").write_text("b\n")

    is_ignored = ignored_by(tmp_path)

    assert [is_ignored(name, False) for name in ("a", "b")] == [False, True]
    assert all(is_ignored(name, True) for name in (".git", ".runs", "x/__pycache__"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:token@example.com/a.git", "https://example.com/a.git"),
        ("https://token@example.com:8443/a.git?x=secret#y", "https://example.com:8443/a.git"),
        ("ssh://git@example.com/a.git", "ssh://example.com/a.git"),
        ("git@example.com:a/b.git", "git@example.com:a/b.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
        ("https://[broken/a", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_of_repositories_lose_their_secrets(address: str | None, shown: str | None) -> None:
    assert without_credentials(address) == shown


def test_outside_a_repository_nothing_is_asked_and_an_empty_one_has_no_commit(tmp_path: Path) -> None:
    assert git_state(tmp_path) is None
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert git_state(tmp_path) is None


def test_a_hook_or_monitor_of_the_repository_is_not_started(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "x"], cwd=tmp_path, check=True)
    (tmp_path / "monitor.sh").write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    (tmp_path / "monitor.sh").chmod(0o755)
    subprocess.run(["git", "config", "core.fsmonitor", str(tmp_path / "monitor.sh")], cwd=tmp_path, check=True)

    state = git_state(tmp_path)

    assert state is not None
    assert state["dirty"] is True
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nadditional_includes:\n- x\n- y\nb: 2\n", "a: 1\n#\n#\n#\nb: 2\n"),
        ("additional_includes: [x]\na: 1", "#\na: 1"),
        ("a: 1\nadditional_includes:\n  - x\n", "a: 1\n#\n#\n"),
        ("a: 1\n", "a: 1\n"),
        ("{a: 1, additional_includes: [x]}", "a: 1\n"),
    ],
)
def test_includes_go_out_of_a_flow_file_and_other_lines_stay_where_they_were(before: str, after: str) -> None:
    assert without_includes(before.encode(), "flow.dag.yaml").decode() == after
