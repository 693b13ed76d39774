"""`pfstudio import-share DIR`: a downloaded Azure file share comes into the studio."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pfstudio.cli import arguments, output
from pfstudio.errors import UserErrorException

NAME = "import-share"
_MOST_PROBLEMS = 20
_EXAMPLES = """\
Every folder below Users/*/promptflow comes in as it is; what is in the studio already stays untouched, so the command
may be run again. Users of the share become users of the studio under the nearest name, without a password. Nothing of
the flows is run.

The report goes to standard output as JSON, and to standard error to be read.

examples:
  pfstudio import-share ./fileshare --dry-run
  pfstudio import-share ./fileshare --map ada.lovelace=ada --map old=root > report.json
  pfstudio import-share ./fileshare --data /data
"""


def add_commands(commands: arguments.Subcommands, *, with_settings: bool) -> None:
    """`with_settings` adds a flag for each setting of the server, which costs loading them."""
    about = "Bring in the flows of a downloaded Azure file share (Users/*/promptflow/*)."
    parser = arguments.add_command(commands, f"pfstudio.{NAME}", about, _import_share)
    parser.epilog = _EXAMPLES
    parser.add_argument("folder", metavar="DIR", type=Path, help="The folder that holds 'Users'.")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="Give the flows of the share's user OLD to the studio's user NEW. May be given several times.",
    )
    parser.add_argument("--dry-run", action="store_true", help="Tell what would be done, and change nothing.")
    if with_settings:
        from pfstudio.server import commands as server

        server.add_arguments(parser)


def _import_share(args: argparse.Namespace) -> int:
    from pfstudio.server import commands as server

    if not args.folder.is_dir():
        raise UserErrorException(f"There is no folder {args.folder}.")
    names = arguments.key_values(args.map, "--map")
    report = server.import_share(args, args.folder, names=names, dry_run=args.dry_run)
    output.print_json(report)
    for line in readable(report):
        output.say(line)
    return 1 if any(flow["status"] == "failed" for flow in report["flows"]) else 0


def readable(report: dict[str, Any]) -> Iterator[str]:
    """The report in words: what happened, what does not run yet, and what is left to do."""
    flows, users = report["flows"], report["users"]
    counts = Counter(flow["status"] for flow in flows)
    words = {"planned": "would come in", "imported": "came in", "unchanged": "were there already"}
    words |= {"skipped": "were left alone", "failed": "failed"}
    parts = [f"{counts[status]} {word}" for status, word in words.items() if counts[status]]
    yield f"{len(flows)} folders of {len(users)} users: {', '.join(parts) or 'nothing to do'}."
    yield from _section(
        "Left alone or failed", (f"{item['source']}: {item['reason']}" for item in flows if item["reason"])
    )
    yield from _section("Users", (f"{user['alias']}: {user['reason']}" for user in users if user["reason"]))
    yield from _section("Does not run yet", (line for flow in flows for line in flow["problems"]), _MOST_PROBLEMS)
    left_out = (f"{flow['source']}: {', '.join(flow['left_out'])}" for flow in flows if flow["left_out"])
    yield from _section("Not taken along (links out of the folder, and what is no file)", left_out)
    yield from _section("Connections to create", map(_connection, report["connections"]))
    made = [user["username"] for user in users if user["status"] == "made"]
    yield from _section("Sign-in links", (f"pfstudio user reset {name}" for name in made))


def _connection(item: dict[str, Any]) -> str:
    kinds = " or ".join(item["types"]) or "of a type that the flows do not tell"
    return f"{item['name']} ({kinds}): {', '.join(item['flows'])}"


def _section(title: str, lines: Iterator[str], most: int = 200) -> Iterator[str]:
    listed = list(lines)
    if listed:
        yield f"{title}:"
        yield from (f"  {line}" for line in listed[:most])
        if len(listed) > most:
            yield f"  and {len(listed) - most} more; the JSON has all of them."
