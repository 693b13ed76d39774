"""A run from its folder being made to its files being written."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfstudio.engine.ports import ConnectionSource
from pfstudio.errors import UserErrorException
from pfstudio.kit.clock import utc_now
from pfstudio.runfolder.errors import RunStorageError
from pfstudio.runfolder.failures import lines_error, run_error
from pfstudio.runfolder.folder import ErrorOfLines, RunFolder
from pfstudio.runfolder.logs import BatchLog
from pfstudio.runfolder.record import RunRecord
from pfstudio.sandbox.batch import BatchOutcome, BatchRequest, ModelCalls, run_batch
from pfstudio.sdk.runs.earlier import EarlierRecords, with_earlier
from pfstudio.sdk.runs.errors import RunInterruptedError
from pfstudio.sdk.runs.git_state import git_state
from pfstudio.sdk.runs.limits import BatchLimits
from pfstudio.sdk.runs.lines_of_run import Lines
from pfstudio.sdk.runs.prepared import Prepared
from pfstudio.sdk.runs.progress import ProgressBar
from pfstudio.sdk.runs.sink import CancelWatch, FolderSink
from pfstudio.sdk.runs.snapshot import write_snapshot
from pfstudio.sdk.runs.working_copy import working_copy

if TYPE_CHECKING:
    from pfstudio.sandbox.batch_processes import Processes


@dataclass(frozen=True, slots=True)
class Earlier:
    """The run that is resumed and the records of the lines it has completed."""

    folder: Path
    name: str
    records: EarlierRecords

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(self.records.numbers)


@dataclass(frozen=True, slots=True)
class Work:
    """One run with everything it needs. `problem` is why its lines cannot even be made."""

    prepared: Prepared
    lines: Lines
    limits: BatchLimits
    connections: ConnectionSource
    warm: Processes
    bar: ProgressBar
    model_calls: ModelCalls = field(default_factory=ModelCalls)
    show_log: bool = False
    problem: UserErrorException | None = None
    earlier: Earlier | None = None
    warnings: Sequence[str] = field(default_factory=list)


def new_record(prepared: Prepared, *, resume_from: str | None, model_calls: ModelCalls) -> RunRecord:
    """The record a run begins with."""
    run = prepared.run
    calls = {"reuse": model_calls.reuse, "record": model_calls.record, "replay": model_calls.replay}
    return RunRecord(
        name=prepared.name,
        created_on=run.created_on,
        status="Running",
        display_name=prepared.display_name,
        flow=str(prepared.source.shown),
        flow_name=prepared.source.name,
        kind=prepared.source.kind,
        description=run.description,
        tags=run.tags,
        data=str(prepared.data) if prepared.data else None,
        run=prepared.reference_name,
        variant=run.variant,
        column_mapping=run.column_mapping,
        connections=run.connections or None,
        environment_variables=tuple(prepared.environment),
        init=prepared.init or None,
        resume_from=resume_from,
        start_time=utc_now().astimezone().isoformat(),
        entry=prepared.source.entry,
        model_calls={key: str(path) for key, path in calls.items() if path is not None} or None,
    )


def execute(work: Work) -> RunFolder:
    """Make the folder, run the lines, write the files; returns the folder of the ended run.

    Raises:
        RunExistsError: another run of that name was faster.
        RunStorageError: the disk refuses; finished lines are kept.
        RunInterruptedError: Ctrl-C; the run is Canceled and its folder says so.
    """
    prepared = work.prepared
    resumed = work.earlier.name if work.earlier else None
    folder = RunFolder.create(prepared.root, new_record(prepared, resume_from=resumed, model_calls=work.model_calls))
    log = BatchLog(folder.path, also=work.bar.write_log if work.show_log else None)
    try:
        folder.keep_environment(prepared.environment)
        for warning in work.warnings:
            log.write("warning", warning)
        _write_earlier(folder, work.earlier)
        if work.problem is not None:
            log.write("error", f"Run {prepared.name} failed: {work.problem.message}")
            _snapshot(folder, work, prepared.source.file.parent)
            _finish(folder, work, BatchOutcome("Failed"), run_error({"message": work.problem.message}))
        else:
            _execute_lines(folder, work, log)
    except RunStorageError as error:
        _mark_failed(folder, error)
        raise
    finally:
        work.bar.clear()
        log.close()
        folder.close()
    return folder


def _execute_lines(folder: RunFolder, work: Work, log: BatchLog) -> None:
    prepared = work.prepared
    with (
        _GitState(prepared.source.folder) as git,
        CancelWatch(folder.path) as watch,
        working_copy(prepared.source, prepared.flow, lambda text: log.write("warning", text)) as copy,
    ):
        _snapshot(folder, work, copy.file.parent if copy is not prepared.source else prepared.source.folder)
        request = _request(folder, work, copy.file)
        outcome = run_batch(request, FolderSink(folder, log, work.bar), cancel=watch.event, workers=work.warm)
        work.bar.clear()
        _log_outcome(log, outcome, prepared.name)
        _finish(folder, work, outcome, None, git=git.result())
    if outcome.status == "Canceled" and not watch.event.is_set():
        raise RunInterruptedError(prepared.name, len(folder.lines()))


def _request(folder: RunFolder, work: Work, file: Path) -> BatchRequest:
    prepared = work.prepared
    return BatchRequest(
        flow=file,
        run_id=prepared.name,
        connections=work.connections,
        lines=work.lines,
        variant=prepared.run.variant,
        node_overrides=prepared.run.connections or {},
        environment_variables=prepared.environment,
        init=prepared.init,
        finished=work.earlier.records if work.earlier else (),
        line_timeout=work.limits.line_timeout,
        batch_timeout=work.limits.batch_timeout,
        workers=work.limits.workers,
        model_calls=work.model_calls,
        output_folder=folder.path,
    )


def _snapshot(folder: RunFolder, work: Work, copy: Path) -> None:
    run = work.prepared.run
    write_snapshot(folder.path, work.prepared.source, copy, variant=run.variant, connections=run.connections)


def _write_earlier(folder: RunFolder, earlier: Earlier | None) -> None:
    if earlier is None:
        return
    from pfstudio.sdk.runs.earlier import copy_produced_files

    for text, _ in earlier.records.texts():
        folder.append(text)
    try:
        copy_produced_files(earlier.folder, folder.path)
    except OSError as error:
        raise RunStorageError(folder.path, error) from error


def _finish(
    folder: RunFolder,
    work: Work,
    outcome: BatchOutcome,
    problem: Mapping[str, Any] | None,
    *,
    git: Mapping[str, Any] | None = None,
) -> None:
    error: Mapping[str, Any] | ErrorOfLines | None = problem
    if problem is None and outcome.error is not None:
        error = run_error(outcome.error.record or {"message": outcome.error.message})
    elif problem is None:
        nodes = {str(item["aggregation_node_name"]): item["error"] for item in outcome.aggregation_errors}
        total = len(work.lines) + (len(work.earlier.records) if work.earlier else 0)
        error = partial(lines_error, total=total, aggregation=nodes)
    if git is not None:
        folder.update(git=git)
    folder.finish(
        status=outcome.status,
        metrics=outcome.metrics,
        aggregation=outcome.aggregation_records,
        error=error,
        system_metrics=with_earlier(outcome.system_metrics, work.earlier.records if work.earlier else ()),
        end_time=utc_now().astimezone().isoformat(),
    )


def _log_outcome(log: BatchLog, outcome: BatchOutcome, name: str) -> None:
    if outcome.error is not None:
        log.write("error", f"Run {name} failed: {outcome.error.message}")
    for item in outcome.aggregation_errors:
        message = (item.get("error") or {}).get("message", "")
        log.write("warning", f"The aggregation node '{item['aggregation_node_name']}' failed: {message}")
    if outcome.status == "Canceled":
        log.write("warning", f"Run {name} was canceled. It can be resumed.")


def _mark_failed(folder: RunFolder, error: RunStorageError) -> None:
    """Say it in the record where that can still be written; where not, the next reader sees who is gone."""
    try:
        folder.update(
            status="Failed",
            error=run_error({"message": error.message}),
            end_time=utc_now().astimezone().isoformat(),
        )
    except RunStorageError:
        return


class _GitState:
    """Asks git beside the run, since it takes longer than a small run does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, Any] | None = None
        self._thread = threading.Thread(target=self._ask, name="pfstudio-git-state", daemon=True)

    def __enter__(self) -> _GitState:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(timeout=1)

    def result(self) -> dict[str, Any] | None:
        self._thread.join()
        return self._found

    def _ask(self) -> None:
        self._found = git_state(self._folder)
