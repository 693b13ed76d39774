"""What repositories in users' folders look like in the API.

Every `path` is a share path. The path in an address may be anything inside a repository: the nearest folder above it
that holds one counts. Verbs that change something answer with the new `GitStatus`, so that a page needs no second
call; 409 `git_busy` where another git command works on the repository, `git_conflict_open` during a merge.

    GET    /api/git/status/{path}                      GitStatus
    POST   /api/git/init/{path}         GitInit        GitStatus (201)
    POST   /api/git/ignore/{path}       GitIgnore      GitStatus: adds lines to the repository's .gitignore
    POST   /api/git/stage/{path}        GitSelection   GitStatus
    POST   /api/git/unstage/{path}      GitSelection   GitStatus
    POST   /api/git/discard/{path}      GitSelection   GitDiscarded
    POST   /api/git/commit/{path}       GitCommit      GitCommitted
    GET    /api/git/commit/{path}       ?id            GitCommitDetails
    GET    /api/git/log/{path}          ?before&limit&all&file&ref   GitLog
    GET    /api/git/diff/{path}         ?file&staged&from&to         GitDiff
    GET    /api/git/flow-diff/{path}    ?from&to       GitFlowDiff
    GET    /api/git/content/{path}      ?commit        the bytes of a file in a commit
    POST   /api/git/restore/{path}      GitRestore     GitRestored: file or folder as in a commit
    GET    /api/git/branches/{path}                    GitBranches
    POST   /api/git/branches/{path}     GitBranchCreate   GitBranches (201)
    PATCH  /api/git/branches/{path}     GitBranchRename   GitBranches
    DELETE /api/git/branches/{path}     ?name&force    GitBranches
    POST   /api/git/switch/{path}       GitSwitch      GitStatus
    GET    /api/git/stash/{path}                       GitStashes
    POST   /api/git/stash/{path}        GitStashCreate GitStatus
    POST   /api/git/stash-apply/{path}  GitStashApply  GitStatus (conflicts are in it)
    DELETE /api/git/stash/{path}        ?commit        GitStatus
    POST   /api/git/merge/{path}        GitMerge       GitMerged
    POST   /api/git/abort/{path}                       GitStatus
    GET    /api/git/conflicts/{path}                   GitConflicts
    POST   /api/git/resolve/{path}      GitResolve     GitStatus
    GET/PUT /api/git-identity           GitIdentity    GitIdentity
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from pfstudio.server.schemas.base import Schema

FileState = Literal["added", "changed", "deleted", "renamed", "type", "untracked", "conflict"]
RepositoryState = Literal["clean", "merging", "rebasing", "picking", "reverting", "bisecting"]
Side = Literal["base", "ours", "theirs"]
_PATH = Field(min_length=1, max_length=4000)
_NAME = Field(min_length=1, max_length=250)


class GitEntry(Schema):
    """One file that differs. `index`: what the next commit changes; `worktree`: what is not staged."""

    path: str
    old_path: str | None = Field(description="Where it was before, if it was renamed.")
    index: FileState | None
    worktree: FileState | None
    is_conflicted: bool
    conflict: Literal["both changed", "both added", "deleted by us", "deleted by them", "other"] | None = None


class GitIgnoreProposal(Schema):
    """A line for `.gitignore`; `reason` is a sentence."""

    pattern: str
    reason: str


class GitStatus(Schema):
    """How a repository stands. `repository` is null where there is none; the rest is empty then, but for
    `ignore_proposals`: what a new one had better ignore."""

    repository: str | None = Field(description="The folder of the repository.")
    note: str | None = Field(description="Why a `.git` that is there is not used, in a sentence.")
    branch: str | None = Field(description="Null where HEAD is detached.")
    is_detached: bool
    commit: str | None = Field(description="Null before the first commit.")
    upstream: str | None
    ahead: int
    behind: int
    state: RepositoryState
    merging: str | None = Field(description="What is merged in, while it is: a branch's name or a commit.")
    entries: list[GitEntry]
    entry_count: int
    is_all: bool = Field(description="False where more differ than are told.")
    stash_count: int
    ignore_proposals: list[GitIgnoreProposal]
    is_writable: bool = Field(description="Whether the one who asks may change it.")


class GitInit(Schema):
    """A new repository in the folder of the address; `ignore` are lines for its `.gitignore`."""

    branch: str = Field(default="main", min_length=1, max_length=250)
    ignore: list[str] = Field(default=[], max_length=100)


class GitIgnore(Schema):
    patterns: list[str] = Field(min_length=1, max_length=100)


class GitSelection(Schema):
    """Files or folders by `paths`; or hunks of one `file`, each as `GitDiff` told it, from its `@@` line on.

    A hunk may be cut down to some of its lines: the numbers in its `@@` line are made right.
    """

    paths: list[str] = Field(default=[], max_length=10_000)
    file: str | None = Field(default=None, max_length=4000)
    hunks: list[str] = Field(default=[], max_length=1000)


class GitDiscarded(Schema):
    """What was discarded is in the trash, under these ids; for hunks, a copy of the file as it was."""

    trash: list[str]
    status: GitStatus


class GitCommit(Schema):
    """Commits what is staged. Without `message`, only with `amend`: the last commit keeps its own."""

    message: str = Field(default="", max_length=100_000)
    amend: bool = False
    sign_off: bool = False


class GitCommitted(Schema):
    commit: str
    status: GitStatus


class GitRef(Schema):
    name: str = Field(description="Short: `main`, `origin/main`, `v1`.")
    kind: Literal["branch", "remote", "tag", "head"]
    is_current: bool


class GitCommitRead(Schema):
    """One commit of a log."""

    id: str
    parents: list[str]
    author: str
    address: str
    at: datetime
    committer: str
    committed_at: datetime
    subject: str
    body: str
    refs: list[GitRef]


class GitLog(Schema):
    """Newest first, children before their parents as far as clocks allow."""

    commits: list[GitCommitRead]
    next: str | None = Field(description="`before` of the next page; null at the end.")


class GitFileChange(Schema):
    path: str
    old_path: str | None
    status: Literal["added", "deleted", "changed", "renamed", "mode", "conflict"]
    added: int | None = Field(description="Lines; null for a binary file.")
    removed: int | None


class GitCommitDetails(GitCommitRead):
    files: list[GitFileChange]
    is_all: bool


class GitFileDiff(GitFileChange):
    """How one file differs; `text` is the hunks of a unified diff, as in `HistoryDiff`."""

    is_binary: bool
    is_cut: bool = Field(description="Whether the text is left out because there is too much of it.")
    text: str | None


class GitDiff(Schema):
    files: list[GitFileDiff]
    is_all: bool


class GitWords(Schema):
    """A piece of a text: of both, only of the one before, or only of the one after."""

    kind: Literal["same", "removed", "added"]
    text: str


class GitValueChange(Schema):
    """One value that differs, such as `inputs.max_tokens`; null where it is missing on that side. Values are YAML."""

    field: str
    before: str | None
    after: str | None


class GitTextChange(Schema):
    """A prompt or source file that a node uses, with its words; `words` is null where it is too long or no text."""

    path: str
    status: Literal["added", "deleted", "changed"]
    added_words: int
    removed_words: int
    words: list[GitWords] | None


class GitNodeChange(Schema):
    name: str
    type: str | None
    status: Literal["added", "removed", "changed"]
    line: int | None = Field(description="Where the node is in the newer `flow.dag.yaml`.")
    values: list[GitValueChange]
    texts: list[GitTextChange]


class GitFlowDiff(Schema):
    """What a flow's change means: which node, which input, which words."""

    path: str
    flow_file: str
    nodes: list[GitNodeChange]
    inputs: list[GitValueChange] = Field(description="Fields such as `question.type`.")
    outputs: list[GitValueChange]
    settings: list[GitValueChange] = Field(description="All else in the flow file, such as `environment`.")
    other_files: list[GitFileChange]
    problem: str | None = Field(description="Why the flow file of a side could not be read.")


