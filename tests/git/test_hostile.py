"""Repositories that want to run something, or to reach what is not theirs: rows 23 and 24 of the table of incidents."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pfstudio.git import branches, commits, diff, log, merge, resolution, staging, stash
from pfstudio.git.config import facts, read_settings, write_settings
from pfstudio.git.errors import GitBusyError, GitTooLongError, NoRepositoryError, TooManyGitCommandsError
from pfstudio.git.flow_diff import compare_flows
from pfstudio.git.process import Git
from pfstudio.git.repository import Repository, find_repository
from pfstudio.git.serial import alone
from pfstudio.git.slots import slot
from pfstudio.git.staging import Selection
from pfstudio.git.status import read_status
from pfstudio.git.work import initialize
from pfstudio.share.paths import Share, SharePath
from repositories import BOB, Place, git

HOOKS = (
    *(
        "pre-commit",
        "prepare-commit-msg",
        "commit-msg",
        "post-commit",
        "post-checkout",
        "post-merge",
        "pre-merge-commit",
    ),
    *("reference-transaction", "post-index-change", "post-rewrite", "pre-auto-gc", "fsmonitor-watchman", "pre-rebase"),
)


def script(place: Place, name: str = "evil.sh") -> str:
    """A program that leaves a mark beside the work tree's files, if it is ever run."""
    file = place.folder / ".git" / name
    file.write_text(f"#!/bin/sh\ntouch {place.folder}/PWNED {place.folder}/.git/PWNED\ncat 2>/dev/null\n")
    file.chmod(0o755)
    return str(file)


def use_everything(place: Place) -> None:
    """Every verb of ours once, with a repository that git may change."""
    looking = place.changing()
    read_status(looking)
    place.write("a.txt", "changed\n")
    place.write("x.evil", "new\n")
    for staged in (None, True, False):
        diff.diff(looking, diff.compared(looking, staged=staged, old=None, new=None))
    log.log(looking, every=True)
    log.details(looking, "HEAD")
    branches.list_branches(looking)
    staging.stage(place.changing(), Selection(paths=[place.path]))
    staging.unstage(place.changing(), Selection(paths=[place.at("x.evil")]))
    staging.stage(place.changing(), Selection(paths=[place.path]))
    commits.commit(place.changing(), "Words", sign_off=True)
    commits.commit(place.changing(), "Other words", amend=True)
    place.write("a.txt", "aside\n")
    stash.push_stash(place.changing(), "m", include_untracked=True)
    branches.make_branch(place.changing(), "other", start="HEAD~1")
    place.write("a.txt", "theirs\n")
    staging.stage(place.changing(), Selection(paths=[place.at("a.txt")]))
    commits.commit(place.changing(), "Theirs")
    branches.switch(place.changing(), "main")
    merge.merge(place.changing(), "other")
    resolution.list_conflicts(looking)
    resolution.resolve(place.changing(), place.at("a.txt"), take="theirs", actor_name="bob")
    commits.commit(place.changing(), "")
    commits.restore(place.changing(), place.at("a.txt"), "HEAD~1", deleted_by="bob")
    staging.discard(place.changing(), Selection(paths=[place.path]), deleted_by="bob")
    stash.apply_stash(place.changing(), stash.list_stashes(looking)[0].commit, drop=False)
    place.write("flow.dag.yaml", "nodes: []\n")
    compare_flows(looking, place.path, diff.compared(looking, staged=None, old=None, new=None))


