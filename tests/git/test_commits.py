"""Commits, the log, differences, and bringing files back."""

from __future__ import annotations

import pytest

from pfstudio.git import commits, diff, log
from pfstudio.git.errors import (
    ConflictOpenError,
    ConflictsUnresolvedError,
    GitLockedError,
    IdentityRefusedError,
    NoMessageError,
    NothingStagedError,
    NotInCommitError,
    RevisionNotFoundError,
)
from pfstudio.git.identity import checked_identity
from pfstudio.share import trash
from repositories import Place


def conflict(place: Place) -> None:
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("Theirs", a__txt="theirs\n")
    place.git("checkout", "--quiet", "main")
    place.commit("Ours", a__txt="ours\n")
    place.git("merge", "other", code=1)


def test_a_commit_bears_the_name_of_who_made_it_and_its_message(place: Place) -> None:
    place.write("a.txt", "two\n")
    place.git("add", "a.txt")

    status = commits.commit(place.changing(), "Ask for less\n\n# not a comment\nbody", sign_off=True)

    shown = place.git("log", "-1", "--format=%an <%ae>|%cn|%B")
    assert shown.startswith("Bob B <bob@example.com>|Bob B|Ask for less\n\n# not a comment\nbody")
    assert "Signed-off-by: Bob B <bob@example.com>" in shown
    assert status.commit == place.git("rev-parse", "HEAD").strip()
    assert status.entries == []


def test_the_last_commit_is_amended_with_its_own_message_or_another(place: Place) -> None:
    place.write("b.txt", "more\n")
    place.git("add", "b.txt")

    commits.commit(place.changing(), "", amend=True)
    assert place.git("log", "--format=%s") == "First\n"
    assert place.git("show", "--stat", "--format=").count("|") == 2

    commits.commit(place.changing(), "Another", amend=True)
    assert place.git("log", "--format=%s") == "Another\n"


def test_nothing_staged_and_no_message_are_refused(place: Place) -> None:
    place.write("a.txt", "not staged\n")
    with pytest.raises(NothingStagedError):
        commits.commit(place.changing(), "Words")
    with pytest.raises(NoMessageError):
        commits.commit(place.changing(), "  \n")


def test_the_first_commit_of_a_repository_is_made(place: Place) -> None:
    place.git("checkout", "--quiet", "--orphan", "fresh")

    assert commits.commit(place.changing(), "Begin").commit == place.git("rev-parse", "fresh").strip()


def test_a_merge_is_committed_only_once_nothing_is_in_conflict_and_never_amended(place: Place) -> None:
    conflict(place)
    with pytest.raises(ConflictsUnresolvedError):
        commits.commit(place.changing(), "Merge")

    place.write("a.txt", "both\n")
    place.git("add", "a.txt")
    with pytest.raises(ConflictOpenError):
        commits.commit(place.changing(), "Merge", amend=True)
    commits.commit(place.changing(), "")

    assert place.git("log", "-1", "--format=%s %p").startswith("Merge branch 'other'")
    assert place.status().state == "clean"


def test_git_of_a_terminal_that_holds_the_index_is_told(place: Place) -> None:
    place.write("a.txt", "two\n")
    place.git("add", "a.txt")
    place.write(".git/index.lock", "")

    with pytest.raises(GitLockedError):
        commits.commit(place.changing(), "Words")


def test_the_log_tells_commits_with_their_parents_and_names_page_by_page(place: Place) -> None:
    for number in range(5):
        place.commit(f"Number {number}", a__txt=f"{number}\n")
    place.git("tag", "v1", "HEAD~1")
    place.git("branch", "beside", "HEAD~2")

    first, following = log.log(place.looking(), limit=4)
    place.commit("Meanwhile", a__txt="later\n")
    rest, end = log.log(place.looking(), before=following, limit=4)

    assert [commit.subject for commit in first] == [f"Number {number}" for number in (4, 3, 2, 1)]
    assert [commit.subject for commit in rest] == ["Number 0", "First"]
    assert end is None
    assert first[0].parents == [first[1].id]
    assert [(ref.name, ref.kind, ref.is_current) for ref in first[0].refs] == [("main", "branch", True)]
    assert [(ref.name, ref.kind) for ref in first[1].refs] == [("v1", "tag")]


def test_the_log_takes_all_branches_one_branch_or_one_file(place: Place) -> None:
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("Elsewhere", b__txt="b\n")
    place.git("checkout", "--quiet", "main")

    git = place.looking()

    assert [commit.subject for commit in log.log(git)[0]] == ["First"]
    assert [commit.subject for commit in log.log(git, every=True)[0]] == ["Elsewhere", "First"]
    assert [commit.subject for commit in log.log(git, ref="other", path=place.at("b.txt"))[0]] == ["Elsewhere"]


