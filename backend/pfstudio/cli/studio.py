"""`pfstudio serve`, `link` and `user`: the studio's own commands, done by the server package."""

from __future__ import annotations

import argparse

from pfstudio.cli import arguments

COMMANDS = ("serve", "link", "user")


def add_commands(commands: arguments.Subcommands, *, with_settings: bool) -> None:
    """`with_settings` adds a flag for each setting of the server, which costs loading them."""
    serve = arguments.add_command(commands, "pfstudio.serve", "Start the studio.", _serve)
    link = arguments.add_command(commands, "pfstudio.link", "Print a new one-time sign-in link.", _link)
    users = arguments.add_group(commands, "user", "Accounts of the studio.")
    reset = arguments.add_command(users, "pfstudio.user.reset", "Print a link that sets a new password.", _reset_user)
    reset.add_argument("name", metavar="NAME", help="The user's name.")
    if with_settings:
        from pfstudio.server import commands as server

        for parser in (serve, link, reset):
            server.add_arguments(parser)


def _serve(args: argparse.Namespace) -> int | None:
    from pfstudio.server import commands as server

    return server.serve(args)


def _link(args: argparse.Namespace) -> int | None:
    from pfstudio.server import commands as server

    return server.link(args)


def _reset_user(args: argparse.Namespace) -> int | None:
    from pfstudio.server import commands as server

    return server.reset_user(args)
