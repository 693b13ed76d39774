"""How commands read what was typed: parsers, and the original's `key=value` lists."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pfstudio.errors import UserErrorException

if TYPE_CHECKING:
    from typing import TypeAlias

    Subcommands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]

Handler = Callable[[argparse.Namespace], int | None]


class CommandParser(argparse.ArgumentParser):
    """A leaf command's parser. Without examples of its own its help shows the shortest command that works."""

    def format_help(self) -> str:
        if not self.epilog and self.formatter_class is argparse.RawDescriptionHelpFormatter:  # As leaf commands have.
            needed = [action for action in self._actions if action.required and action.option_strings]
            given = [f"{_long_name(action)} {action.metavar or action.dest.upper()}" for action in needed]
            self.epilog = f"examples:\n  {' '.join([self.prog, *given])}\n"
        return super().format_help()


def _long_name(action: argparse.Action) -> str:
    return next((name for name in action.option_strings if name.startswith("--")), action.option_strings[0])


def add_group(commands: Subcommands, name: str, help_text: str) -> Subcommands:
    """A noun such as `pf flow`; typed alone it shows its help and ends well."""
    parser = commands.add_parser(name, help=help_text, description=help_text)
    show_help_by_default(parser)
    return parser.add_subparsers(metavar="COMMAND", parser_class=CommandParser)


def add_command(commands: Subcommands, path: str, help_text: str, handler: Handler) -> argparse.ArgumentParser:
    """A leaf command. `path` is its dotted name in error lines, as in `pf.flow.test failed with …`."""
    name = path.rpartition(".")[2]
    parser = commands.add_parser(
        name,
        help=help_text,
        description=help_text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--verbose", action="store_true", help="Tell more on standard error.")
    parser.add_argument("-d", "--debug", action="store_true", help="Tell everything on standard error.")
    parser.add_argument("--user-agent", help=argparse.SUPPRESS)
    parser.set_defaults(handler=handler, command=path)
    return parser


def show_help_by_default(parser: argparse.ArgumentParser) -> None:
    def show_help(_: argparse.Namespace) -> None:
        parser.print_help()

    parser.set_defaults(handler=show_help, command=parser.prog.replace(" ", "."))


def key_values(items: Iterable[str], option: str) -> dict[str, str]:
    """`k=v` items as a dictionary; split at the first `=`, one pair of quotes taken off, later ones win."""
    values: dict[str, str] = {}
    for item in items:
        key, equals, value = _unquoted(item).partition("=")
        if not equals:
            raise UserErrorException(f"Usage error: {option} KEY=VALUE [KEY=VALUE ...], got '{item}'.")
        values[key] = _unquoted(value)
    return values


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
