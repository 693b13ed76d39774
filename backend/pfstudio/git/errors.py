"""What can go wrong with a repository, each with its own sentence."""

from __future__ import annotations

from collections.abc import Sequence

from pfstudio.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    StaleError,
    TooLargeError,
    UnavailableError,
)
from pfstudio.share.errors import brief, printable


def _shown(text: str) -> str:
    return brief(printable(text))


class NoRepositoryError(NotFoundError):
    code = "no_repository"

    def __init__(self, path: str, note: str | None = None) -> None:
        super().__init__(note or f"There is no git repository at or above '{_shown(path)}'.")


class RepositoryExistsError(ConflictError):
    code = "repository_exists"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{_shown(path)}' is in a git repository already.")


class InsideRepositoryError(ConflictError):
    code = "inside_repository"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"'{_shown(path)}' is in a git repository itself. Choose a folder outside of it to clone into."
        )


class NoGitHereError(UnavailableError):
    code = "no_git_here"

    def __init__(self) -> None:
        super().__init__("Git 2.37 or newer is not installed on the studio's machine.")


class GitBusyError(ConflictError):
    code = "git_busy"

    def __init__(self, path: str) -> None:
        super().__init__(f"Another git command works on '{_shown(path)}' just now. Try again when it is done.")


class GitLockedError(ConflictError):
    code = "git_locked"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"A git command in a terminal works on '{_shown(path)}', or one was cut off there. If none is running, "
            "delete '.git/index.lock' in a terminal."
        )


class TooManyGitCommandsError(RateLimitedError):
    code = "too_many_git_commands"

    def __init__(self, owner: str) -> None:
        super().__init__(f"Too many git commands work on folders of '{owner}' at once. Try again in a moment.")
        self.retry_after = 2


class GitTooLongError(TooLargeError):
    code = "git_too_long"

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"Git needed more than {seconds:.0f} seconds to {what}, so it was ended.")


class GitOutputTooLargeError(TooLargeError):
    code = "git_output_too_large"

    def __init__(self, what: str) -> None:
        super().__init__(f"Git could not {what}: there is more to tell than is taken at once.")


class GitRefusedError(ConflictError):
    """Git said no, for a reason we have no sentence of our own for."""

    code = "git_refused"

    def __init__(self, what: str, said: str) -> None:
        super().__init__(f"Git could not {what}: {_shown(said)}.")


class RefNameError(InvalidError):
    code = "ref_name_refused"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"A branch cannot be called '{_shown(name)}'. Use letters, digits, '-', '_', '.' and '/' between names."
        )


class RevisionNotFoundError(NotFoundError):
    code = "revision_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"The repository has no branch, tag or commit '{_shown(name)}'.")


class BranchExistsError(ConflictError):
    code = "branch_exists"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a branch '{_shown(name)}' already, or one whose name is the beginning of it.")


class BranchInUseError(ConflictError):
    code = "branch_in_use"

    def __init__(self, name: str) -> None:
        super().__init__(f"'{_shown(name)}' is the current branch, so it cannot be deleted. Switch to another first.")


class BranchNotMergedError(ConflictError):
    code = "branch_not_merged"

    def __init__(self, name: str) -> None:
        super().__init__(f"'{_shown(name)}' has commits that no other branch has. Delete it with force to lose them.")


class NothingStagedError(ConflictError):
    code = "nothing_staged"

    def __init__(self) -> None:
        super().__init__("Nothing is staged, so there is nothing to commit.")


class NoMessageError(InvalidError):
    code = "no_message"

    def __init__(self) -> None:
        super().__init__("A commit needs a message that says what it changes.")


class NoCommitError(ConflictError):
    code = "no_commit"

    def __init__(self, what: str) -> None:
        super().__init__(f"The repository has no commit yet, so there is nothing to {what}.")


class ConflictOpenError(ConflictError):
    code = "git_conflict_open"

    def __init__(self, state: str) -> None:
        super().__init__(f"The repository is {state}. Resolve what is in conflict and commit, or abort it, first.")


class ConflictsUnresolvedError(ConflictError):
    code = "conflicts_unresolved"

    def __init__(self, paths: Sequence[str]) -> None:
        more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
        super().__init__(f"'{_shown(paths[0])}'{more} is still in conflict. Resolve it first.")


class NotInConflictError(ConflictError):
    code = "not_in_conflict"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{_shown(path)}' is not in conflict.")


class NothingToAbortError(ConflictError):
    code = "nothing_to_abort"

    def __init__(self) -> None:
        super().__init__("No merge is open, so there is nothing to abort.")


class WouldOverwriteError(ConflictError):
    code = "would_overwrite"

    def __init__(self, what: str, paths: Sequence[str]) -> None:
        named = ", ".join(f"'{_shown(path)}'" for path in paths[:3])
        more = f" and {len(paths) - 3:,} more" if len(paths) > 3 else ""
        super().__init__(
            f"Git did not {what}: it would overwrite your changes of {named}{more}. Commit, stash or discard them "
            "first; nothing was changed."
        )


class StashNotFoundError(NotFoundError):
    code = "stash_not_found"

    def __init__(self, commit: str) -> None:
        super().__init__(f"There is no stash '{_shown(commit[:40])}'.")


class NothingToStashError(ConflictError):
    code = "nothing_to_stash"

    def __init__(self) -> None:
        super().__init__("Nothing is changed, so there is nothing to stash.")


class HunkStaleError(StaleError):
    code = "hunk_stale"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{_shown(path)}' was changed since this part of it was read. Look at the changes again.")


class NothingSelectedError(InvalidError):
    code = "nothing_selected"

    def __init__(self) -> None:
        super().__init__("Name files or folders as 'paths', or one 'file' with its 'hunks'.")


class OutsideRepositoryError(InvalidError):
    code = "outside_repository"

    def __init__(self, path: str, repository: str) -> None:
        super().__init__(f"'{_shown(path)}' is not in the repository '{_shown(repository)}'.")


class NotInCommitError(NotFoundError):
    code = "not_in_commit"

    def __init__(self, path: str, commit: str) -> None:
        super().__init__(f"The commit {_shown(commit[:12])} has no '{_shown(path)}'.")


class ResolutionRefusedError(InvalidError):
    code = "resolution_refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"The conflict was not resolved: {why}.")


class IdentityRefusedError(InvalidError):
    code = "identity_refused"

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} cannot be used for commits: it must not be empty or hold '<', '>' or line ends.")


class PatternRefusedError(InvalidError):
    code = "pattern_refused"

    def __init__(self, pattern: str) -> None:
        super().__init__(f"'{_shown(pattern)}' is no line for a '.gitignore'.")


class NotAFlowError(InvalidError):
    code = "not_a_flow"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{_shown(path)}' has no 'flow.dag.yaml' in either version.")
