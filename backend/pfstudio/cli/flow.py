"""`pf flow …`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from pfstudio.cli import arguments, output
from pfstudio.errors import InvalidError

_TEST_EXAMPLES = """\
examples:
  pf flow test --flow my-flow
  pf flow test --flow my-flow --inputs question="hi" count=3
  pf flow test --flow my-flow --inputs one-line.jsonl
  pf flow test --flow my-flow --node fetch --inputs url=https://example.com
  pf flow test --flow my-flow --variant '${draft.short}'
"""


def add_commands(commands: arguments.Subcommands) -> None:
    group = arguments.add_group(commands, "flow", "Work with flows.")
    _add_test(group)
    _add_init(group)


def _add_test(group: arguments.Subcommands) -> None:
    parser = arguments.add_command(group, "pf.flow.test", "Run a flow, or one of its nodes, once.", test)
    parser.epilog = _TEST_EXAMPLES
    parser.add_argument("--flow", required=True, help="The flow's folder or file.")
    parser.add_argument(
        "--inputs", nargs="+", action="extend", metavar="KEY=VALUE", help="Input values, or one .json or .jsonl file."
    )
    parser.add_argument("--input", help=argparse.SUPPRESS)
    parser.add_argument("--node", help="Run this node only.")
    parser.add_argument("--variant", help="The variant to run, as '${node.variant}'.")
    parser.add_argument(
        "--environment-variables",
        nargs="*",
        action="extend",
        metavar="KEY=VALUE",
        help="Environment of the run, or one .env file; without values, the nearest .env.",
    )
    parser.add_argument("--detail", metavar="DIR", help="Where to write the records; default: .promptflow in the flow.")
    parser.add_argument("--collection", help=argparse.SUPPRESS)
    parser.add_argument("--config", nargs="+", action="extend", help=argparse.SUPPRESS)


def _add_init(group: arguments.Subcommands) -> None:
    parser = arguments.add_command(group, "pf.flow.init", "Make a new flow folder that runs.", init)
    parser.add_argument("--flow", required=True, metavar="NAME", help="The folder to make.")
    parser.add_argument(
        "--type", choices=("standard", "evaluation", "chat"), default="standard", help="What it is for."
    )
    parser.add_argument("-y", "--yes", action="store_true", help="Do not ask when the folder exists.")


def test(args: argparse.Namespace) -> None:
    from pfstudio.sdk.client import PFClient

    if args.node:
        args.command = "pf.flow.node_test"  # The original's name in its error line.
    result = PFClient().flows.test(
        args.flow,
        inputs=_given_inputs(args),
        node=args.node,
        variant=args.variant,
        environment_variables=_given_environment(args.environment_variables),
        output_path=args.detail,
        dump_test_result=True,
        stream_log=True,
    )
    if isinstance(result, dict):
        output.print_json(result, ascii_only=False)
    else:
        output.write(str(result))


def _given_inputs(args: argparse.Namespace) -> dict[str, Any] | str | None:
    items = args.inputs or []
    if not items:
        return str(args.input) if args.input else None
    if len(items) == 1 and "=" not in items[0]:
        return str(items[0])
    return dict(arguments.key_values(items, "--inputs"))


def _given_environment(items: list[str] | None) -> dict[str, str] | None:
    from pfstudio.sdk import env_files

    if items is None:
        return None
    if not items:
        return env_files.read_env_file(env_files.nearest_env_file(Path.cwd()))
    if len(items) == 1 and "=" not in items[0]:
        return env_files.read_env_file(Path(items[0]))
    return arguments.key_values(items, "--environment-variables")


def init(args: argparse.Namespace) -> None:
    from pfstudio.cli import templates

    folder = Path(args.flow)
    if folder.exists() and not folder.is_dir():
        raise InvalidError(f"'{folder}' is a file, so no flow folder can be made there.")
    if folder.exists() and not args.yes and not _confirmed(f"The flow folder {folder} exists. Continue?"):
        output.say("The 'pf init' command has been cancelled.")
        return
    output.write("Creating flow from scratch...")
    for path in templates.make_flow(args.type, folder):
        output.write(f"Creating {path.as_posix()}...")
    output.write(f"Done. Created {args.type} flow folder: {folder.resolve()}.")
    output.write(f"You can run this flow with: pf flow test --flow {args.flow}")


def _confirmed(question: str) -> bool:
    while True:
        sys.stderr.write(f"{question} [y/n] ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if answer.strip().lower() in ("y", "n") or not answer:
            return answer.strip().lower() == "y"
