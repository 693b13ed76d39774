"""Branches, stashes and merges."""

from __future__ import annotations

import pytest

from pfstudio.git import branches, merge, stash
from pfstudio.git.errors import (
    BranchExistsError,
    BranchInUseError,
    BranchNotMergedError,
    ConflictOpenError,
    NothingToAbortError,
    NothingToStashError,
    RefNameError,
    RevisionNotFoundError,
    StashNotFoundError,
    WouldOverwriteError,
)
from pfstudio.git.names import require_branch_name
from repositories import Place


def test_a_branch_is_made_renamed_and_deleted(place: Place) -> None:
    branches.make_branch(place.changing(), "shorter-summary")
    assert place.status().branch == "shorter-summary"
    place.commit("There", a__txt="there\n")
    branches.make_branch(place.changing(), "beside", start="main", switch=False)
    branches.rename_branch(place.changing(), "beside", "feature/ünique")
    branches.switch(place.changing(), "main")

    found = branches.list_branches(place.looking())

    assert found.current == "main"
    assert {branch.name for branch in found.branches} == {"main", "shorter-summary", "feature/ünique"}
    branches.delete_branch(place.changing(), "feature/ünique")
    with pytest.raises(BranchNotMergedError):
        branches.delete_branch(place.changing(), "shorter-summary")
    branches.delete_branch(place.changing(), "shorter-summary", force=True)
    assert place.git("branch", "--format=%(refname:short)") == "main\n"
    with pytest.raises(BranchInUseError):
        branches.delete_branch(place.changing(), "main", force=True)


@pytest.mark.parametrize(
    "name",
    ["../x", "..", "a..b", "-d", "HEAD", "@", "a b", "a\tb", "a~1", "a:b", "a\\b", "/a", "a/", "a//b", "a.lock",
     "a/.b", ".a", "a.", "a@{b", "refs/heads/x", "", "x" * 300, "a\x1b[31mb", "a\u202eb", "a*"],
)  # fmt: skip
def test_names_that_are_no_names_are_refused(name: str) -> None:
    with pytest.raises(RefNameError):
        require_branch_name(name)


def test_no_branch_is_made_or_renamed_by_a_name_that_leads_out(place: Place) -> None:
    with pytest.raises(RefNameError):
        branches.make_branch(place.changing(), "../x")
    with pytest.raises(RefNameError):
        branches.rename_branch(place.changing(), "main", "../x")


@pytest.mark.parametrize("name", ["main", "MAIN", "main/below"])
def test_a_name_that_is_taken_on_any_file_system_is_refused(place: Place, name: str) -> None:
    with pytest.raises(BranchExistsError):
        branches.make_branch(place.changing(), name)


@pytest.mark.parametrize("name", ["../x", "../../HEAD", "nowhere", "-D", ""])
def test_a_branch_that_is_not_there_cannot_be_deleted_or_switched_to(place: Place, name: str) -> None:
    with pytest.raises(RevisionNotFoundError):
        branches.delete_branch(place.changing(), name, force=True)
    with pytest.raises(RevisionNotFoundError):
        branches.switch(place.changing(), name)


def test_switching_keeps_changes_or_says_which_it_would_overwrite(place: Place) -> None:
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("There", a__txt="there\n")
    place.git("checkout", "--quiet", "main")
    place.write("b.txt", "mine\n")
    branches.switch(place.changing(), "other")
    assert place.read("b.txt") == "mine\n"

    place.write("a.txt", "precious\n")
    with pytest.raises(WouldOverwriteError, match=r"'a\.txt'"):
        branches.switch(place.changing(), "main")

    assert (place.read("a.txt"), place.status().branch) == ("precious\n", "other")


def test_a_remote_branch_becomes_one_of_ones_own_that_pulls_from_it(place: Place) -> None:
    place.git("clone", "--quiet", "--bare", ".", "../bare.git")
    place.git("-C", "../bare.git", "branch", "feature/x", "main")
    place.git("remote", "add", "origin", "../bare.git")
    place.git("fetch", "--quiet", "origin")

    branches.switch(place.changing(), "origin/feature/x")

    status = place.status()
    assert (status.branch, status.upstream) == ("feature/x", "origin/feature/x")
    assert place.git("rev-parse", "--abbrev-ref", "@{upstream}") == "origin/feature/x\n"
    branches.switch(place.changing(), "main")
    branches.delete_branch(place.changing(), "feature/x")
    assert "feature/x" not in place.read(".git/config")


