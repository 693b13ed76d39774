"""`pfstudio pull` and `pfstudio push`: a local folder and a flow of a studio in step."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.cli import arguments, output
from pfstudio.errors import UserErrorException

if TYPE_CHECKING:
    from pfstudio.sdk.folder_sync import Change

_URL, _TOKEN = "PFSTUDIO_URL", "PFSTUDIO_TOKEN"
_TIMEOUT_SECONDS = 60.0
_WORDS = {
    "add": "added",
    "update": "updated",
    "delete": "deleted on the other side",
    "keep": "kept",
    "skip": "left out",
}
_WORDS |= {"conflict": "in conflict"}
_ABOUT = """\
{what}; what changed only {side} stays, and what changed on
both sides is a conflict: then nothing is written without --force. Files that a .gitignore names, .git, .promptflow and
__pycache__ take no part; links do not either. Files are replaced whole, one by one: after an interruption, do it again.

The plan goes to standard output as JSON, one `add`, `update`, `delete`, `keep`, `skip` or `conflict` for each file.
Exit code 1 says that there are conflicts.

Make a token with the password of your account, and keep it in the variable {token}:
  curl -d '{{"username": "me", "password": "…"}}' -H 'Content-Type: application/json' URL/api/auth/token

examples:
  {command} my-flow Users/me/promptflow/my-flow --studio http://localhost:8010
  {command} my-flow --dry-run
  {command} my-flow --delete
"""


def add_commands(commands: arguments.Subcommands) -> None:
    pull = arguments.add_command(commands, "pfstudio.pull", "Bring a flow's changes into a local folder.", _pull)
    push = arguments.add_command(commands, "pfstudio.push", "Bring a local folder's changes into a flow.", _push)
    to_here = "What changed in the studio since the last time comes here"
    to_there = "What changed here since the last time goes to the studio"
    for parser, what, side, gone in ((pull, to_here, "here", "there"), (push, to_there, "there", "here")):
        parser.add_argument("folder", metavar="DIR", type=Path, help="The local folder.")
        parser.add_argument("flow", metavar="FLOW", nargs="?", help="Users/NAME/promptflow/FLOW; else the last one.")
        parser.add_argument("--studio", metavar="URL", help=f"Address of the studio; else {_URL}, else the last one.")
        parser.add_argument("--dry-run", action="store_true", help="Tell what would be done, and change nothing.")
        parser.add_argument("--delete", action="store_true", help=f"Also delete what was deleted {gone}.")
        parser.add_argument("--force", action="store_true", help="Overwrite what was changed on both sides.")
        parser.add_argument("--ignored", action="store_true", help="Files that a .gitignore names take part, too.")
        parser.epilog = _ABOUT.format(what=what, side=side, token=_TOKEN, command=parser.prog)


def _pull(args: argparse.Namespace) -> int:
    if not args.dry_run:
        args.folder.mkdir(parents=True, exist_ok=True)
    return _sync(args, "pull")


def _push(args: argparse.Namespace) -> int:
    return _sync(args, "push")


def _sync(args: argparse.Namespace, direction: str) -> int:
    from httpx2 import Client, HTTPError, InvalidURL

    from pfstudio.sdk import folder_sync

    if not args.folder.is_dir() and not (direction == "pull" and args.dry_run):
        raise UserErrorException(f"There is no folder {args.folder}.")
    url, flow = _where(args, folder_sync.remembered_flow(args.folder))
    headers = {"Authorization": f"Bearer {_token()}"}
    options = folder_sync.Options(delete=args.delete, force=args.force, dry_run=args.dry_run, ignored=args.ignored)
    run = folder_sync.pull if direction == "pull" else folder_sync.push
    try:
        with Client(base_url=url, headers=headers, timeout=_TIMEOUT_SECONDS) as client:
            changes = run(folder_sync.Remote(client, flow), args.folder, options)
    except folder_sync.SyncConflictError as error:
        output.print_json([asdict(change) for change in error.changes])
        raise
    except (HTTPError, InvalidURL) as error:
        raise UserErrorException(f"The studio at {url} cannot be reached: {error}") from error
    output.print_json([asdict(change) for change in changes])
    output.say(_summary(changes, dry_run=args.dry_run))
    return 1 if args.dry_run and any(change.action == "conflict" for change in changes) else 0


def _summary(changes: Sequence[Change], *, dry_run: bool) -> str:
    counts = Counter(change.action for change in changes)
    if not counts:
        return "Both sides are the same."
    parts = [f"{count} {_WORDS[action]}" for action, count in counts.items()]
    return f"{'Would be: ' if dry_run else ''}{', '.join(parts)}."


def _where(args: argparse.Namespace, known: tuple[str, str] | None) -> tuple[str, str]:
    url = args.studio or os.environ.get(_URL) or (known[0] if known else None)
    flow = args.flow or (known[1] if known else None)
    if not url:
        raise UserErrorException(f"Say where the studio is, with --studio or the variable {_URL}.")
    if not flow:
        raise UserErrorException("Say which flow it is, as Users/NAME/promptflow/FLOW.")
    return url.rstrip("/"), flow.strip("/")


def _token() -> str:
    token = os.environ.get(_TOKEN, "")
    if not token:
        raise UserErrorException(f"Put your token into the variable {_TOKEN}.")
    return token
