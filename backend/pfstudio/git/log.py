"""The commits of a repository, page by page, with the names that point at them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pfstudio.git.diff import Compared, FileChange, compared, list_changes
from pfstudio.git.errors import RevisionNotFoundError
from pfstudio.git.names import find_commit
from pfstudio.git.process import Git
from pfstudio.share.paths import SharePath

MOST_COMMITS = 200
_MOST_OUTPUT = 8 * 2**20
_LONGEST_BODY = 20_000
_LONGEST_LINE = 1_000
_MOST_REFS = 50
_SECONDS = 20.0
_PAGE = re.compile(r"([0-9a-f]{40,64}|-):(\d{1,9})\Z")
_FORMAT = "%x1e".join(("%H", "%P", "%an", "%ae", "%at", "%cn", "%ct", "%D", "%s", "%b"))
_EARLIEST = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Ref:
    name: str
    kind: Literal["branch", "remote", "tag", "head"]
    is_current: bool


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    parents: list[str]
    author: str
    address: str
    at: datetime
    committer: str
    committed_at: datetime
    subject: str
    body: str
    refs: list[Ref]


@dataclass(frozen=True, slots=True)
class Details:
    commit: Commit
    files: list[FileChange]
    is_all: bool


def log(
    git: Git,
    *,
    before: str | None = None,
    limit: int = 50,
    every: bool = False,
    ref: str | None = None,
    path: SharePath | None = None,
) -> tuple[list[Commit], str | None]:
    """Commits, newest first, and where the next page begins.

    From HEAD or `ref`, or with `every` from all branches and tags; with `path` only those that changed it. The pages
    after the first go on from where the first began, whatever was committed since.

    Raises:
        RevisionNotFoundError: `ref` means no commit, or `before` is of no page.
    """
    start, skip = _page(git, before, ref, every=every)
    if start is None:
        return [], None
    inside = git.repository.inside(path) if path else ""
    limit = min(limit, MOST_COMMITS)
    tips = ["--branches", "--remotes", "--tags", "HEAD"] if start == "-" else [start]
    answer = git.try_run(
        *("log", "-z", f"--format={_FORMAT}", "--decorate=full", "--no-show-signature", "--no-mailmap"),
        *("--date-order", f"--max-count={limit + 1}", f"--skip={skip}", *tips, "--", *([inside] if inside else [])),
        what="read the history",
        seconds=_SECONDS,
        most=_MOST_OUTPUT,
    )
    records = answer.output.split(b"\0")
    if answer.is_cut:
        records.pop()
    commits = [_commit(record) for record in records if record.count(b"\x1e") >= 9]
    has_more = len(commits) > limit or (answer.is_cut and bool(commits))
    told = commits[:limit]
    return told, f"{start}:{skip + len(told)}" if has_more else None


def details(git: Git, name: str) -> Details:
    """One commit and the files it changed; of a merge, what differs from its first parent.

    Raises:
        RevisionNotFoundError: there is no such commit.
    """
    commit_id = find_commit(git, name)
    answer = git.run(
        *("log", "-z", "--max-count=1", f"--format={_FORMAT}", "--decorate=full", "--no-show-signature"),
        *("--no-mailmap", commit_id, "--"),
        what="read the commit",
    )
    what: Compared = compared(git, staged=None, old=None, new=commit_id)
    files, is_all = list_changes(git, what)
    return Details(_commit(answer.output.rstrip(b"\0")), files, is_all)


def _page(git: Git, before: str | None, ref: str | None, *, every: bool) -> tuple[str | None, int]:
    """The commit (or `-`: all tips) that the log begins with, and how many to leave out."""
    if before is not None:
        found = _PAGE.match(before)
        if found is None:
            raise RevisionNotFoundError(before)
        return found[1], int(found[2])
    if every:
        return "-", 0
    if ref is not None:
        return find_commit(git, ref), 0
    try:
        return find_commit(git, "HEAD"), 0
    except RevisionNotFoundError:  # There is no commit yet.
        return None, 0


def _commit(record: bytes) -> Commit:
    fields = record.decode(errors="replace").split("\x1e", 9)
    oid, parents, author, address, at, committer, committed, refs, subject, body = fields
    return Commit(
        id=oid,
        parents=parents.split(),
        author=author[:_LONGEST_LINE],
        address=address[:_LONGEST_LINE],
        at=_moment(at),
        committer=committer[:_LONGEST_LINE],
        committed_at=_moment(committed),
        subject=subject[:_LONGEST_LINE],
        body=body.strip("\n")[:_LONGEST_BODY],
        refs=_refs(refs),
    )


def _moment(text: str) -> datetime:
    """A time as git has it; what no calendar has becomes the earliest."""
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return _EARLIEST


def _refs(text: str) -> list[Ref]:
    """Reads `HEAD -> refs/heads/main, tag: refs/tags/v1, refs/remotes/origin/main`."""
    found = []
    for part in text.split(", ")[:_MOST_REFS]:
        name, is_current = part.removeprefix("HEAD -> "), part.startswith("HEAD -> ")
        if name.startswith("refs/heads/"):
            found.append(Ref(name.removeprefix("refs/heads/"), "branch", is_current))
        elif name.startswith("tag: refs/tags/"):
            found.append(Ref(name.removeprefix("tag: refs/tags/"), "tag", False))
        elif name.startswith("refs/remotes/") and not name.endswith("/HEAD"):
            found.append(Ref(name.removeprefix("refs/remotes/"), "remote", False))
        elif name == "HEAD":
            found.append(Ref("HEAD", "head", True))
    return found
