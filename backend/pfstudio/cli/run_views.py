"""`pf run …` for runs that exist: shown, compared, exported, changed."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pfstudio.cli import arguments, output
from pfstudio.errors import UserErrorException

if TYPE_CHECKING:
    from pfstudio.sdk.operations.runs import RunOperations
    from pfstudio.sdk.runs.entity import Run

_NARROWEST: Final = 80
_TABLE: Final = ("name", "status", "created_on", "display_name", "flow_name")


def list_runs(args: argparse.Namespace) -> None:
    from pfstudio.sdk.operations.runs import ListViewType

    view = ListViewType.ACTIVE_ONLY
    if args.archived_only:
        view = ListViewType.ARCHIVED_ONLY
    elif args.include_archived:
        view = ListViewType.ALL
    runs = _runs().list(None if args.all_results else args.max_results, list_view_type=view)
    if args.output == "table":
        output.write(_run_table(runs))
    else:
        output.print_json([run._to_dict(exclude_additional_info=True, exclude_debug_info=True) for run in runs])


def show(args: argparse.Namespace) -> None:
    output.print_json(_runs().get(args.name)._to_dict())


def show_details(args: argparse.Namespace) -> None:
    from pfstudio.sdk.operations.runs import check_max_results
    from pfstudio.sdk.runs.details import details
    from pfstudio.sdk.runs.grid import grid

    limit = None if args.all_results else args.max_results
    check_max_results(limit)
    run = _runs().get(args.name)
    table = details(run._output_path or Path(), limit)
    output.write(grid(table.columns, table.rows, range(len(table.rows)), width=_width()))


def show_metrics(args: argparse.Namespace) -> None:
    output.print_json(_runs().get_metrics(args.name))


def stream(args: argparse.Namespace) -> None:
    output.print_json(_runs().stream(args.name)._to_dict())


def visualize(args: argparse.Namespace) -> None:
    names = [name.strip() for name in args.name.split(",") if name.strip()]
    if not names:
        raise UserErrorException("No run is named: --names takes names separated by commas.")
    _runs().visualize(names, html_path=args.html_path)


def export(args: argparse.Namespace) -> None:
    from pfstudio.sdk.runs.export import export_lines, kind_of

    file = Path(args.output) if args.output else None
    kind = args.format or (kind_of(file) if file else "csv")
    run = _runs().get(args.name)
    text = export_lines(run._output_path or Path(), kind)
    if file is None:
        sys.stdout.write(text.replace("\r\n", "\n"))
        return
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UserErrorException(f"The lines cannot be written to '{file}': {error.strerror}.") from error
    output.say(f"Wrote {file}.")


def update(args: argparse.Namespace) -> None:
    values: dict[str, Any] = {}
    for key, value in arguments.key_values(args.set, "--set").items():
        first, dot, rest = key.partition(".")
        if first == "tags" and dot:
            values.setdefault("tags", {})[rest] = value
        elif key in ("display_name", "description"):
            values[key] = value
        else:
            raise UserErrorException(f"--set takes display_name, description and tags.KEY; not '{key}'.")
    output.print_json(_runs().update(args.name, **values)._to_dict())


def print_changed(args: argparse.Namespace, verb: str) -> None:
    """Cancel, archive or restore, and show the run."""
    output.print_json(getattr(_runs(), verb)(args.name)._to_dict())


def delete(args: argparse.Namespace) -> None:
    runs = _runs()
    runs.get(args.name)
    question = "Are you sure to delete run irreversibly?"
    if not args.yes and not output.confirmed(question):
        output.say("The delete operation was canceled.")
        return
    runs.delete(args.name)


def _runs() -> RunOperations:
    from pfstudio.sdk.client import PFClient

    return PFClient().runs


def _run_table(runs: list[Run]) -> str:
    from pfstudio.sdk.runs.grid import grid

    shown = [run._to_dict() for run in runs]
    rows = [[row[column] for column in _TABLE] for row in shown]
    return grid(_TABLE, rows, range(len(rows)), width=_width())


def _width() -> int:
    return max(_NARROWEST, shutil.get_terminal_size((160, 24)).columns)
