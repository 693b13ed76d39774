"""Runs made by this process: checked, executed in workers, kept as folders."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pfstudio.engine.ports import ConnectionSource
from pfstudio.errors import UserErrorException
from pfstudio.flow.load_warnings import load_warnings
from pfstudio.flow.spec import Flow
from pfstudio.runfolder.failures import aggregation_messages, first_message
from pfstudio.runfolder.folder import RunFolder, sweep
from pfstudio.sandbox.batch import ModelCalls, start_workers
from pfstudio.sdk.model_calls import keeping
from pfstudio.sdk.runs.earlier import completed_records
from pfstudio.sdk.runs.entity import Run
from pfstudio.sdk.runs.execution import Earlier, Work, execute
from pfstudio.sdk.runs.limits import batch_limits
from pfstudio.sdk.runs.lines_of_run import Lines, flow_defaults, mapped_lines
from pfstudio.sdk.runs.main_script import stop_if_imported
from pfstudio.sdk.runs.places import RunPlaces
from pfstudio.sdk.runs.prepared import Prepared, prepare
from pfstudio.sdk.runs.progress import ProgressBar

if TYPE_CHECKING:
    from pfstudio.sandbox.batch_processes import Processes


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is executed and told of: `stream` shows its log, `progress` a bar where there is a terminal.

    `workers` are processes that were begun to start before; the run ends them.
    """

    stream: bool = False
    progress: bool = False
    quiet: bool = False
    model_calls: ModelCalls = field(default_factory=ModelCalls)
    workers: Processes | None = None


class LocalRuns:
    """Makes runs; what can be done with them afterwards is in `operations.runs`."""

    def __init__(self, places: RunPlaces, connections: ConnectionSource) -> None:
        self._places = places
        self._connections = connections

    def submit(self, run: Run, options: RunOptions) -> Run:
        """Execute a run; returns it as it ended.

        Raises:
            PromptflowException: it was refused; then there is no run.
            RunInterruptedError: Ctrl-C; the run is Canceled and can be resumed.
        """
        return self._run(run, options, None)

    def resume(
        self,
        name: str,
        changes: Mapping[str, Any],
        options: RunOptions,
    ) -> Run:
        """A new run that takes over the lines another has completed and executes the rest.

        Raises:
            RunNotFoundError: there is no such run.
            RunBusyError: it still runs.
        """
        folder = self._places.find(name)
        record = folder.record()
        if folder.is_live:
            from pfstudio.runfolder.errors import RunBusyError

            raise RunBusyError(name, None)
        run = Run(
            flow=record.entry or record.flow,
            data=record.data,
            run=record.run,
            variant=record.variant,
            column_mapping=record.column_mapping,
            connections=record.connections,
            environment_variables=folder.environment(),
            init=record.init,
            code=record.flow if record.entry else None,
            **{"description": record.description, "tags": record.tags, **changes},
        )
        return self._run(run, options, folder)

    def _run(self, run: Run, options: RunOptions, earlier: RunFolder | None) -> Run:
        stop_if_imported()
        warm = options.workers or start_workers()
        prepared: Prepared | None = None
        try:
            prepared = prepare(run, self._places, self._connections)
            folder = execute(self._work(prepared, options, warm, earlier))
            self._places.remember(prepared.root)
        finally:
            warm.close()
            if prepared is not None:
                prepared.source.close()
        sweep(prepared.root)
        made = Run.from_record(folder.record(), folder.path)
        if not options.quiet:
            _say_how_it_ended(made)
        return made

    def _work(self, prepared: Prepared, options: RunOptions, warm: Processes, earlier: RunFolder | None) -> Work:
        warnings = [f"{each.file}:{each.line}: {each.message}" for each in load_warnings(prepared.flow)]
        problem: UserErrorException | None = None
        mapped: Any = ()
        try:
            mapped = mapped_lines(prepared, warnings.append)
        except UserErrorException as error:
            problem = error
        taken = (
            None
            if earlier is None
            else _taken_over(earlier, prepared.flow, mapped if problem is None else None, warnings)
        )
        if not options.quiet:
            say("INFO", f"Submitting run {prepared.name}, log path: {prepared.root / prepared.name / 'logs.txt'}")
            for warning in () if options.stream else warnings:  # Else the log says them, which is shown.
                say("WARNING", warning)
        return Work(
            prepared=prepared,
            lines=Lines(
                mapped,
                taken.numbers if taken else frozenset(),
                flow_defaults(prepared.flow) if prepared.source.kind == "dag" else None,
            ),
            limits=batch_limits(),
            connections=self._connections,
            warm=warm,
            bar=ProgressBar(shown=options.progress),
            model_calls=keeping(options.model_calls),
            show_log=options.stream,
            problem=problem,
            earlier=taken,
            warnings=warnings,
        )


def _taken_over(folder: RunFolder, flow: Flow, mapped: Any, warnings: list[str]) -> Earlier:
    """The finished lines that the data still has."""
    name = folder.path.name
    wanted = None if mapped is None else {int(line["line_number"]) for line in mapped}
    records = completed_records(folder, flow, wanted)
    gone = (
        0 if wanted is None else sum(number not in wanted for number in completed_records(folder, flow, None).numbers)
    )
    if gone:
        warnings.append(f"The data has changed: {gone} lines that run '{name}' finished are no longer in it.")
    return Earlier(folder.path, name, records)


def _say_how_it_ended(run: Run) -> None:
    metrics = run.properties["system_metrics"]
    failed = metrics.get("__pf__.lines.failed", 0)
    if run.status == "Failed":
        say("ERROR", f"Run {run.name} failed: {first_message(run._error)}")
    elif failed:
        total = failed + metrics.get("__pf__.lines.completed", 0)
        where = f"Please check out {run._output_path} for more details."
        say("WARNING", f"{failed} out of {total} runs failed in batch run.\n {where}")
    for message in aggregation_messages(run.whole_error()) if run._error else ():
        say("WARNING", message)


def say(level: str, message: str) -> None:
    """A line of the SDK's own log, on standard error, as the original wrote it."""
    moment = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    sys.stderr.write(f"[{moment}][promptflow][{level}] - {message}\n")
    sys.stderr.flush()
