"""`pf run …`."""

from __future__ import annotations

import argparse
from typing import Final

from pfstudio.cli import arguments

_CREATE_EXAMPLES: Final = """\
examples:
  pf run create --flow my-flow --data lines.jsonl --column-mapping question='${data.question}' --stream
  pf run create --flow my-flow --data lines.jsonl --variant '${draft.short}' --name draft-short
  pf run create --flow my-evaluation --data lines.jsonl --run draft-short \\
      --column-mapping truth='${data.truth}' answer='${run.outputs.answer}'
  pf run create --flow module:function --data lines.jsonl
  pf run create --file run.yaml --set display_name='second try'
  pf run create --resume-from draft-short --name draft-short-2
  pf run create --flow my-flow --data lines.jsonl --record calls.jsonl
  pf run create --flow my-flow --data lines.jsonl --replay calls.jsonl

A run that fails ends with exit code 1; lines that fail alone leave it Completed, with exit code 0. Ctrl-C cancels:
finished lines are kept, and --resume-from goes on after them.
"""
_LIST_EXAMPLES: Final = """\
examples:
  pf run list -r 10 -o table
  pf run list --include-archived --all-results
"""
_DETAILS_EXAMPLES: Final = """\
examples:
  pf run show-details -n draft-short
  pf run show-details -n draft-short --all-results
"""
_VISUALIZE_EXAMPLES: Final = """\
examples:
  pf run visualize -n draft-short
  pf run visualize -n draft-short,draft-long --html-path compared.html
"""
_EXPORT_EXAMPLES: Final = """\
examples:
  pf run export -n draft-short > lines.csv
  pf run export -n draft-short --output lines.jsonl
"""
_UPDATE_EXAMPLES: Final = """\
examples:
  pf run update -n draft-short --set display_name="Short answers" description="temperature 0" tags.kind=baseline
"""


def add_run_group(commands: arguments.Subcommands) -> None:
    group = arguments.add_group(commands, "run", "Run flows over data, compare and manage the runs.")
    _add_create(group)
    _add_list(group)
    _add_readers(group)
    _add_writers(group)


def _add_create(group: arguments.Subcommands) -> None:
    parser = arguments.add_command(group, "pf.run.create", "Run a flow over every line of some data.", create)
    parser.epilog = _CREATE_EXAMPLES
    what = parser.add_argument_group("what runs (one of these)")
    what.add_argument("--flow", help="The flow's folder or file, or module:entry.")
    what.add_argument("-f", "--file", metavar="RUN_YAML", help="A file that describes the run.")
    what.add_argument("--resume-from", metavar="RUN", help="Take over what this run completed; run the other lines.")
    what.add_argument("--source", metavar="RUN_FOLDER", help="The folder of a run made elsewhere, to be listed here.")
    data = parser.add_argument_group("over what")
    data.add_argument("--data", metavar="PATH", help="A jsonl, json, csv, tsv or parquet file, or a folder of them.")
    _add_pairs(data, "--column-mapping", "Where inputs come from: name='${data.column}', '${run.outputs.name}'.")
    data.add_argument("--run", help="The run whose outputs are evaluated.")
    _add_settings(parser.add_argument_group("how"))
    _add_names(parser.add_argument_group("called what"))


def _add_settings(how: argparse._ArgumentGroup) -> None:
    how.add_argument("--variant", help="The variant to run, as '${node.variant}'.")
    how.add_argument("-s", "--stream", action="store_true", help="Show the log, and a summary at the end.")
    _add_pairs(how, "--environment-variables", "Environment of the run, or one .env file.", many="*")
    _add_pairs(how, "--connections", "Other connections for nodes: node.connection=name node.deployment_name=name.")
    _add_pairs(how, "--init", "Arguments of a class entry, or one .json file.")
    how.add_argument("--reuse", action="store_true", help="Take answers of model calls that earlier runs made alike.")
    how.add_argument("--record", metavar="FILE", help="Keep every model call in this file.")
    how.add_argument("--replay", metavar="FILE", help="Answer model calls from this file, and fail on others.")
    how.add_argument("--code", metavar="DIR", help="The folder of module:entry; default: this folder.")


def _add_names(names: argparse._ArgumentGroup) -> None:
    names.add_argument("-n", "--name", help="Name of the run; default: flow, variant and time.")
    names.add_argument("--display-name", help="May hold ${variant_id}, ${run} and ${timestamp}.")
    names.add_argument("--description", help="A sentence about the run.")
    _add_pairs(names, "--tags", "Tags of the run.")
    _add_pairs(names, "--set", "Any key of the run file: display_name=… tags.key=…", metavar="KEY=VALUE")


