"""How a repository stands."""

from __future__ import annotations

import time

import pytest

from pfstudio.git import commits, staging
from pfstudio.git.repository import find_repository
from pfstudio.git.staging import Selection
from pfstudio.git.status import MOST_ENTRIES, read_status, status_of
from pfstudio.sandbox.isolation import Isolation
from pfstudio.share.paths import Share, SharePath
from repositories import Place


def test_a_repository_without_changes_is_clean(place: Place) -> None:
    status = place.status()

    assert (status.branch, status.state, status.entries, status.is_all) == ("main", "clean", [], True)
    assert status.commit == place.git("rev-parse", "HEAD").strip()


def test_what_is_staged_and_what_is_not_are_told_apart(place: Place) -> None:
    place.commit("More", b__txt="b\n", c__txt="c\n" * 9)
    place.write("a.txt", "staged\n")
    place.git("add", "a.txt")
    place.write("a.txt", "and more\n")
    place.git("mv", "c.txt", "d.txt")
    (place.folder / "b.txt").unlink()
    place.write("sub/new ü.txt", "x")

    assert place.states() == {
        "a.txt": ("changed", "changed"),
        "b.txt": (None, "deleted"),
        "d.txt": ("renamed", None),
        "sub/new ü.txt": (None, "untracked"),
    }
    assert {entry.inside: entry.old_inside for entry in place.status().entries}["d.txt"] == "c.txt"


def test_a_folder_without_a_repository_has_no_status(share: Share) -> None:
    (share.root / "Users" / "bob").mkdir()

    assert status_of(find_repository(share, SharePath.parse("Users/bob"))).repository is None


def test_a_file_deep_inside_or_one_that_is_gone_is_in_its_repository(place: Place) -> None:
    place.write("deep/er/file", "x")

    for path in ("deep/er/file", "deep/er", "gone/away.txt"):
        found = find_repository(place.share, place.at(path)).repository
        assert found is not None and found.root == place.path


def test_a_flow_that_is_a_link_is_in_the_repository_it_leads_to(place: Place) -> None:
    (place.folder.parent / "linked").symlink_to(place.folder)

    found = find_repository(place.share, SharePath.parse("Users/bob/promptflow/linked")).repository

    assert found is not None and found.root == place.path


def test_a_repository_before_its_first_commit_has_a_branch_and_no_commit(place: Place) -> None:
    place.git("checkout", "--quiet", "--orphan", "fresh")

    status = place.status()

    assert (status.branch, status.commit) == ("fresh", None)


def test_ahead_and_behind_are_told_of_what_was_fetched(place: Place) -> None:
    place.git("clone", "--quiet", "--bare", ".", "../bare.git")
    place.git("remote", "add", "origin", "../bare.git")
    place.git("fetch", "--quiet", "origin")
    place.git("branch", "--set-upstream-to=origin/main")
    place.commit("Second", a__txt="two\n")

    status = place.status()

    assert (status.upstream, status.ahead, status.behind) == ("origin/main", 1, 0)


def test_files_that_should_not_be_committed_are_proposed_for_gitignore(place: Place) -> None:
    for name in (".env", ".env.example", "keys/server.pem", "pkg/__pycache__/a.pyc", ".promptflow/flow.tools.json"):
        place.write(name, "x")
    with (place.folder / "model.bin").open("wb") as file:
        file.truncate(60_000_000)

    patterns = [proposal.pattern for proposal in place.status().proposals]

    assert sorted(patterns) == ["*.pem", ".env", ".promptflow/", "/model.bin", "__pycache__/"]


def test_ten_thousand_changed_files_are_told_in_part(place: Place) -> None:
    folder = place.folder / "many"
    folder.mkdir()
    for number in range(10_000):
        (folder / f"{number:05}").touch()

    begun = time.monotonic()
    status = place.status()

    assert time.monotonic() - begun < 10
    assert (status.entry_count, len(status.entries), status.is_all) == (10_000, MOST_ENTRIES, False)


def test_looking_changes_nothing_of_the_repository(place: Place) -> None:
    place.write("a.txt", "changed\n")
    before = {path: path.stat().st_mtime_ns for path in (place.folder / ".git").rglob("*")}

    read_status(place.looking())

    assert {path: path.stat().st_mtime_ns for path in (place.folder / ".git").rglob("*")} == before


@pytest.mark.parametrize("mark", [".pfstudio-tmp-0123456789abcdef"])
def test_files_that_the_studio_is_writing_are_no_changes(place: Place, mark: str) -> None:
    place.write(mark, "half")

    assert place.states() == {}


def test_the_status_of_a_flow_comes_within_a_tenth_of_a_second(place: Place) -> None:
    def seconds() -> float:
        begun = time.perf_counter()
        place.status()
        return time.perf_counter() - begun

    assert any(seconds() < 0.1 for _ in range(40))


def test_without_isolation_git_still_reads_no_configuration_of_the_repository(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfstudio.git.process.probe", lambda: Isolation("none", "waived", "none", "host"))
    place.git("config", "core.fsmonitor", f"touch {place.folder}/PWNED; false")
    place.write("a.txt", "changed\n")
    place.write("new.txt", "new\n")

    staging.stage(place.changing(), Selection(paths=[place.path]))
    status = commits.commit(place.changing(), "Words")

    assert (status.entries, place.git("log", "-1", "--format=%s %an")) == ([], "Words Bob B\n")
    assert not (place.folder / "PWNED").exists()
