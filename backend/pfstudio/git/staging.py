"""What the next commit will hold: staging, unstaging, and discarding what is not staged; by file and by hunk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pfstudio.errors import PromptflowException
from pfstudio.git.errors import (
    ConflictOpenError,
    ConflictsUnresolvedError,
    GitOutputTooLargeError,
    HunkStaleError,
    NothingSelectedError,
)
from pfstudio.git.process import Git
from pfstudio.git.status import read_status, shown
from pfstudio.share import trash
from pfstudio.share.content import read_bytes
from pfstudio.share.paths import SharePath

_MOST = 20_000
_LARGEST_MARKED = 20_000_000
_MARKER = re.compile(rb"^<<<<<<< ", re.MULTILINE)
_FROM_STDIN = ("--pathspec-from-file=-", "--pathspec-file-nul")
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_EXECUTABLE, _USUAL = "100755", "100644"


@dataclass(frozen=True, slots=True)
class Selection:
    """Files and folders, or hunks of one file; all by their share paths."""

    paths: Sequence[SharePath] = ()
    file: SharePath | None = None
    hunks: Sequence[str] = ()

    def require_something(self) -> None:
        """Refuse what names nothing, or both.

        Raises:
            NothingSelectedError: it does.
        """
        by_hunk = self.file is not None and bool(self.hunks)
        if by_hunk == bool(self.paths) or (self.file is None) == bool(self.hunks):
            raise NothingSelectedError
        if any(not _HUNK.match(hunk) for hunk in self.hunks):
            raise NothingSelectedError


def stage(git: Git, selection: Selection) -> None:
    """Take into the next commit. A file with conflict marks stays in conflict.

    Raises:
        HunkStaleError: the file is not what it was when the hunk was read.
        ConflictsUnresolvedError: a file holds conflict marks.
    """
    selection.require_something()
    if selection.file is not None:
        _apply(git, selection, cached=True, reverse=False)
        return
    named = _pathspec(git, selection.paths)
    _require_resolved(git, named)
    git.run("add", "--all", *_FROM_STDIN, what="stage these files", stdin=named, seconds=60)


def unstage(git: Git, selection: Selection) -> None:
    """Leave out of the next commit; files keep their content.

    Raises:
        HunkStaleError: what is staged is not what it was when the hunk was read.
    """
    selection.require_something()
    if selection.file is not None:
        _apply(git, selection, cached=True, reverse=True)
        return
    git.run("reset", "--quiet", *_FROM_STDIN, what="unstage these files", stdin=_pathspec(git, selection.paths))


def discard(git: Git, selection: Selection, *, deleted_by: str) -> list[str]:
    """Make files what is staged of them; tells the ids in the trash of what they were.

    Raises:
        HunkStaleError: the file is not what it was when the hunk was read.
        ConflictOpenError: a file is in conflict.
    """
    selection.require_something()
    if selection.file is not None:
        copy = trash.put_copy(git.repository.share, selection.file, deleted_by=deleted_by)
        try:
            _apply(git, selection, cached=False, reverse=True)
        except PromptflowException:  # Nothing was discarded.
            trash.delete_for_good(git.repository.share, copy.id)
            raise
        return [copy.id]
    wanted = [git.repository.inside(path) for path in selection.paths]
    status = read_status(git, most=_MOST)
    if not status.is_all:
        raise GitOutputTooLargeError("discard so many files at once")
    entries = [entry for entry in status.entries if entry.worktree and is_below(entry.inside, wanted)]
    if any(entry.is_conflicted for entry in entries):
        raise ConflictOpenError("in conflict")
    gone = [entry.inside for entry in entries if entry.worktree != "deleted"]
    trashed = put_into_trash(git, gone, deleted_by=deleted_by)
    back = [entry.inside for entry in entries if entry.worktree != "untracked"]
    if back:
        git.run(*("restore", "--worktree", *_FROM_STDIN), what="bring back what is staged", stdin=nul_separated(back))
    return trashed


def put_into_trash(git: Git, inside: Iterable[str], *, deleted_by: str) -> list[str]:
    """Move files to the trash; tells their ids there."""
    repository = git.repository
    return [trash.put(repository.share, repository.path(name), deleted_by=deleted_by).id for name in inside]


def is_below(inside: str, wanted: Sequence[str]) -> bool:
    """Whether a file is one of, or below one of, some paths; the empty path is the repository itself."""
    return any(not path or inside == path or inside.startswith(f"{path}/") for path in wanted)


def nul_separated(inside: Iterable[str]) -> bytes:
    """Paths for git's standard input."""
    return b"".join(os.fsencode(path or ".") + b"\0" for path in inside)


def _pathspec(git: Git, paths: Sequence[SharePath]) -> bytes:
    return nul_separated(git.repository.inside(path) for path in paths)


def _require_resolved(git: Git, named: bytes) -> None:
    answer = git.run("ls-files", "--unmerged", "-z", what="look for conflicts")
    if not answer.output:
        return
    wanted = [os.fsdecode(name).removeprefix(".") for name in named.split(b"\0") if name]
    unmerged = {os.fsdecode(record.partition(b"\t")[2]) for record in answer.output.split(b"\0") if record}
    marked = [path for path in sorted(unmerged) if is_below(path, wanted) and _has_marks(git, path)]
    if marked:
        raise ConflictsUnresolvedError([shown(path) for path in marked])


def _has_marks(git: Git, inside: str) -> bool:
    repository = git.repository
    try:
        content = read_bytes(repository.share, repository.path(inside), limit=_LARGEST_MARKED)
    except PromptflowException:  # Gone, a link or a folder: nothing that could hold marks.
        return False
    return _MARKER.search(content) is not None


def _apply(git: Git, selection: Selection, *, cached: bool, reverse: bool) -> None:
    if selection.file is None:
        raise AssertionError("Hunks are of a file.")
    inside = git.repository.inside(selection.file)
    known = git.run("ls-files", "--stage", "-z", "--", inside, what="look at the file").text
    patch = _header(inside, selection.hunks, known, is_new=cached and not reverse and not known)
    patch += "".join(hunk if hunk.endswith("\n") else f"{hunk}\n" for hunk in selection.hunks)
    options = ["--whitespace=nowarn", "--recount", *(["--cached"] if cached else []), *(["-R"] if reverse else [])]
    answer = git.try_run("apply", *options, "-", what="take this part", stdin=patch.encode(errors="surrogateescape"))
    if answer.code != 0:
        raise HunkStaleError(str(selection.file))


def _header(inside: str, hunks: Sequence[str], known: str, *, is_new: bool) -> str:
    """The head of a patch, which names the file."""
    old, new = _quoted(f"a/{inside}"), _quoted(f"b/{inside}")
    head = f"diff --git {old} {new}\n"
    sizes = _HUNK.match(hunks[0])
    if is_new:
        return f"{head}new file mode {_USUAL}\n--- /dev/null\n+++ {new}\n"
    if sizes is not None and sizes[3] == "0" and sizes[4] == "0" and len(hunks) == 1:
        mode = known[:6] if known[:6] in (_EXECUTABLE, _USUAL) else _USUAL
        return f"{head}deleted file mode {mode}\n--- {old}\n+++ /dev/null\n"
    return f"{head}--- {old}\n+++ {new}\n"


def _quoted(path: str) -> str:
    """A path as git quotes it in patches."""
    letters = []
    for byte in os.fsencode(path):
        if byte in b'"\\':
            letters.append(f"\\{chr(byte)}")
        else:
            letters.append(chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}")
    return f'"{"".join(letters)}"'