def _add_pairs(
    parser: argparse._ActionsContainer, option: str, help_text: str, *, many: str = "+", metavar: str = "KEY=VALUE"
) -> None:
    parser.add_argument(option, nargs=many, action="extend", metavar=metavar, help=help_text)


def _add_list(group: arguments.Subcommands) -> None:
    parser = arguments.add_command(group, "pf.run.list", "List runs, the newest first.", list_runs)
    parser.epilog = _LIST_EXAMPLES
    parser.add_argument("-r", "--max-results", type=int, default=50, help="How many; 50 by default.")
    parser.add_argument("--all-results", action="store_true", help="All of them.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--archived-only", action="store_true", help="Archived runs only.")
    which.add_argument("--include-archived", action="store_true", help="Archived runs too.")
    parser.add_argument("-o", "--output", choices=("json", "table"), default="json", help="json by default.")


def _add_readers(group: arguments.Subcommands) -> None:
    _add_named(group, "show", "Show a run.", show)
    parser = _add_named(group, "show-details", "Show the lines of a run as a table.", show_details)
    parser.epilog = _DETAILS_EXAMPLES
    parser.add_argument("-r", "--max-results", type=int, default=100, help="How many lines; 100 by default.")
    parser.add_argument("--all-results", action="store_true", help="All of them.")
    _add_named(group, "show-metrics", "Show what a run measured.", show_metrics)
    _add_named(group, "stream", "Show the log of a run until it ends.", stream)
    parser = _add_named(group, "visualize", "Compare runs on one page in the browser.", visualize, many=True)
    parser.epilog = _VISUALIZE_EXAMPLES
    parser.add_argument("--html-path", metavar="FILE", help="Write the page there and open nothing.")
    parser = _add_named(group, "export", "Write the lines of a run as csv or jsonl.", export)
    parser.epilog = _EXPORT_EXAMPLES
    parser.add_argument("--output", metavar="FILE", help="The file; default: standard output.")
    parser.add_argument("--format", choices=("csv", "jsonl"), help="Default: by the file's ending, else csv.")


def _add_writers(group: arguments.Subcommands) -> None:
    _add_named(group, "cancel", "End a run that goes on elsewhere. Finished lines are kept.", cancel)
    parser = _add_named(group, "update", "Change how a run is called and described.", update)
    parser.epilog = _UPDATE_EXAMPLES
    parser.add_argument(
        "--set",
        nargs="+",
        action="extend",
        required=True,
        metavar="KEY=VALUE",
        help="display_name=…, description=… or tags.key=…",
    )
    _add_named(group, "archive", "Hide a run from the list.", archive)
    _add_named(group, "restore", "Show an archived run in the list again.", restore)
    parser = _add_named(group, "delete", "Remove a run with everything it left, for good.", delete)
    parser.add_argument("-y", "--yes", action="store_true", help="Do not ask.")


def _add_named(
    group: arguments.Subcommands, verb: str, help_text: str, handler: arguments.Handler, *, many: bool = False
) -> argparse.ArgumentParser:
    parser = arguments.add_command(group, f"pf.run.{verb}", help_text, handler)
    name = "Names of the runs, separated by commas." if many else "Name of the run."
    parser.add_argument("-n", "--name", "--names" if many else "--run", dest="name", required=True, help=name)
    return parser


def create(args: argparse.Namespace) -> int:
    from pfstudio.cli import run_create

    return run_create.create(args)


def list_runs(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.list_runs(args)


def show(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.show(args)


def show_details(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.show_details(args)


def show_metrics(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.show_metrics(args)


def stream(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.stream(args)


def visualize(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.visualize(args)


def export(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.export(args)


def cancel(args: argparse.Namespace) -> None:
    _print_changed(args, "cancel")


def archive(args: argparse.Namespace) -> None:
    _print_changed(args, "archive")


def restore(args: argparse.Namespace) -> None:
    _print_changed(args, "restore")


def update(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.update(args)


def delete(args: argparse.Namespace) -> None:
    from pfstudio.cli import run_views

    run_views.delete(args)


def _print_changed(args: argparse.Namespace, verb: str) -> None:
    from pfstudio.cli import run_views

    run_views.print_changed(args, verb)