def test_a_repository_without_commits_has_an_empty_log(place: Place) -> None:
    place.git("checkout", "--quiet", "--orphan", "fresh")

    assert log.log(place.looking()) == ([], None)


@pytest.mark.parametrize("name", ["nowhere", "--all", "-x", "main..other", "HEAD@{1}", "a b", "main:a.txt", ""])
def test_what_is_no_commit_is_said_so(place: Place, name: str) -> None:
    with pytest.raises(RevisionNotFoundError):
        log.log(place.looking(), ref=name)


def test_a_commit_is_told_with_the_files_it_changed(place: Place) -> None:
    commit = place.commit("Second", a__txt="one\n2\nthree\n", new__txt="x\n")

    found = log.details(place.looking(), commit[:10])

    assert (found.commit.id, found.commit.subject) == (commit, "Second")
    assert [(file.inside, file.status, file.added, file.removed) for file in found.files] == [
        ("a.txt", "changed", 1, 1),
        ("new.txt", "added", 1, 0),
    ]
    first = log.details(place.looking(), f"{commit}~1")
    assert [file.status for file in first.files] == ["added"]


def test_differences_of_all_kinds_are_told_with_their_hunks(place: Place) -> None:
    place.commit("Base", old__txt="".join(f"{number}\n" for number in range(30)), gone__txt="gone\n", run__sh="x\n")
    place.git("mv", "old.txt", "moved.txt")
    (place.folder / "gone.txt").unlink()
    (place.folder / "run.sh").chmod(0o755)
    (place.folder / "raw.bin").write_bytes(b"\0\1\2")
    (place.folder / "a.txt").unlink()
    (place.folder / "a.txt").symlink_to("moved.txt")
    place.write("new.txt", "new\n")

    git = place.looking()
    files, is_all = diff.diff(git, diff.compared(git, staged=None, old=None, new=None))

    found = {file.change.inside: file for file in files}
    assert is_all
    assert {name: file.change.status for name, file in found.items()} == {
        "a.txt": "changed",
        "gone.txt": "deleted",
        "moved.txt": "renamed",
        "new.txt": "added",
        "raw.bin": "added",
        "run.sh": "mode",
    }
    assert found["raw.bin"].is_binary and found["raw.bin"].text is None
    assert found["new.txt"].text == "@@ -0,0 +1 @@\n+new\n"
    assert found["moved.txt"].change.old_inside == "old.txt"
    assert found["run.sh"].text == ""


def test_a_long_text_and_many_files_are_cut(place: Place) -> None:
    place.write("long.txt", "words and words\n" * 100_000)
    for number in range(diff.MOST_FILES + 50):
        place.write(f"many/{number:04}", f"{number}\n")

    git = place.looking()
    files, is_all = diff.diff(git, diff.compared(git, staged=None, old=None, new=None))

    assert (len(files), is_all) == (diff.MOST_FILES, False)
    assert files[0].change.inside == "long.txt" and files[0].is_cut and files[0].text is None
    assert files[1].text == "@@ -0,0 +1 @@\n+0\n"


def test_a_file_comes_back_from_a_commit_and_what_came_since_is_in_the_trash(place: Place) -> None:
    place.commit("Second", a__txt="second\n", new__txt="new\n")

    trashed = commits.restore(place.changing(), place.path, "HEAD~1", deleted_by="bob")

    assert place.read("a.txt") == "one\ntwo\nthree\n"
    assert not (place.folder / "new.txt").exists()
    assert sorted(trash.get(place.share, each).name for each in trashed) == ["a.txt", "new.txt"]
    assert place.git("diff", "--cached") == ""


def test_a_file_that_git_forgot_is_put_into_the_trash_before_an_old_one_takes_its_place(place: Place) -> None:
    place.git("rm", "--quiet", "--cached", "a.txt")
    place.git("commit", "--quiet", "-m", "Forget")
    place.write("a.txt", "mine alone\n")

    trashed = commits.restore(place.changing(), place.at("a.txt"), "HEAD~1", deleted_by="bob")

    assert place.read("a.txt") == "one\ntwo\nthree\n"
    assert len(trashed) == 1


def test_what_a_commit_does_not_have_cannot_be_read_or_brought_back(place: Place) -> None:
    with pytest.raises(NotInCommitError):
        commits.restore(place.changing(), place.at("none.txt"), "main", deleted_by="bob")
    with pytest.raises(NotInCommitError):
        commits.read_file(place.looking(), place.at("none.txt"), "main")
    assert commits.read_file(place.looking(), place.at("a.txt"), "main") == b"one\ntwo\nthree\n"


@pytest.mark.parametrize(("name", "address"), [("", "a@b"), ("a<b", "a@b"), ("a", "a@b\nx"), ("...", "a@b")])
def test_names_that_git_would_refuse_or_misread_are_refused(name: str, address: str) -> None:
    with pytest.raises(IdentityRefusedError):
        checked_identity(name, address)
