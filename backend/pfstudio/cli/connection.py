"""`pf connection …`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.cli import arguments, output

if TYPE_CHECKING:
    from pfstudio.connections.types import Connection
    from pfstudio.sdk.connection_files import ConnectionFile
    from pfstudio.sdk.operations.connections import ConnectionOperations

_CREATE_EXAMPLES = """\
examples:
  pf connection create --file azure_openai.yaml --set api_key=$KEY
  pf connection create --file keys.env --name my_keys

types: azure_open_ai, open_ai, serverless, serp, cognitive_search, azure_ai_services, azure_content_safety,
  form_recognizer, qdrant, weaviate, custom

A secret that the file leaves out, or gives as '<user-input>', is asked for.
"""


def add_commands(commands: arguments.Subcommands) -> None:
    group = arguments.add_group(commands, "connection", "Addresses and keys of model servers and other services.")
    create_parser = arguments.add_command(group, "pf.connection.create", "Store a connection from a file.", create)
    create_parser.epilog = _CREATE_EXAMPLES
    create_parser.add_argument("-f", "--file", required=True, help="A .yaml file, or a .env file of secrets.")
    create_parser.add_argument("-n", "--name", help="The connection's name, in place of the file's.")
    _add_set(create_parser)
    update_parser = arguments.add_command(group, "pf.connection.update", "Change a stored connection.", update)
    update_parser.epilog = "examples:\n  pf connection update --name my_ai --set base_url=http://localhost:8080/v1\n"
    _add_name(update_parser)
    _add_set(update_parser)
    show_parser = arguments.add_command(group, "pf.connection.show", "Show a connection without its secrets.", show)
    show_parser.epilog = "examples:\n  pf connection show --name my_ai\n"
    _add_name(show_parser)
    list_parser = arguments.add_command(group, "pf.connection.list", "List the connections, oldest first.", show_list)
    list_parser.epilog = "examples:\n  pf connection list --all-results\n"
    list_parser.add_argument("-r", "--max-results", type=int, default=50, metavar="N", help="At most so many (50).")
    list_parser.add_argument("--all-results", action="store_true", help="All of them.")
    delete_parser = arguments.add_command(group, "pf.connection.delete", "Forget a connection.", delete)
    delete_parser.epilog = "examples:\n  pf connection delete --name my_ai --yes\n"
    _add_name(delete_parser)
    delete_parser.add_argument("-y", "--yes", action="store_true", help="Do not ask.")


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--name", required=True, help="The connection's name.")


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="Values in place of the stored ones."
    )


def create(args: argparse.Namespace) -> None:
    from pfstudio.sdk.connection_files import ConnectionFile

    changes = arguments.key_values(args.set, "--set")
    if args.name:
        changes["name"] = args.name
    file = ConnectionFile(Path(args.file), changes)
    _ask_for_secrets(file)
    connection, operations = file.connection(), _operations()
    if any(stored.name == connection.name for stored in operations.list(all_results=True)):
        output.say(f"There was a connection '{connection.name}'; it is replaced.", output.YELLOW)
    _print(operations.create_or_update(connection))


def update(args: argparse.Namespace) -> None:
    from pfstudio.sdk.connection_files import changed_connection

    operations = _operations()
    changes = arguments.key_values(args.set, "--set")
    _print(operations.create_or_update(changed_connection(operations.get(args.name), changes)))


def show(args: argparse.Namespace) -> None:
    _print(_operations().get(args.name, with_secrets=False))


def show_list(args: argparse.Namespace) -> None:
    from pfstudio.sdk.operations.connections import connection_record

    found = _operations().list(max(args.max_results, 0), all_results=args.all_results)
    output.print_json([connection_record(connection) for connection in found])


def delete(args: argparse.Namespace) -> None:
    if not args.yes and not output.confirmed("Are you sure you want to perform this operation?"):
        output.say("The delete operation was canceled.")
        return
    if not _operations().delete(args.name):
        output.say(f"There was no connection '{args.name}'.", output.YELLOW)


def _ask_for_secrets(file: ConnectionFile) -> None:
    """Ask for what is missing where somebody can answer; elsewhere the connection itself says what it lacks."""
    missing = file.missing_secrets()
    if not missing or not sys.stdin.isatty():
        return
    from getpass import getpass

    output.say("=================== Please input required secrets ===================")
    for name in missing:
        value = ""
        while not value:
            value = getpass(f"{name}: ", sys.stderr)
        file.set_secret(name, value)


def _operations() -> ConnectionOperations:
    from pfstudio.sdk.client import PFClient

    return PFClient().connections


def _print(connection: Connection) -> None:
    from pfstudio.sdk.operations.connections import connection_record

    output.print_json(connection_record(connection))
