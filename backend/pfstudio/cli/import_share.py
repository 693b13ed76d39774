"""`pfstudio import-share DIR`: a downloaded Azure file share comes into the studio."""

from __future__ import annotations

import argparse
from pathlib import Path

from pfstudio.cli import arguments, output

NAME = "import-share"


def add_commands(commands: arguments.Subcommands, *, with_settings: bool) -> None:
    """`with_settings` adds a flag for each setting of the server, which costs loading them."""
    about = "Bring in the flows of a downloaded Azure file share (Users/*/promptflow/*)."
    parser = arguments.add_command(commands, f"pfstudio.{NAME}", about, _import_share)
    parser.add_argument("folder", metavar="DIR", type=Path, help="The folder that holds 'Users'.")
    parser.add_argument(
        "--user",
        action="append",
        default=[],
        metavar="ALIAS=NAME",
        help="Give the flows of an Azure alias to this user of the studio. May be given several times.",
    )
    parser.add_argument("--dry-run", action="store_true", help="Tell what would be done, and change nothing.")
    if with_settings:
        from pfstudio.server import commands as server

        server.add_arguments(parser)


def _import_share(args: argparse.Namespace) -> int:
    from pfstudio.server import commands as server

    names = arguments.key_values(args.user, "--user")
    report = server.import_share(args, args.folder, names=names, dry_run=args.dry_run)
    output.print_json(report)
    flows = report["flows"]
    done = sum(flow["status"] in ("imported", "planned") for flow in flows)
    broken = sum(bool(flow["problems"]) for flow in flows)
    verb = "would come in" if args.dry_run else "came in"
    output.say(f"{done} of {len(flows)} folders {verb}; in {broken} of them something does not run yet.")
    return 1 if any(flow["status"] == "failed" for flow in flows) else 0
