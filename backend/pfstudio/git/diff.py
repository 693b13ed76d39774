"""How files differ: between commits, what is staged, and what is on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pfstudio.git.names import find_commit
from pfstudio.git.process import Answer, Git

ChangeKind = Literal["added", "deleted", "changed", "renamed", "mode", "conflict"]

MOST_FILES = 300
_MOST_TEXT = 4 * 2**20
_MOST_TEXT_OF_ONE = 512 * 2**10
_MOST_LIST = 8 * 2**20
_SECONDS = 30.0
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_EMPTY_TREE_SHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
_HEAD = re.compile(rb"^(?=diff --(?:git|cc|combined) |\* Unmerged path )", re.MULTILINE)
_KINDS: dict[str, ChangeKind] = {"A": "added", "D": "deleted", "R": "renamed", "C": "added", "U": "conflict"}
_OPTIONS = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--full-index", "--find-renames", "-l500"),
    *("--ignore-submodules=dirty", "--src-prefix=a/", "--dst-prefix=b/"),
)


@dataclass(frozen=True, slots=True)
class FileChange:
    """That a file differs, by its path inside the repository; line counts are null for a binary one."""

    inside: str
    old_inside: str | None
    status: ChangeKind
    added: int | None
    removed: int | None
    is_type_change: bool = False


@dataclass(frozen=True, slots=True)
class FileDiff:
    """`text` is the hunks of a unified diff; null for a binary file, or where `is_cut`."""

    change: FileChange
    is_binary: bool
    is_cut: bool
    text: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two states to compare. Without `old`: what is staged with what is on disk; `new` null: what is on disk."""

    old: str | None
    new: str | None
    staged: bool = False

    def arguments(self) -> list[str]:
        """The words by which `git diff` takes them."""
        return [*(["--cached"] if self.staged else []), *[name for name in (self.old, self.new) if name]]


def compared(git: Git, *, staged: bool | None, old: str | None, new: str | None) -> Compared:
    """What to compare: two commits, a commit and the disk, HEAD and what is staged, or what is staged and the disk.

    With only `new`, that commit and its first parent; without anything, HEAD and the disk.

    Raises:
        RevisionNotFoundError: there is no such commit.
    """
    first = find_commit(git, old) if old else None
    second = find_commit(git, new) if new else None
    if second and not first:
        return Compared(_parent(git, second), second)
    if second or first:
        return Compared(first, second, staged=bool(staged) and second is None)
    if staged is None:
        return Compared(_head_or_nothing(git), None)
    return Compared(_head_or_nothing(git), None, staged=True) if staged else Compared(None, None)


def list_changes(git: Git, what: Compared, inside: Sequence[str] = ()) -> tuple[list[FileChange], bool]:
    """The files that differ, and whether these are all."""
    answer = _diff(git, what, inside, ("--raw", "--numstat", "-z"), most=_MOST_LIST)
    changes = list(_changes(answer))
    return changes, not answer.is_cut


def diff(git: Git, what: Compared, inside: Sequence[str] = ()) -> tuple[list[FileDiff], bool]:
    """How files differ, at most `MOST_FILES`, and whether these are all. Long texts are cut."""
    changes, is_all = list_changes(git, what, inside)
    told = changes[:MOST_FILES]
    names = [name for change in told for name in (change.inside, change.old_inside) if name is not None]
    patches = _patches(git, what, names, told) if told else []
    return [_file_diff(change, patch) for change, patch in zip(told, patches, strict=True)], is_all and told == changes


def _diff(git: Git, what: Compared, inside: Sequence[str], options: Sequence[str], *, most: int) -> Answer:
    """Files that git does not know yet are compared as well, where the disk is: in an index of our own."""
    is_disk = what.new is None and not what.staged
    return git.run_or_cut(
        *("diff", *what.arguments(), *_OPTIONS, *options, "--", *(name or "." for name in inside)),
        what="compare",
        seconds=_SECONDS,
        most=most,
        with_untracked=is_disk,
    )


def _changes(answer: Answer) -> Iterator[FileChange]:
    """Reads `--raw --numstat -z`: all raw records come first, then a count for each file."""
    fields = answer.output.split(b"\0")
    if answer.is_cut:
        fields.pop()
    raw: dict[str, tuple[str, str | None, bool]] = {}
    counts: dict[str, tuple[int | None, int | None]] = {}
    reader = iter(fields)
    for field in reader:
        if field.startswith(b":"):
            old_mode, new_mode, _, _, letter = field[1:].decode().split(" ")
            source = os.fsdecode(next(reader, b""))
            target = os.fsdecode(next(reader, b"")) if letter[0] in "RC" else source
            is_mode = letter == "M" and old_mode != new_mode
            if target not in raw or letter != "U":
                raw[target] = (("mode" if is_mode else letter[0]), source if letter[0] == "R" else None, letter == "T")
        elif field.count(b"\t") >= 2:
            added, removed, path = field.split(b"\t", 2)
            if not path:
                next(reader, b"")
                path = next(reader, b"")
            counts[os.fsdecode(path)] = (_count(added), _count(removed))
    for name, (letter, old_name, is_type) in raw.items():
        more, fewer = counts.get(name, (0, 0))
        kind: ChangeKind = _KINDS.get(letter, "changed")
        if letter == "mode" and more == fewer == 0:
            kind = "mode"
        yield FileChange(name, old_name, kind, more, fewer, is_type)


def _count(text: bytes) -> int | None:
    return int(text) if text.isdigit() else None


def _patches(git: Git, what: Compared, names: Sequence[str], told: Sequence[FileChange]) -> list[bytes]:
    """One patch for each change; empty for what is too much."""
    answer = _diff(git, what, sorted(set(names)), ("--patch",), most=_MOST_TEXT)
    parts = [part for part in _HEAD.split(answer.output) if part]
    if answer.is_cut and parts:
        parts.pop()
    patches = []
    for change in told:
        size = 2 if change.is_type_change else 1
        patches.append(b"".join(parts[:size]))
        del parts[:size]
    return patches


def _file_diff(change: FileChange, patch: bytes) -> FileDiff:
    head, mark, body = patch.partition(b"\n@@ ")
    is_binary = change.added is None or b"\nBinary files " in head
    is_cut = not is_binary and (not patch or len(patch) > _MOST_TEXT_OF_ONE)
    text = None if is_binary or is_cut else ((b"@@ " + body).decode(errors="replace") if mark else "")
    return FileDiff(change, is_binary, is_cut, text)


def _head_or_nothing(git: Git) -> str:
    answer = git.try_run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", what="find the last commit")
    return answer.text.strip() or _empty_tree(git)


def _parent(git: Git, commit: str) -> str:
    answer = git.try_run("rev-parse", "--verify", "--quiet", f"{commit}^1", what="find the commit before")
    return answer.text.strip() or _empty_tree(git)


def _empty_tree(git: Git) -> str:
    is_sha256 = any(
        (setting.section, setting.name, setting.value) == ("extensions", "objectformat", "sha256")
        for setting in git.repository.settings
    )
    return _EMPTY_TREE_SHA256 if is_sha256 else _EMPTY_TREE
