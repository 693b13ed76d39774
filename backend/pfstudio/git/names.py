"""Names of branches and commits: what may be made, and finding what one means."""

from __future__ import annotations

import re

from pfstudio.git.errors import RefNameError, RevisionNotFoundError
from pfstudio.git.process import Git

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|\.lock(/|\Z)|/\.|\.\Z|/\Z|\A[/.-]")
_REVISION = re.compile(r"[^\x00-\x20\x7f:?*\[\\-][^\x00-\x20\x7f:?*\[\\]*\Z")
_LONGEST = 200
_NO_NAMES = {"HEAD", "@", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD"}


def require_branch_name(name: str) -> None:
    """Stricter than git: a name is usable as a file name everywhere, and never reads as an option.

    Raises:
        RefNameError: it is not.
    """
    if len(name.encode(errors="replace")) > _LONGEST or name in _NO_NAMES or not name.isprintable():
        raise RefNameError(name)
    if not name or _FORBIDDEN.search(name) or name.startswith("refs/"):
        raise RefNameError(name)


def find_commit(git: Git, name: str) -> str:
    """The id of the commit that a branch, tag or (the beginning of) an id means.

    Raises:
        RevisionNotFoundError: it means none.
    """
    if not _REVISION.match(name) or len(name) > 2 * _LONGEST or "@{" in name or ".." in name:
        raise RevisionNotFoundError(name)
    answer = git.try_run(
        *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"), what="find a commit"
    )
    found = answer.text.strip()
    if answer.code != 0 or not found:
        raise RevisionNotFoundError(name)
    return found
