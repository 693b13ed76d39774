"""Staging, unstaging and discarding, by file and by hunk."""

from __future__ import annotations

import pytest

from pfstudio.git import diff, staging
from pfstudio.git.errors import ConflictsUnresolvedError, HunkStaleError, NothingSelectedError, OutsideRepositoryError
from pfstudio.git.staging import Selection
from pfstudio.share import trash
from pfstudio.share.content import read_bytes
from pfstudio.share.paths import SharePath
from repositories import Place

LONG = "".join(f"line {number}\n" for number in range(40))


def hunks(place: Place, file: str, *, staged: bool = False) -> list[str]:
    git = place.looking()
    files, _ = diff.diff(git, diff.compared(git, staged=staged, old=None, new=None), [file])
    text = files[0].text or ""
    return ["@@ " + part.rstrip("\n") + "\n" for part in text.removeprefix("@@ ").split("\n@@ ")]


def test_files_and_folders_are_staged_and_unstaged(place: Place) -> None:
    place.write("a.txt", "changed\n")
    place.write("sub/b.txt", "new\n")
    place.write("sub/c.txt", "new\n")

    staging.stage(place.changing(), Selection(paths=[place.at("a.txt"), place.at("sub")]))
    staging.unstage(place.changing(), Selection(paths=[place.at("sub/c.txt")]))

    assert place.states() == {
        "a.txt": ("changed", None),
        "sub/b.txt": ("added", None),
        "sub/c.txt": (None, "untracked"),
    }


def test_all_is_staged_by_the_path_of_the_repository_and_unstaged_before_the_first_commit(place: Place) -> None:
    place.git("checkout", "--quiet", "--orphan", "fresh")
    place.git("rm", "--quiet", "--cached", "-r", ".")

    staging.stage(place.changing(), Selection(paths=[place.path]))
    assert place.states() == {"a.txt": ("added", None)}

    staging.unstage(place.changing(), Selection(paths=[place.path]))
    assert place.states() == {"a.txt": (None, "untracked")}


def test_a_deleted_file_is_staged_by_its_path(place: Place) -> None:
    (place.folder / "a.txt").unlink()

    staging.stage(place.changing(), Selection(paths=[place.at("a.txt")]))

    assert place.states() == {"a.txt": ("deleted", None)}


def test_one_hunk_of_two_is_staged_and_unstaged(place: Place) -> None:
    place.commit("Long", long__txt=LONG)
    place.write("long.txt", LONG.replace("line 2\n", "line two\n").replace("line 30\n", "line thirty\n"))
    first, second = hunks(place, "long.txt")

    staging.stage(place.changing(), Selection(file=place.at("long.txt"), hunks=[second]))

    assert "+line thirty" in place.git("diff", "--cached")
    assert "line two" not in place.git("diff", "--cached")
    assert hunks(place, "long.txt") == [first]

    staging.unstage(place.changing(), Selection(file=place.at("long.txt"), hunks=hunks(place, "long.txt", staged=True)))

    assert place.git("diff", "--cached") == ""


def test_some_lines_of_a_hunk_are_staged(place: Place) -> None:
    place.write("a.txt", "ONE\ntwo\nthree\nfour\n")
    (hunk,) = hunks(place, "a.txt")
    only = "".join(line + "\n" for line in hunk.splitlines() if line != "+four")

    staging.stage(place.changing(), Selection(file=place.at("a.txt"), hunks=[only]))

    assert place.git("show", ":a.txt") == "ONE\ntwo\nthree\n"


def test_a_hunk_of_a_file_with_an_odd_name_is_staged(place: Place) -> None:
    name = 'ü "odd"\tname.txt'
    place.write(name, "one\n")
    place.commit("Odd")
    place.write(name, "two\n")

    staging.stage(place.changing(), Selection(file=place.at(name), hunks=hunks(place, name)))

    assert place.states() == {name: ("changed", None)}


def test_a_hunk_of_a_new_file_and_one_of_a_deleted_file_are_staged(place: Place) -> None:
    place.write("new.txt", "quite\nanother\n")
    (place.folder / "a.txt").unlink()

    staging.stage(place.changing(), Selection(file=place.at("new.txt"), hunks=hunks(place, "new.txt")))
    staging.stage(place.changing(), Selection(file=place.at("a.txt"), hunks=hunks(place, "a.txt")))

    assert place.states() == {"a.txt": ("deleted", None), "new.txt": ("added", None)}


def test_a_hunk_that_was_read_before_another_change_is_refused(place: Place) -> None:
    place.write("a.txt", "one\n2\nthree\n")
    (hunk,) = hunks(place, "a.txt")
    place.commit("Meanwhile", a__txt="all\nis\nnew\n")

    with pytest.raises(HunkStaleError):
        staging.stage(place.changing(), Selection(file=place.at("a.txt"), hunks=[hunk]))


