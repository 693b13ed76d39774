"""Entry points `pf` and `pfstudio`: what was typed in, an exit code out.

Only the standard library and the parsers are imported here; each command imports what it does when it runs, which is
how `pf flow test` starts in a fifth of a second.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

from pfstudio.cli import arguments, left_out, output
from pfstudio.errors import PromptflowException, shown_name

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


class _Group(NamedTuple):
    """A noun of `pf`: what the help says, and what fills it in when it is used."""

    help_text: str
    module: str
    function: str = "add_commands"


_GROUPS: Final = {
    "flow": _Group("Make, test and check flows.", "pfstudio.cli.flow"),
    "connection": _Group("Addresses and keys of model servers and other services.", "pfstudio.cli.connection"),
    "config": _Group("Show and change settings.", "pfstudio.cli.config"),
    "tool": _Group("Make, list and check tools.", "pfstudio.cli.tool"),
    "run": _Group("Run flows over data, compare and manage the runs.", "pfstudio.cli.run", "add_run_group"),
    "reuse": _Group("Show and delete kept answers of models.", "pfstudio.cli.reuse"),
    "completion": _Group(
        "Print a script that completes commands and options in your shell.", "pfstudio.cli.completion"
    ),
}
_EXAMPLES = """\
examples:
  pf flow init --flow my-flow --type chat
  pf flow test --flow my-flow --inputs question="hi"
  pf run create --flow my-flow --data lines.jsonl --stream

`pf GROUP` and `pf GROUP COMMAND --help` tell more.
"""


def pf(argv: Sequence[str] | None = None) -> int:
    """The drop-in for promptflow's `pf`."""
    return _run_pf("pf", list(sys.argv[1:] if argv is None else argv))


def pfstudio(argv: Sequence[str] | None = None) -> int:
    """The studio's own command; `pfstudio pf …` is `pf …` under a name nothing else uses."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["pf"]:
        return _run_pf("pfstudio pf", given[1:])
    return run(studio_parser(given), given)


def _run_pf(prog: str, given: list[str]) -> int:
    try:
        left_out.refuse(given)
    except PromptflowException as error:
        _report(error, ".".join(["pf", *given[:2]]))
        return EXIT_FAILED
    return run(pf_parser(prog, given), given)


def pf_parser(prog: str, given: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The whole parser; where it is known what was typed, only the group that is named is filled."""
    parser = argparse.ArgumentParser(prog=prog, description="Work with prompt flow folders.")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLES
    _add_version(parser)
    arguments.show_help_by_default(parser)
    commands: arguments.Subcommands = parser.add_subparsers(metavar="GROUP", parser_class=arguments.CommandParser)
    named = None if given is None else next((word for word in given if not word.startswith("-")), "")
    for name, group in _GROUPS.items():
        if named in (None, name):
            getattr(importlib.import_module(group.module), group.function)(commands)
        else:
            commands.add_parser(name, help=group.help_text, add_help=False)
    arguments.add_command(commands, "pf.version", "Show versions as JSON.", _version_json)
    return parser


def studio_parser(given: Sequence[str]) -> argparse.ArgumentParser:
    from pfstudio.cli import doctor, gallery, import_share, studio, sync

    parser = argparse.ArgumentParser(prog="pfstudio", description="A self-hosted studio for prompt flow folders.")
    _add_version(parser)
    arguments.show_help_by_default(parser)
    commands = parser.add_subparsers(metavar="COMMAND")
    studio.add_commands(commands, with_settings=bool(given) and given[0] in studio.COMMANDS)
    import_share.add_commands(commands, with_settings=bool(given) and given[0] == import_share.NAME)
    sync.add_commands(commands)
    gallery.add_commands(commands)
    doctor.add_commands(commands)
    commands.add_parser("pf", help="The same as the command `pf`.", add_help=False)
    return parser


def run(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int:
    """Parse, run the command, and turn the way it ended into an exit code."""
    output.never_fail_on_encoding()
    args = parser.parse_args(argv)
    if getattr(args, "version", False):
        args.handler = _print_version
    try:
        code = args.handler(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        output.say("Interrupted.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; without this Python complains once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except Exception as error:
        _report(error, args.command, with_traceback=getattr(args, "debug", False))
        return EXIT_FAILED
    return int(code or 0)


def _report(error: Exception, command: str, *, with_traceback: bool = False) -> None:
    """The one line a failed command leaves, and its machine-readable form where it was asked for."""
    if with_traceback:
        from traceback import format_exception

        output.say("".join(format_exception(error)).rstrip())
    file, line = getattr(error, "file", None), getattr(error, "line", None)
    where = f" ({file}:{line})" if file and line else ""
    message = " ".join(line.strip() for line in str(error).splitlines() if line.strip())
    output.say(f"{command} failed with {shown_name(error)}: {message}{where}", output.RED)
    if os.environ.get("PROMPTFLOW_STRUCTURE_EXCEPTION_OUTPUT", "").lower() == "true":
        import json

        from pfstudio.engine.failures import error_record

        output.say(json.dumps({**error_record(error), "command": command}))


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-v", "--version", action="store_true", help="Show versions and who answers `promptflow`.")


def _print_version(_: argparse.Namespace) -> None:
    from pfstudio.cli import version

    version.print_version()


def _version_json(_: argparse.Namespace) -> None:
    from pfstudio.cli import version

    version.write_versions(version.versions())
