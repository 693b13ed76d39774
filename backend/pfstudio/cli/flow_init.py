"""`pf flow init`: a new flow that runs, or one around a function that exists."""

from __future__ import annotations

import argparse
from pathlib import Path

from pfstudio.cli import arguments, output
from pfstudio.errors import InvalidError, UserErrorException

_EXAMPLES = """\
examples:
  pf flow init --flow my-flow
  pf flow init --flow my-chat --type chat
  pf flow init --flow my-project --entry app.py --function answer
  pf flow init --flow my-project --entry app.py --function answer --prompt-template system=system.jinja2
"""


def add_init(group: arguments.Subcommands) -> None:
    parser = arguments.add_command(group, "pf.flow.init", "Make a new flow folder that runs.", init)
    parser.epilog = _EXAMPLES
    parser.add_argument("--flow", required=True, metavar="NAME", help="The folder to make, or with --entry to use.")
    parser.add_argument(
        "--type", choices=("standard", "evaluation", "chat"), default="standard", help="What it is for."
    )
    parser.add_argument("--entry", metavar="FILE", help="A Python file in the folder, whose function becomes a node.")
    parser.add_argument("--function", metavar="NAME", help="The function in the file.")
    parser.add_argument(
        "--prompt-template",
        nargs="+",
        action="extend",
        default=[],
        metavar="PARAMETER=FILE",
        help="Templates that become prompt nodes, each for a parameter of the function.",
    )
    parser.add_argument("--connection", help=argparse.SUPPRESS)
    parser.add_argument("--deployment", help=argparse.SUPPRESS)
    parser.add_argument("-y", "--yes", action="store_true", help="Do not ask when files exist.")


def init(args: argparse.Namespace) -> None:
    folder = Path(args.flow)
    if args.entry or args.function or args.prompt_template:
        _wrap(args, folder)
    else:
        _start(args, folder)


def _start(args: argparse.Namespace, folder: Path) -> None:
    from pfstudio.cli import templates

    if folder.exists() and not folder.is_dir():
        raise InvalidError(f"'{folder}' is a file, so no flow folder can be made there.")
    output.write("Creating flow from scratch...")
    question = "The flow folder already exists, do you want to create the flow in this existing folder?"
    if folder.exists() and not args.yes and not output.confirmed(question):
        output.say("The 'pf init' command has been cancelled.")
        return
    for path in templates.make_flow(args.type, folder, connection=args.connection, deployment=args.deployment):
        output.write(f"Creating {path.as_posix()}...")
    output.write(f"Done. Created {args.type} flow folder: {folder.resolve()}.")
    command = f"pf flow test --flow {args.flow}"
    how = f"{command} --interactive" if args.type == "chat" else f"{command} --inputs {folder / 'data.jsonl'}"
    output.write(f"You can execute this command to test the flow, {how}")


def _wrap(args: argparse.Namespace, folder: Path) -> None:
    from pfstudio.cli.flow_wrapping import wrapped_flow

    if not args.entry or not args.function:
        missing = "--function" if args.entry else "--entry"
        raise UserErrorException(f"A flow around a function needs --entry and --function; {missing} is not given.")
    if not folder.is_dir():
        raise UserErrorException(f"The folder '{folder}' does not exist; --entry names a file in it.")
    output.write("Creating flow from existing folder...")
    files = wrapped_flow(
        folder,
        entry=args.entry,
        function=args.function,
        templates=arguments.key_values(args.prompt_template, "--prompt-template"),
        connection=args.connection,
    )
    for name, text in files.items():
        path = folder / name
        if path.exists():
            # What the user wrote is never replaced unasked.
            if name not in ("flow.dag.yaml", f"{args.function}_tool.py"):
                continue
            if not args.yes and not output.confirmed(f"'{path}' exists, do you want to overwrite it?"):
                output.say("The 'pf init' command has been cancelled.")
                return
        output.write(f"{'Overwriting' if path.exists() else 'Creating'} {path.resolve()}...")
        path.write_text(text, encoding="utf-8")
    output.write(f"Done. Generated flow in folder: {folder.resolve()}.")
