"""`pf run create`: options and a run file together, as one run."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pfstudio.cli import arguments, output
from pfstudio.errors import UserErrorException

if TYPE_CHECKING:
    from pfstudio.sandbox.batch_processes import Processes
    from pfstudio.sdk.local_runs import RunOptions
    from pfstudio.sdk.operations.runs import RunOperations
    from pfstudio.sdk.runs.entity import Run

_EXCLUSIVE: Final = ("file", "flow", "source", "resume_from")
_MAPPINGS: Final = ("tags", "column_mapping", "connections")
_INTERRUPTED: Final = 130


def create(args: argparse.Namespace) -> int:
    """Execute the run and print it; 1 where it failed. With `--stream` a failed run is an error, as in the original."""
    _check_exclusive(args)
    if args.source:
        from pfstudio.sdk.client import PFClient

        output.print_json(PFClient().runs.take_in(args.source, name=args.name)._to_dict())
        return 0
    from pfstudio.sandbox.batch_processes import start

    # They take as long to start as this process takes to get ready for them.
    with contextlib.closing(start()) as workers:
        return _execute(args, workers)


def _execute(args: argparse.Namespace, workers: Processes) -> int:
    from pfstudio.sdk.client import PFClient
    from pfstudio.sdk.runs.errors import RunInterruptedError

    runs = PFClient().runs
    try:
        run = _resumed(args, runs, workers) if args.resume_from else _created(args, runs, workers)
    except RunInterruptedError as stop:
        output.say(f"{stop} Go on with: pf run create --resume-from {stop.name}")
        return _INTERRUPTED
    output.print_json(run._to_dict())
    return 0 if run.status == "Completed" else 1


def _check_exclusive(args: argparse.Namespace) -> None:
    given = [name for name in _EXCLUSIVE if getattr(args, name)]
    listed = ", ".join(name.replace("_", "-") for name in _EXCLUSIVE)
    if len(given) > 1:
        raise UserErrorException(f"More than one is provided for exclusive options: [{listed}]")
    if not given:
        raise UserErrorException("To create a run, one of [file, flow, source] must be specified.")


def _created(args: argparse.Namespace, runs: RunOperations, workers: Processes) -> Run:
    from pfstudio.sdk.runs.yaml_file import load_run, run_of, unknown_keys

    overrides = _overrides(args)
    if args.file:
        unknown = unknown_keys(args.file)
        if unknown:
            output.say(f"{args.file} has keys that mean nothing here: {', '.join(unknown)}", output.YELLOW)
        run = load_run(args.file, params_override=[overrides])
    else:
        run = run_of(_nested(overrides), Path.cwd())
    _check_paths(run)
    return runs.create_or_update(run, stream=args.stream, options=_options(args, workers))


def _resumed(args: argparse.Namespace, runs: RunOperations, workers: Processes) -> Run:
    from pfstudio.sdk.operations.runs import check_resume_arguments

    check_resume_arguments(
        {name: getattr(args, name) for name in ("data", "column_mapping", "run", "variant", "connections", "init")}
    )
    changes = _nested(_given_set(args))
    allowed = ("display_name", "description", "tags", "name")
    for key in changes:
        if key not in allowed:
            raise UserErrorException(f"A resumed run can have another {', '.join(allowed)}; not another {key}.")
    if args.name:
        changes["name"] = args.name
    return runs.resume(args.resume_from, stream=args.stream, options=_options(args, workers), **changes)


def _overrides(args: argparse.Namespace) -> dict[str, Any]:
    """What was typed, under the keys of a run file; paths as they are from here."""
    values: dict[str, Any] = {
        "flow": _absolute(args.flow),
        "data": _absolute(args.data),
        "run": args.run,
        "variant": args.variant,
        "name": args.name,
        "display_name": args.display_name,
        "description": args.description,
        "code": args.code,
        "column_mapping": _pairs(args.column_mapping, "--column-mapping"),
        "tags": _pairs(args.tags, "--tags"),
        "connections": _connections(args.connections),
        "environment_variables": _environment(args.environment_variables),
        "init": _init(args.init),
    }
    return {**{key: value for key, value in values.items() if value is not None}, **_given_set(args)}


def _given_set(args: argparse.Namespace) -> dict[str, Any]:
    return dict(_pairs(args.set, "--set") or {})


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys of mappings as mappings."""
    nested: dict[str, Any] = {}
    for key, value in values.items():
        first, dot, rest = key.partition(".")
        if dot and first in _MAPPINGS:
            nested.setdefault(first, {})[rest] = value
        else:
            nested[key] = value
    return nested


def _pairs(items: list[str] | None, option: str) -> dict[str, str] | None:
    return arguments.key_values(items, option) if items else None


def _connections(items: list[str] | None) -> dict[str, dict[str, str]] | None:
    """`node.key=value` as `{node: {key: value}}`."""
    pairs = _pairs(items, "--connections")
    if pairs is None:
        return None
    found: dict[str, dict[str, str]] = {}
    for path, value in pairs.items():
        node, dot, key = path.rpartition(".")
        if not dot:
            raise UserErrorException(f"--connections takes NODE.KEY=VALUE, got '{path}={value}'.")
        found.setdefault(node, {})[key] = value
    return found


def _environment(items: list[str] | None) -> dict[str, str] | None:
    from pfstudio.sdk import env_files

    if items is None:
        return None
    if not items:
        return env_files.read_env_file(env_files.nearest_env_file(Path.cwd()))
    if len(items) == 1 and "=" not in items[0]:
        return env_files.read_env_file(Path(items[0]))
    return arguments.key_values(items, "--environment-variables")


def _init(items: list[str] | None) -> dict[str, Any] | None:
    """Values that are JSON objects (model configurations) as such, others as text."""
    import json

    if not items:
        return None
    if len(items) == 1 and "=" not in items[0]:
        from pfstudio.sdk.test_inputs import read_inputs

        return read_inputs(items[0])
    values: dict[str, Any] = dict(arguments.key_values(items, "--init"))
    for key, value in values.items():
        if value.lstrip().startswith("{"):
            try:
                values[key] = json.loads(value)
            except ValueError:
                continue
    return values


def _absolute(path: str | None) -> str | None:
    if path is None or "://" in path:
        return path
    found = Path(path).expanduser()
    is_entry = ":" in path and not found.exists()
    return path if is_entry else str(found.absolute())


def _check_paths(run: Run) -> None:
    """What is named has to be there; the original said so of both in the same words."""
    from pfstudio.flow.errors import ValidationException

    for given in (run.flow, run.data):
        path = Path(str(given or "."))
        if (path.is_absolute() or ":" not in str(path)) and not path.exists():
            raise ValidationException(f"Can't find directory or file in resolved absolute path: {path}.")


def _options(args: argparse.Namespace, workers: Processes) -> RunOptions:
    from pfstudio.sdk.operations.runs import run_options

    calls = {"reuse": args.reuse, "record": args.record, "replay": args.replay}
    return run_options(stream=args.stream, progress=True, workers=workers, **calls)