def test_a_commit_is_looked_at_detached(place: Place) -> None:
    place.commit("Second", a__txt="second\n")

    branches.switch(place.changing(), "HEAD~1")

    status = place.status()
    assert (status.is_detached, status.branch, place.read("a.txt")) == (True, None, "one\ntwo\nthree\n")


def test_changes_are_put_aside_and_brought_back(place: Place) -> None:
    place.write("a.txt", "changed\n")
    place.write("new.txt", "new\n")

    stash.push_stash(place.changing(), "for later", include_untracked=True)
    assert place.states() == {}
    (found,) = stash.list_stashes(place.looking())
    assert (found.message, found.branch) == ("for later", "main")
    assert place.status().stash_count == 1

    stash.apply_stash(place.changing(), found.commit, drop=True)
    assert place.states() == {"a.txt": (None, "changed"), "new.txt": (None, "untracked")}
    assert stash.list_stashes(place.looking()) == []
    with pytest.raises(StashNotFoundError):
        stash.drop_stash(place.changing(), found.commit)


def test_a_stash_in_conflict_stays_and_is_given_up(place: Place) -> None:
    place.write("a.txt", "aside\n")
    stash.push_stash(place.changing(), "", include_untracked=False)
    place.commit("Meanwhile", a__txt="meanwhile\n")
    (found,) = stash.list_stashes(place.looking())

    stash.apply_stash(place.changing(), found.commit, drop=True)
    assert place.status().entries[0].is_conflicted

    merge.abort(place.changing())
    assert place.states() == {}
    assert stash.list_stashes(place.looking()) == [found]


def test_a_stash_overwrites_nothing(place: Place) -> None:
    place.write("a.txt", "aside\n")
    stash.push_stash(place.changing(), "", include_untracked=False)
    place.write("a.txt", "precious\n")
    (found,) = stash.list_stashes(place.looking())

    with pytest.raises(WouldOverwriteError):
        stash.apply_stash(place.changing(), found.commit, drop=True)

    assert place.read("a.txt") == "precious\n"


def test_nothing_to_put_aside_is_said_so(place: Place) -> None:
    with pytest.raises(NothingToStashError):
        stash.push_stash(place.changing(), "", include_untracked=True)


def test_merging_goes_forward_makes_a_commit_or_has_nothing_to_do(place: Place) -> None:
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("There", b__txt="there\n")
    place.git("checkout", "--quiet", "main")

    assert merge.merge(place.changing(), "other") == "fast forward"
    assert merge.merge(place.changing(), "other") == "up to date"
    place.git("checkout", "--quiet", "other")
    place.commit("More", c__txt="c\n")
    place.git("checkout", "--quiet", "main")
    place.commit("Here", d__txt="d\n")
    assert merge.merge(place.changing(), "other") == "merged"
    assert place.git("log", "-1", "--format=%an|%s") == "Bob B|Merge branch 'other'\n"


def test_a_merge_in_conflict_is_told_and_given_up(place: Place) -> None:
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("Theirs", a__txt="theirs\n")
    place.git("checkout", "--quiet", "main")
    place.commit("Ours", a__txt="ours\n")

    assert merge.merge(place.changing(), "other") == "conflicts"

    status = place.status()
    assert (status.state, status.merging) == ("merging", "other")
    with pytest.raises(ConflictOpenError):
        branches.switch(place.changing(), "other")
    merge.abort(place.changing())
    assert (place.read("a.txt"), place.status().state) == ("ours\n", "clean")
    with pytest.raises(NothingToAbortError):
        merge.abort(place.changing())


def test_a_merge_that_would_overwrite_changes_changes_nothing(place: Place) -> None:
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("Theirs", a__txt="theirs\n")
    place.git("checkout", "--quiet", "main")
    place.write("a.txt", "precious\n")

    with pytest.raises(WouldOverwriteError):
        merge.merge(place.changing(), "other")

    assert place.read("a.txt") == "precious\n"
