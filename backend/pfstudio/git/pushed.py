"""What is said about a push: that it came too late, or what is wrong with the flows that it changed.

The second is told and never a reason to refuse.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO

from pfstudio.errors import PromptflowException
from pfstudio.flow.validation import check_flow
from pfstudio.flows.share_files import ShareFiles
from pfstudio.git.process import Git
from pfstudio.git.repository import Repository
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import FlowTree, flow_file_of

RESULT_TYPE = b"application/x-git-receive-pack-result"
_MOST_FLOWS = 50
_LARGEST_COMMANDS = 1024 * 1024
_MOST_TOLD = 20


def problems_of(share: Share, root: SharePath) -> list[str]:
    """One line for each fault of the flows at and below `root`, for git to show; none where all are whole."""
    lines: list[str] = []
    folders = [root, *(found.path for found in FlowTree(share).find_below(root))]
    for folder in list(dict.fromkeys(folders))[:_MOST_FLOWS]:
        with suppress(PromptflowException):
            if (file := flow_file_of(share, folder)) is not None:
                lines += _faults(share, folder, file)
    if len(lines) > _MOST_TOLD:
        lines = [*lines[:_MOST_TOLD], f"pfstudio: and {len(lines) - _MOST_TOLD:,} more"]
    return ["pfstudio: the push was taken, but there are problems:", *lines] if lines else []


def _faults(share: Share, folder: SharePath, file: str) -> list[str]:
    checked = check_flow(ShareFiles(share, folder), file)
    return [
        f"pfstudio: {folder}/{problem.file}, line {problem.line}: {' '.join(problem.message.split())}"
        for problem in checked.problems
        if problem.severity == "error"
    ]


def stale_report(repository: Repository, body: IO[bytes]) -> bytes | None:
    """The refusal of a push that began before another one ended; None for one that may go on.

    Git itself brings the folder up to date before it notices, and leaves it so.
    """
    commands, words = _commands(os.pread(body.fileno(), _LARGEST_COMMANDS, 0))  # Git reads on from where the file is.
    git = Git(repository)
    branch = git.try_run("symbolic-ref", "--quiet", "HEAD", what="find the branch").text.strip()
    old = next((old for old, ref in commands if ref == branch), None)
    if old is None:
        return None
    found = git.try_run("rev-parse", "--verify", "--quiet", "HEAD", what="find the last commit")
    if (found.text.strip() or "0" * len(old)) == old:
        return None
    lines = [b"unpack ok\n", *(f"ng {ref} fetch first\n".encode() for _, ref in commands)]
    report = b"".join(map(_packet, lines)) + b"0000"
    return _packet(b"\x01" + report) + b"0000" if "side-band-64k" in words else report


def with_messages(answer: bytes, messages: list[str]) -> bytes:
    """The answer to a push with lines that git shows as `remote: …`; unchanged where it takes none."""
    if not messages or not answer.endswith(b"0000") or answer[4:5] not in (b"\x01", b"\x02"):
        return answer
    said = b"".join(_packet(b"\x02" + f"{message}\n".encode()[:900]) for message in messages)
    return answer[:-4] + said + b"0000"


def _commands(body: bytes) -> tuple[list[tuple[str, str]], list[str]]:
    """The old commit and the name of each ref that a push is about, and the words that git said along."""
    commands: list[tuple[str, str]] = []
    words: list[str] = []
    at = 0
    with suppress(ValueError):
        while (length := int(body[at : at + 4], 16)) > 4:
            line, _, said = body[at + 4 : at + length].decode(errors="replace").rstrip("\n").partition("\0")
            at += length
            words += said.split()
            old, _, ref = line.split(" ", 2)
            commands.append((old, ref))
    return commands, words


def _packet(data: bytes) -> bytes:
    return f"{len(data) + 4:04x}".encode() + data
