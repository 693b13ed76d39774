"""`pfstudio gallery …`: example flows to copy."""

from __future__ import annotations

import argparse
from pathlib import Path

from pfstudio.cli import arguments, output


def add_commands(commands: arguments.Subcommands) -> None:
    group = arguments.add_group(commands, "gallery", "Example flows that run without any account.")
    arguments.add_command(group, "pfstudio.gallery.list", "List the example flows.", show)
    copy_parser = arguments.add_command(group, "pfstudio.gallery.copy", "Copy an example flow.", copy)
    copy_parser.add_argument("name", metavar="NAME", help="The example's name.")
    copy_parser.add_argument("destination", metavar="DEST", nargs="?", help="The new folder; default: ./NAME.")


def show(_: argparse.Namespace) -> None:
    from pfstudio.gallery import catalog

    entries = catalog.entries()
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        output.write(f"{entry.name:<{width}}  {entry.type:<10}  {entry.title}")


def copy(args: argparse.Namespace) -> None:
    from pfstudio.cli import templates

    destination = Path(args.destination or args.name)
    templates.copy_example(args.name, destination)
    output.write(f"Copied '{args.name}' to {destination.resolve()}.")
    output.write(f"Run it with: pf flow test --flow {destination}")