class GitRestore(Schema):
    commit: str = _NAME


class GitRestored(Schema):
    """`trash` names what was there before and is not any more."""

    trash: list[str]
    status: GitStatus


class GitBranch(Schema):
    name: str
    is_remote: bool
    is_current: bool
    commit: str
    subject: str
    at: datetime
    upstream: str | None
    ahead: int
    behind: int
    is_gone: bool = Field(description="Whether the upstream branch is not there any more.")


class GitBranches(Schema):
    current: str | None
    branches: list[GitBranch]
    tags: list[str]
    is_all: bool


class GitBranchCreate(Schema):
    """A branch from `start` (a branch, tag or commit; HEAD without), which is switched to unless told otherwise."""

    name: str = _NAME
    start: str | None = Field(default=None, max_length=250)
    switch: bool = True


class GitBranchRename(Schema):
    name: str = _NAME
    new_name: str = _NAME


class GitSwitch(Schema):
    """To a branch, a remote branch (a branch of one's own is made of it), or a tag or commit, detached."""

    to: str = _NAME


class GitStash(Schema):
    commit: str
    message: str
    branch: str | None
    at: datetime


class GitStashes(Schema):
    stashes: list[GitStash]


class GitStashCreate(Schema):
    message: str = Field(default="", max_length=1000)
    include_untracked: bool = True


class GitStashApply(Schema):
    commit: str = _NAME
    drop: bool = True


class GitMerge(Schema):
    """What to merge into the current branch: a branch, tag or commit."""

    branch: str = _NAME


class GitMerged(Schema):
    """`conflicts`: the files to resolve are in `status`; commit to end the merge, or abort it."""

    result: Literal["up to date", "fast forward", "merged", "conflicts"]
    status: GitStatus


class GitConflictPart(Schema):
    """One part of a `flow.dag.yaml`: `id` is such as `nodes/summarize/inputs/max_tokens` or `inputs/question`.

    Texts are null where the part is missing on a side. `conflict` needs a choice, all else is decided already.
    """

    id: str
    node: str | None
    label: str
    base: str | None
    ours: str | None
    theirs: str | None
    state: Literal["ours", "theirs", "both", "conflict"]


class GitConflict(Schema):
    """One file in conflict. A side is null where the file is missing there, or `is_cut` or `is_binary`."""

    path: str
    conflict: Literal["both changed", "both added", "deleted by us", "deleted by them", "other"]
    is_binary: bool
    is_cut: bool
    base: str | None
    ours: str | None
    theirs: str | None
    parts: list[GitConflictPart] | None = Field(
        description="For a flow file whose sides can all be read: what changed on either side, part by part."
    )
    merged: str | None = Field(
        description="With `parts`: the text with all that is decided, and `ours` where a choice is needed."
    )


class GitConflicts(Schema):
    ours_name: str
    theirs_name: str
    files: list[GitConflict]


class GitResolve(Schema):
    """How one file is to be: `content`, a side (`take`; a side without the file deletes it), or a side for each
    conflicting part by its id (`parts`; those not named are `ours`). The file is staged then."""

    file: str = _PATH
    content: str | None = Field(default=None, max_length=10_000_000)
    take: Side | None = None
    parts: dict[str, Side] | None = None


class GitIdentity(Schema):
    """The name and address of one's commits."""

    name: str = Field(min_length=1, max_length=200)
    address: str = Field(min_length=1, max_length=250)
    is_default: bool = Field(default=False, description="Whether it was never set; ignored when it is set.")