def test_a_hunk_cannot_change_another_file_than_the_one_named(place: Place) -> None:
    place.commit("More", b__txt="b\n")
    place.write("a.txt", "changed\n")
    (hunk,) = hunks(place, "a.txt")
    other = "diff --git a/b.txt b/b.txt\n--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-b\n+pwned\n"

    with pytest.raises(HunkStaleError):
        staging.discard(place.changing(), Selection(file=place.at("a.txt"), hunks=[hunk + other]), deleted_by="bob")

    assert place.read("b.txt") == "b\n"


def test_discarding_puts_what_was_there_into_the_trash(place: Place) -> None:
    place.write("a.txt", "precious\n")
    place.write("new.txt", "new\n")

    trashed = staging.discard(place.changing(), Selection(paths=[place.path]), deleted_by="bob")

    assert place.states() == {}
    assert place.read("a.txt") == "one\ntwo\nthree\n"
    assert sorted(trash.get(place.share, each).name for each in trashed) == ["a.txt", "new.txt"]
    again = next(each for each in trashed if trash.get(place.share, each).name == "a.txt")
    back = trash.restore(place.share, again)
    assert read_bytes(place.share, SharePath.parse(back.path)) == b"precious\n"


def test_discarding_keeps_what_is_staged(place: Place) -> None:
    place.write("a.txt", "staged\n")
    place.git("add", "a.txt")
    place.write("a.txt", "not staged\n")

    staging.discard(place.changing(), Selection(paths=[place.at("a.txt")]), deleted_by="bob")

    assert place.read("a.txt") == "staged\n"
    assert place.states() == {"a.txt": ("changed", None)}


def test_a_deleted_file_comes_back_by_discarding(place: Place) -> None:
    (place.folder / "a.txt").unlink()

    assert staging.discard(place.changing(), Selection(paths=[place.at("a.txt")]), deleted_by="bob") == []
    assert place.read("a.txt") == "one\ntwo\nthree\n"


def test_one_hunk_is_discarded(place: Place) -> None:
    place.commit("Long", long__txt=LONG)
    place.write("long.txt", LONG.replace("line 2\n", "line two\n").replace("line 30\n", "line thirty\n"))
    first, _ = hunks(place, "long.txt")

    changed = place.read("long.txt")
    (trashed,) = staging.discard(
        place.changing(), Selection(file=place.at("long.txt"), hunks=[first]), deleted_by="bob"
    )

    assert place.read("long.txt") == LONG.replace("line 30\n", "line thirty\n")
    back = trash.restore(place.share, trashed)
    assert read_bytes(place.share, SharePath.parse(back.path)).decode() == changed


def test_a_stale_hunk_leaves_nothing_in_the_trash(place: Place) -> None:
    place.write("a.txt", "one\n2\nthree\n")
    (hunk,) = hunks(place, "a.txt")
    place.write("a.txt", "all\nis\nnew\n")

    with pytest.raises(HunkStaleError):
        staging.discard(place.changing(), Selection(file=place.at("a.txt"), hunks=[hunk]), deleted_by="bob")

    assert (place.read("a.txt"), trash.list_trash(place.share)) == ("all\nis\nnew\n", [])


def test_a_file_with_conflict_marks_is_not_staged(place: Place) -> None:
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("Theirs", a__txt="theirs\n")
    place.git("checkout", "--quiet", "main")
    place.commit("Ours", a__txt="ours\n")
    place.git("merge", "other", code=1)

    with pytest.raises(ConflictsUnresolvedError):
        staging.stage(place.changing(), Selection(paths=[place.path]))

    assert place.status().entries[0].conflict == "both changed"


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(hunks=["@@ -1 +1 @@\n-a\n+b\n"]),
        Selection(file=SharePath.parse("Users/bob/promptflow/flow/a.txt")),
        Selection(file=SharePath.parse("Users/bob/promptflow/flow/a.txt"), hunks=["--- a/x\n+++ b/x\n"]),
    ],
)
def test_what_names_nothing_is_refused(place: Place, selection: Selection) -> None:
    with pytest.raises(NothingSelectedError):
        staging.stage(place.changing(), selection)


@pytest.mark.parametrize("path", ["Users/bob/promptflow", "Users/bob/promptflow/flow/.git/config"])
def test_paths_outside_of_the_repository_are_refused(place: Place, path: str) -> None:
    with pytest.raises(OutsideRepositoryError):
        staging.stage(place.changing(), Selection(paths=[SharePath.parse(path)]))
