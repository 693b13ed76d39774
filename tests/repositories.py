"""A repository in a user's folder, with real git outside of the studio to make and to check it."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from pfstudio.accounts.actor import Actor, Role
from pfstudio.git.identity import Identity
from pfstudio.git.process import Git
from pfstudio.git.repository import Repository, require_repository
from pfstudio.git.status import Status, read_status
from pfstudio.share.paths import Share, SharePath

__all__ = ["BOB", "Place", "copy_repositories", "git", "place", "share"]

BOB = Actor("bob", Role.AUTHOR)
_ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "outside@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(folder: Path, *arguments: str, code: int | None = 0) -> str:
    """Run the machine's git as somebody in a terminal would."""
    ended = subprocess.run(
        ["git", *arguments], cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert code is None or ended.returncode == code, ended.stderr
    return ended.stdout


@dataclass
class Place:
    """The folder of bob's flow `flow`, a repository with one commit of `a.txt`."""

    share: Share
    folder: Path

    @property
    def path(self) -> SharePath:
        return SharePath.parse("Users/bob/promptflow/flow")

    def at(self, inside: str) -> SharePath:
        return self.path / inside

    def git(self, *arguments: str, code: int | None = 0) -> str:
        return git(self.folder, *arguments, code=code)

    def write(self, inside: str, text: str) -> None:
        file = self.folder / inside
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def read(self, inside: str) -> str:
        return (self.folder / inside).read_text()

    def commit(self, message: str, **files: str) -> str:
        """Write files (`a__txt` is `a.txt`) and commit everything."""
        for name, text in files.items():
            self.write(name.replace("__", "."), text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    @property
    def repository(self) -> Repository:
        return require_repository(self.share, self.path)

    def looking(self) -> Git:
        return Git(self.repository)

    def changing(self) -> Git:
        return Git(self.repository, writable=True, identity=Identity("Bob B", "bob@example.com"))

    def status(self) -> Status:
        return read_status(self.looking())

    def states(self) -> dict[str, tuple[str | None, str | None]]:
        return {entry.inside: (entry.index, entry.worktree) for entry in self.status().entries}


@cache
def _made_once() -> tuple[Path, str]:
    """Two repositories: `repository` with changes, a stash and branches; `merging` with an open conflict."""
    home = Path(tempfile.mkdtemp(prefix="pfstudio-test-repositories-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    folder = home / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
    place = Place(Share(home / "share"), folder)
    place.commit("First", a__txt="one\n", flow__dag__yaml="inputs: {}\noutputs: {}\nnodes: []\n")
    place.git("branch", "beside")
    place.git("checkout", "--quiet", "-b", "other")
    place.commit("Theirs", a__txt="theirs\n")
    place.git("checkout", "--quiet", "main")
    place.write("put-aside.txt", "kept\n")
    place.git("stash", "--include-untracked", "--quiet")
    shutil.copytree(folder, home / "merging", symlinks=True)
    git(home / "merging", "commit", "--quiet", "--allow-empty", "-m", "Ours")
    (home / "merging" / "a.txt").write_text("ours\n")
    git(home / "merging", "commit", "--quiet", "-a", "-m", "Ours")
    git(home / "merging", "merge", "--quiet", "other", code=1)
    place.write("staged.txt", "staged\n")
    place.git("add", "staged.txt")
    place.write("new.txt", "new\n")
    return home, place.git("rev-parse", "stash@{0}").strip()


def copy_repositories(folder: Path) -> str:
    """Put `repository` and `merging` into a folder, and tell the stash of the first."""
    home, stash = _made_once()
    for name in ("repository", "merging"):
        shutil.copytree(home / name, folder / name, symlinks=True)
    return stash


@pytest.fixture
def share(tmp_path: Path) -> Share:
    return Share(tmp_path / "data" / "share")


@cache
def _first_commit() -> Path:
    """A repository with one commit, made once and copied for each test."""
    home = Path(tempfile.mkdtemp(prefix="pfstudio-test-repository-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    git(home, "init", "--quiet", "--template=", "--initial-branch=main")
    Place(Share(home / ".git" / "share" / "share"), home).commit("First", a__txt="one\ntwo\nthree\n")
    shutil.rmtree(home / ".git" / "share")
    return home


@pytest.fixture
def place(share: Share) -> Place:
    folder = share.root / "Users" / "bob" / "promptflow" / "flow"
    shutil.copytree(_first_commit(), folder)
    return Place(share, folder)
