"""`pf tool …`."""

from __future__ import annotations

import argparse
from pathlib import Path

from pfstudio.cli import arguments, output

_INIT_EXAMPLES = """\
examples:
  pf tool init --tool greet
  pf tool init --tool greet --package my_tools --set category=text icon=greet.png
"""
_VALIDATE_EXAMPLES = """\
examples:
  pf tool validate --source greet.py
  pf tool validate --source my_tools
  pf tool validate --source my_tools.greet.greet
"""


def add_commands(commands: arguments.Subcommands) -> None:
    group = arguments.add_group(commands, "tool", "Make, list and check tools.")
    parser = arguments.add_command(group, "pf.tool.init", "Make a new tool, as a script or in a package.", init)
    parser.epilog = _INIT_EXAMPLES
    parser.add_argument("--tool", required=True, metavar="NAME", help="The tool's name.")
    parser.add_argument("--package", metavar="NAME", help="The package to put it in; default: a script here.")
    parser.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="Its icon, category and tags."
    )
    parser = arguments.add_command(group, "pf.tool.list", "List the tools of installed packages, as JSON.", show_list)
    parser.epilog = "examples:\n  pf tool list\n  pf tool list --flow my-flow\n"
    parser.add_argument("--flow", metavar="DIR", help="A flow whose own tools are listed, too.")
    parser = arguments.add_command(group, "pf.tool.validate", "Check the tools of a file or package.", validate)
    parser.epilog = _VALIDATE_EXAMPLES
    parser.add_argument("--source", required=True, help="A .py file, a package, a module, or a tool's dotted name.")


def init(args: argparse.Namespace) -> None:
    from pfstudio.cli import tool_templates

    settings = arguments.key_values(args.set, "--set")
    if unknown := tool_templates.unknown_settings(settings):
        output.say(f"A tool has no setting {', '.join(unknown)}; there are icon, category and tags.", output.YELLOW)
    folder, lines = tool_templates.new_tool(args.tool, args.package, settings, Path.cwd())
    output.write("Creating tool from scratch...")
    for line in lines:
        output.write(line)
    output.write(f'Done. Created the tool "{args.tool}" in {folder.resolve()}.')


def show_list(args: argparse.Namespace) -> None:
    from pfstudio.sdk.client import PFClient

    output.print_json(PFClient().tools.list(args.flow))


def validate(args: argparse.Namespace) -> int:
    import sys

    from pfstudio.sdk.client import PFClient

    sys.path.insert(0, str(Path.cwd()))  # A package beside the terminal counts, as for `python -m`.
    result = PFClient().tools.validate(args.source)
    output.write(repr(result))
    return 0 if result.passed else 1
