"""How a repository stands: its branch, what differs, whether a merge is open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from pfstudio.errors import PromptflowException
from pfstudio.git.ignoring import Proposal, propose, usual_proposals
from pfstudio.git.process import Answer, Git
from pfstudio.git.repository import GIT, Found, Repository
from pfstudio.git.serial import alone
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.handles import O_PATH, READ

FileState = Literal["added", "changed", "deleted", "renamed", "type", "untracked", "conflict"]
State = Literal["clean", "merging", "rebasing", "picking", "reverting", "bisecting"]
Conflict = Literal["both changed", "both added", "deleted by us", "deleted by them", "other"]

MOST_ENTRIES = 2000
_SECONDS = 20.0
_STATES: dict[str, FileState] = {
    "A": "added", "M": "changed", "D": "deleted", "R": "renamed", "C": "added", "T": "type", "U": "conflict",
}  # fmt: skip
_CONFLICTS: dict[str, Conflict] = {
    "UU": "both changed", "AA": "both added", "DU": "deleted by us", "UD": "deleted by them",
}  # fmt: skip
_MARKS: tuple[tuple[str, State], ...] = (
    ("rebase-merge", "rebasing"),
    ("rebase-apply", "rebasing"),
    ("MERGE_HEAD", "merging"),
    ("CHERRY_PICK_HEAD", "picking"),
    ("REVERT_HEAD", "reverting"),
    ("BISECT_LOG", "bisecting"),
)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file that differs, by its path inside the repository. A null state: nothing differs there."""

    inside: str
    old_inside: str | None
    index: FileState | None
    worktree: FileState | None
    conflict: Conflict | None = None

    @property
    def is_conflicted(self) -> bool:
        return self.conflict is not None


@dataclass(slots=True)
class Status:
    """All null and empty where there is no repository, but for what a new one had better ignore; `note` says why one
    that is there is not used."""

    repository: Repository | None = None
    note: str | None = None
    branch: str | None = None
    is_detached: bool = False
    commit: str | None = None
    upstream: str | None = None
    ahead: int = 0
    behind: int = 0
    state: State = "clean"
    merging: str | None = None
    entries: list[FileEntry] = field(default_factory=list)
    entry_count: int = 0
    is_all: bool = True
    stash_count: int = 0
    proposals: list[Proposal] = field(default_factory=list)

    @property
    def conflicts(self) -> list[FileEntry]:
        return [entry for entry in self.entries if entry.is_conflicted]


def status_of(found: Found) -> Status:
    """How the repository stands, if there is one."""
    if found.repository is None:
        return Status(note=found.note, proposals=usual_proposals())
    return read_status(Git(found.repository))


def refresh(repository: Repository) -> None:
    """Let git note which files it found unchanged although they look newer, so that it need not read them again.

    Whatever keeps it from that, such as another command at work, it is as well done the next time.
    """
    with suppress(PromptflowException), alone(repository, seconds=0):
        git = Git(repository, writable=True)
        git.try_run("update-index", "-q", "--refresh", what="look at the files", seconds=60)


def read_status(git: Git, *, most: int = MOST_ENTRIES) -> Status:
    """How a repository stands. It changes nothing, not even git's own notes of what it looked at."""
    answer = git.try_run(
        *("status", "--porcelain=v2", "--branch", "--show-stash", "-z", "--untracked-files=all"),
        *("--ignore-submodules=dirty", "--find-renames"),
        what="look at the repository",
        seconds=_SECONDS,
    )
    return _read(git.repository, answer, most)


def _read(repository: Repository, answer: Answer, most: int) -> Status:
    status = Status(repository, is_all=not answer.is_cut)
    if answer.code != 0 and not answer.is_cut:
        status.note = f"Git cannot read this repository: {answer.said}."
        return status
    entries: list[FileEntry] = []
    records = _records(answer.output, is_cut=answer.is_cut)
    for record in records:
        if record.startswith("# "):
            _read_head(status, record[2:])
        elif entry := _entry(record, records):
            entries.append(entry)
    entries.sort(key=lambda entry: (not entry.is_conflicted, entry.inside))
    status.entry_count = len(entries)
    status.is_all = status.is_all and len(entries) <= most
    status.entries = entries[:most]
    status.proposals = propose(repository, [entry.inside for entry in entries if entry.worktree == "untracked"])
    _look_into(status, repository)
    return status


def _records(output: bytes, *, is_cut: bool) -> Iterator[str]:
    parts = output.split(b"\0")
    if is_cut or not parts[-1]:
        parts.pop()
    return (os.fsdecode(part) for part in parts)


def _read_head(status: Status, text: str) -> None:
    word, _, rest = text.partition(" ")
    if word == "branch.oid" and rest != "(initial)":
        status.commit = rest
    elif word == "branch.head":
        status.is_detached = rest == "(detached)"
        status.branch = None if status.is_detached else shown(rest)
    elif word == "branch.upstream":
        status.upstream = shown(rest)
    elif word == "branch.ab":
        ahead, behind = rest.split()
        status.ahead, status.behind = int(ahead), -int(behind)
    elif word == "stash":
        status.stash_count = int(rest)


def _entry(record: str, following: Iterator[str]) -> FileEntry | None:
    kind = record[:1]
    if kind == "?":
        return FileEntry(record[2:], None, None, "untracked")
    if kind == "1":
        states, path = record[2:4], record.split(" ", 8)[8]
        return FileEntry(path, None, _state(states[0]), _state(states[1]))
    if kind == "2":
        states, path = record[2:4], record.split(" ", 9)[9]
        return FileEntry(path, next(following, ""), _state(states[0]), _state(states[1]))
    if kind == "u":
        states, path = record[2:4], record.split(" ", 10)[10]
        return FileEntry(path, None, None, "conflict", _CONFLICTS.get(states, "other"))
    return None


def _state(letter: str) -> FileState | None:
    return _STATES.get(letter)


def _look_into(status: Status, repository: Repository) -> None:
    """What files beside the index tell: whether a merge or its like is open, and of what."""
    share = repository.share
    try:
        git = share.open(repository.path(GIT), O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    except PathNotFoundError:
        return
    try:
        for name, state in _MARKS:
            try:
                os.stat(name, dir_fd=git, follow_symlinks=False)
            except OSError:
                continue
            status.state = state
            break
        if status.state == "merging":
            status.merging = _merged_name(git)
    finally:
        os.close(git)


def _merged_name(git: int) -> str | None:
    """What is merged in, by the message that git prepared, or the commit."""
    message = _first_line(git, "MERGE_MSG")
    for mark in ("Merge branch '", "Merge remote-tracking branch '", "Merge tag '", "Merge commit '"):
        if message.startswith(mark):
            return shown(message[len(mark) :].partition("'")[0])
    return _first_line(git, "MERGE_HEAD")[:12] or None


def _first_line(git: int, name: str) -> str:
    try:
        file = os.open(name, READ | os.O_NOFOLLOW, dir_fd=git)
    except OSError:
        return ""
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return ""
        return opened.read(1000).partition(b"\n")[0].decode(errors="replace")


def shown(name: str) -> str:
    """A name that git gave as bytes, as text that can be sent."""
    return name if name.isascii() else os.fsencode(name).decode(errors="replace")
