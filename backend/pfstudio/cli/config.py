"""`pf config …`."""

from __future__ import annotations

import argparse
from pathlib import Path

from pfstudio.cli import arguments, output

_EXAMPLES = """\
examples:
  pf config set run.output_path='${flow_directory}/.runs'
  pf config set trace.destination=none
  pf config show
"""


def add_commands(commands: arguments.Subcommands) -> None:
    group = arguments.add_group(commands, "config", "Show and change settings.")
    _add_set(group)
    parser = arguments.add_command(group, "pf.config.show", "Show the settings that count here, as JSON.", show)
    parser.epilog = "examples:\n  pf config show\n"


def _add_set(group: arguments.Subcommands) -> None:
    from pfstudio.sdk.configuration import KNOWN_KEYS

    parser = arguments.add_command(group, "pf.config.set", "Store settings.", set_values)
    parser.epilog = f"{_EXAMPLES}\nknown keys: {', '.join(KNOWN_KEYS)}\n"
    parser.add_argument("values", nargs="+", metavar="KEY=VALUE", help="Settings to store.")
    parser.add_argument("--path", metavar="DIR", help="The folder whose pf.yaml is written; default: the home folder.")


def set_values(args: argparse.Namespace) -> None:
    from pfstudio.sdk import configuration

    values = arguments.key_values(args.values, "set")
    folder = Path(args.path) if args.path else None
    for key in configuration.unknown_keys(values):
        output.say(f"'{key}' is stored, but nothing here reads it.", output.YELLOW)
    for key, value in values.items():
        try:
            configuration.set_values({key: value}, folder)
        except configuration.InvalidConfigValue as error:
            # The original's exit code is 0, and the settings beside it are stored.
            output.say(f"Invalid config value {value!r} for {key!r}: {error.message}", output.RED)
        else:
            output.write(f"Set config [{values}] successfully.")


def show(_: argparse.Namespace) -> None:
    from pfstudio.sdk.configuration import Configuration

    output.print_json(Configuration().all())