def with_hooks(place: Place) -> None:
    (place.folder / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in HOOKS:
        shutil.copy(script(place), place.folder / ".git" / "hooks" / hook)


def with_settings(*settings: tuple[str, str]) -> Callable[[Place], None]:
    """Programs that the configuration names, in the places of EVIL."""

    def prepare(place: Place) -> None:
        for name, value in settings:
            place.git("config", name, value.replace("EVIL", script(place)))
        (place.folder / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")

    return prepare


def with_include(place: Place) -> None:
    place.write(".git/more", f"[core]\n\tfsmonitor = {script(place)}\n\thooksPath = {place.folder}/.git/evil\n")
    place.git("config", "include.path", "more")
    place.git("config", f"includeIf.gitdir:{place.folder}/.path", "more")


def with_worktree_configuration(place: Place) -> None:
    place.git("config", "extensions.worktreeConfig", "true")
    place.write(".git/config.worktree", f"[core]\n\tfsmonitor = {script(place)}\n")


def with_submodule(place: Place) -> None:
    """Nested repositories, known and unknown, whose own configuration would run something in `git status`."""
    for name in ("known", "unknown"):
        inner = place.folder / name
        inner.mkdir()
        git(inner, "init", "--quiet", "--template=")
        (inner / "file").write_text("x")
        git(inner, "add", "file")
        git(inner, "commit", "--quiet", "-m", "Inner")
        git(inner, "config", "core.fsmonitor", script(place))
    place.git("add", "known", code=None)
    place.write(".gitmodules", f'[submodule "known"]\n\tpath = known\n\turl = ext::{script(place)}\n\tignore = none\n')
    place.git("commit", "--quiet", "-m", "Submodule")
    (place.folder / "PWNED").unlink(missing_ok=True)  # The git of this test ran it.
    (place.folder / ".git" / "PWNED").unlink(missing_ok=True)


PROGRAMS = (
    *(("core.fsmonitor", "EVIL"), ("core.hooksPath", ".git"), ("core.sshCommand", "EVIL"), ("core.gitProxy", "EVIL")),
    *(("filter.evil.clean", "EVIL"), ("filter.evil.smudge", "EVIL"), ("filter.evil.required", "true")),
    *(("diff.evil.textconv", "EVIL"), ("diff.external", "EVIL"), ("diff.evil.command", "EVIL")),
    *(("merge.evil.driver", "EVIL %A %O %B"), ("merge.tool", "evil"), ("mergetool.evil.cmd", "EVIL")),
    *(("core.pager", "EVIL"), ("core.editor", "EVIL"), ("sequence.editor", "EVIL"), ("core.askPass", "EVIL")),
    *(("commit.gpgSign", "true"), ("gpg.program", "EVIL"), ("log.showSignature", "true")),
    *(("alias.status", "!EVIL"), ("alias.commit", "!EVIL"), ("credential.helper", "!EVIL")),
    *(("core.alternateRefsCommand", "EVIL"), ("trailer.x.command", "EVIL"), ("trailer.x.key", "By")),
)


@pytest.mark.parametrize(
    "preparations",
    [
        (with_hooks, with_settings(("filter.evil.process", "EVIL"))),
        (with_settings(*PROGRAMS),),
        (with_include, with_worktree_configuration, with_submodule),
    ],
    ids=["hooks and a filter process", "programs", "includes and submodules"],
)
def test_nothing_of_a_repository_runs(place: Place, preparations: tuple[Callable[[Place], None], ...]) -> None:
    place.commit("More", a__txt="one\n", b__txt="b\n")
    for prepare in preparations:
        prepare(place)

    use_everything(place)

    assert not (place.folder / "PWNED").exists()
    assert not (place.folder / ".git" / "PWNED").exists()


def test_a_work_tree_named_elsewhere_is_not_used(place: Place, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_text("secret")
    place.git("config", "core.worktree", str(tmp_path / "elsewhere"))

    assert place.states() == {}
    place.write("a.txt", "changed\n")
    assert place.states() == {"a.txt": (None, "changed")}


@pytest.mark.parametrize("kind", ["link", "file", "commondir", "alternates", "objects", "refs"])
def test_a_repository_that_lies_elsewhere_is_none(place: Place, kind: str) -> None:
    """Of another user's, which everyone may read but nobody change through it."""
    victim = place.share.root / "Users" / "alice" / "flow"
    shutil.copytree(place.folder, victim)
    mine = place.folder / ".git"
    if kind in ("link", "file"):
        shutil.rmtree(mine)
    if kind == "link":
        mine.symlink_to(victim / ".git")
    elif kind == "file":
        mine.write_text(f"gitdir: {victim}/.git\n")
    elif kind == "commondir":
        (mine / "commondir").write_text(f"{victim}/.git\n")
    elif kind == "alternates":
        (mine / "objects" / "info").mkdir(exist_ok=True)
        (mine / "objects" / "info" / "alternates").write_text(f"{victim}/.git/objects\n")
    else:
        shutil.rmtree(mine / kind)
        (mine / kind).symlink_to(victim / ".git" / kind)

    found = find_repository(place.share, place.path)

    assert found.repository is None
    assert found.note is not None and "is not used" in found.note


def test_a_repository_above_the_owners_folder_is_not_found(share: Share) -> None:
    (share.root / "Users" / "bob" / "flow").mkdir(parents=True)
    for folder in (share.root, share.root / "Users"):
        git(folder, "init", "--quiet")

    assert find_repository(share, SharePath.parse("Users/bob/flow")).repository is None


def test_what_is_put_in_place_of_the_folder_meanwhile_is_not_followed(place: Place) -> None:
    """The sandbox is given the folder by handle: a link put there after it was found leads nowhere."""
    victim = place.share.root / "Users" / "alice" / "flow"
    shutil.copytree(place.folder, victim)
    found = place.changing()
    place.folder.rename(place.folder.with_name("away"))
    place.folder.symlink_to(victim)

    with pytest.raises(NotADirectoryError):
        staging.stage(found, Selection(paths=[place.path]))


def test_the_sandbox_sees_the_repository_alone(place: Place) -> None:
    """An index that names a file outside, a link that leads out, and git told to look there find nothing."""
    (place.share.root / "Users" / "alice").mkdir()
    secret = place.share.root / "Users" / "alice" / "secret"
    secret.write_text("secret\n")
    (place.folder / "link").symlink_to(secret)
    git_ = place.looking()

    listed = git_.try_run("diff", "--no-index", "/dev/null", str(secret), what="look outside")

    assert "Could not access" in listed.errors and listed.text == ""
    files, _ = diff.diff(git_, diff.compared(git_, staged=None, old=None, new=None), ["link"])
    assert files[0].text is not None and files[0].text.startswith("@@ -0,0 +1 @@\n+/")


def test_a_tree_that_writes_through_a_link_of_its_own_is_refused_by_git(place: Place) -> None:
    """A branch in which `sub` is a folder, while on disk it is a link to another one."""
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("Sub", **{"sub/file": "x\n"})
    place.git("checkout", "--quiet", "main")
    outside = place.folder.parent / "outside"
    outside.mkdir()
    (place.folder / "sub").symlink_to(outside)
    place.git("add", "sub")
    place.git("commit", "--quiet", "-m", "Link")

    branches.switch(place.changing(), "other")

    assert list(outside.iterdir()) == []
    assert place.read("sub/file") == "x\n"


@pytest.mark.parametrize("name", [".gitignore", ".git/info/exclude", ".git/packed-refs"])
def test_a_git_that_hangs_is_ended_and_leaves_no_lock(place: Place, name: str) -> None:
    file = place.folder / name
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    begun = time.monotonic()

    with pytest.raises(GitTooLongError):
        place.changing().run("status", what="look", seconds=0.5)

    assert time.monotonic() - begun < 10
    assert not (place.folder / ".git" / "index.lock").exists()


@pytest.mark.parametrize("name", ["config", "HEAD", "commondir", "objects/info/alternates"])
def test_a_file_that_never_ends_to_be_read_does_not_hold_the_server(place: Place, name: str) -> None:
    file = place.folder / ".git" / name
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    begun = time.monotonic()

    find_repository(place.share, place.path)

    assert time.monotonic() - begun < 1


def test_names_with_escape_sequences_and_odd_bytes_are_told_as_they_are(place: Place) -> None:
    place.write("\x1b]0;pwned\x07\n.txt", "x")
    (place.folder / os.fsdecode(b"\xff.txt")).write_text("x")

    names = [entry.inside for entry in place.status().entries]

    assert names == ["\x1b]0;pwned\x07\n.txt", "\udcff.txt"]
    staging.stage(place.changing(), Selection(paths=[place.path]))
    assert {entry.index for entry in place.status().entries} == {"added"}


def test_lfs_pointers_stay_what_they_are(place: Place) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n"
    place.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    place.write("model.bin", pointer)

    staging.stage(place.changing(), Selection(paths=[place.path]))
    commits.commit(place.changing(), "Pointer")

    assert place.git("cat-file", "-p", "HEAD:model.bin") == pointer


def test_commands_on_one_repository_wait_for_each_other_and_say_so(place: Place) -> None:
    with alone(place.repository), pytest.raises(GitBusyError), alone(place.repository, seconds=0.1):
        raise AssertionError("Two at once.")


def test_one_owners_commands_do_not_take_all_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfstudio.git.slots._SECONDS", 0.05)
    with slot("bob"), slot("bob"), slot("bob"), slot("bob"):
        with pytest.raises(TooManyGitCommandsError), slot("bob"):
            raise AssertionError("Five at once.")
        with slot("alice"):
            pass


def test_a_folder_is_made_a_repository_but_not_one_that_is_or_pretends_to_be(share: Share) -> None:
    folder = share.root / "Users" / "bob" / "flow"
    folder.mkdir(parents=True)
    path = SharePath.parse("Users/bob/flow")

    made = initialize(share, path, actor=BOB, branch="trunk", ignore=[".env", "__pycache__/"])

    assert isinstance(made, Repository)
    assert git(folder, "symbolic-ref", "HEAD") == "refs/heads/trunk\n"
    assert (folder / ".gitignore").read_text() == ".env\n__pycache__/\n"
    shutil.rmtree(folder / ".git")
    (folder / ".git").symlink_to("/tmp")
    with pytest.raises(NoRepositoryError):
        initialize(share, path, actor=BOB, branch="main", ignore=[])


def test_only_facts_of_a_configuration_are_kept() -> None:
    text = (
        '[core]\n\tbare = false ; no\n\tfsmonitor = evil\n\tautocrlf = "input"\n[include]\n\tpath = /etc/passwd\n'
        '[remote "a\\"b"]\n\turl = https://x/ # c\n\tuploadpack = evil\n[branch "x"]\n\tmerge = refs/heads/\\\nx\n'
        '[filter "lfs"]\n\tclean = evil\n[alias]\n\tst = !evil\n[url "evil"]\n\tinsteadOf = https://\n[core] filemode\n'
    )

    kept = facts(text)

    assert [tuple(setting) for setting in kept] == [
        ("core", None, "bare", "false"),
        ("core", None, "autocrlf", "input"),
        ("remote", 'a"b', "url", "https://x/"),
        ("branch", "x", "merge", "refs/heads/x"),
        ("core", None, "filemode", None),
    ]
    assert list(read_settings(write_settings(kept))) == kept


def test_a_value_cannot_say_another_setting() -> None:
    hostile = '[remote "o"]\n\turl = "x\\n[core]\\n\\tfsmonitor = evil\\n\\"\\\\"\n'

    (kept,) = facts(hostile)

    assert list(read_settings(write_settings([kept]))) == [kept]


def test_git_reads_our_configuration_as_we_read_theirs(place: Place) -> None:
    place.git("config", "remote.origin.url", 'https://host/a b;c#d"e\\f')
    place.git("config", "branch.main.remote", "origin")

    said = place.looking().run("config", "--list", "--local", "-z", what="read it").text

    assert 'remote.origin.url\nhttps://host/a b;c#d"e\\f' in said
    assert "branch.main.remote\norigin" in said


def test_a_repository_is_never_changed_by_who_only_looks(place: Place) -> None:
    answer = Git(place.repository).try_run("tag", "evil", what="change it")

    assert answer.code != 0
    assert place.git("tag") == ""
