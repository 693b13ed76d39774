"""Which commit a flow was at when it ran. Reads only; no hook, filter or monitor of the repository is started."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, Final

_SECONDS: Final = 5.0
_QUIET: Final = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.quotePath=false")


def git_state(folder: Path) -> dict[str, Any] | None:
    """Repository (without credentials), branch, commit and whether files of the flow were changed; None outside one."""
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return None
    head = _git(folder, "rev-parse", "HEAD", "--abbrev-ref", "HEAD")
    commit, _, branch = (head or "").partition("\n")
    if not commit:
        return None
    status = _git(folder, "status", "--porcelain", "--ignore-submodules=all", "--", ".")
    return {
        "repository": without_credentials(_git(folder, "remote", "get-url", "origin")),
        "branch": None if branch == "HEAD" else branch,
        "commit": commit,
        "dirty": bool(status) if status is not None else None,
    }


def without_credentials(address: str | None) -> str | None:
    """A repository's address without user and password; an `scp`-like one keeps the user it needs."""
    if not address or "://" not in address:
        return address or None
    from urllib.parse import urlsplit, urlunsplit

    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _git(folder: Path, *arguments: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        ended = subprocess.run(  # noqa: S603 - a fixed program with fixed words.
            ["git", *_QUIET, *arguments],  # noqa: S607 - the user's own git.
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None
