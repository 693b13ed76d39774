"""`pfstudio pull` and `pfstudio push`: a local folder and a flow of a studio in step."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pfstudio.cli import arguments, output
from pfstudio.errors import UserErrorException

_URL, _TOKEN = "PFSTUDIO_URL", "PFSTUDIO_TOKEN"
_TIMEOUT_SECONDS = 60.0


def add_commands(commands: arguments.Subcommands) -> None:
    pull = arguments.add_command(commands, "pfstudio.pull", "Bring a flow's changes into a local folder.", _pull)
    push = arguments.add_command(commands, "pfstudio.push", "Bring a local folder's changes into a flow.", _push)
    for parser in (pull, push):
        parser.add_argument("folder", metavar="DIR", type=Path, help="The local folder.")
        parser.add_argument("flow", metavar="FLOW", nargs="?", help="Users/NAME/promptflow/FLOW; else the last one.")
        parser.add_argument("--studio", metavar="URL", help=f"Address of the studio; else {_URL}, else the last one.")
        parser.add_argument("--dry-run", action="store_true", help="Tell what would be done, and change nothing.")
        parser.add_argument("--delete", action="store_true", help="Also delete what was deleted on the other side.")
        parser.add_argument("--force", action="store_true", help="Overwrite what was changed on both sides.")
        parser.epilog = f"The token stands in the variable {_TOKEN}: make one with POST /api/auth/token."


def _pull(args: argparse.Namespace) -> int:
    args.folder.mkdir(parents=True, exist_ok=True)
    return _sync(args, "pull")


def _push(args: argparse.Namespace) -> int:
    return _sync(args, "push")


def _sync(args: argparse.Namespace, direction: str) -> int:
    from httpx2 import Client, HTTPError, InvalidURL

    from pfstudio.sdk import folder_sync

    if not args.folder.is_dir():
        raise UserErrorException(f"There is no folder {args.folder}.")
    url, flow = _where(args, folder_sync.remembered_flow(args.folder))
    headers = {"Authorization": f"Bearer {_token()}"}
    try:
        with Client(base_url=url, headers=headers, timeout=_TIMEOUT_SECONDS) as client:
            run = folder_sync.pull if direction == "pull" else folder_sync.push
            changes = run(
                folder_sync.Remote(client, flow),
                args.folder,
                delete=args.delete,
                force=args.force,
                dry_run=args.dry_run,
            )
    except (HTTPError, InvalidURL) as error:
        raise UserErrorException(f"The studio at {url} cannot be reached: {error}") from error
    output.print_json([{"path": change.path, "action": change.action} for change in changes])
    return 1 if args.dry_run and any(change.action == "conflict" for change in changes) else 0


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
