"""`PFClient.runs`: runs made, watched, compared and put away."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pfstudio.engine.ports import ConnectionSource
from pfstudio.runfolder.folder import RunFolder
from pfstudio.runfolder.logs import LOG_FILE
from pfstudio.sdk.runs.entity import Run, run_name
from pfstudio.sdk.runs.errors import InvalidRunStatusError, RunArgumentError, RunOperationParameterError
from pfstudio.sdk.runs.places import RunPlaces
from pfstudio.sdk.runs.sink import CANCEL_FILE
from pfstudio.sdk.runs.summary import failure, summary

if TYPE_CHECKING:
    from pfstudio.sandbox.batch_processes import Processes
    from pfstudio.sdk.local_runs import LocalRuns, RunOptions

_REUSE: Final = "model-calls"  # In the home folder, shared with tests.
_RED: Final = "\x1b[31m"
_RESET: Final = "\x1b[0m"
_CANCEL_SECONDS: Final = 10.0


class ListViewType(str, Enum):
    """Which runs a list shows."""

    ACTIVE_ONLY = "ActiveOnly"
    ARCHIVED_ONLY = "ArchivedOnly"
    ALL = "All"


class RunOperations:
    """What can be done with runs. Every `name` may be a `Run`."""

    def __init__(self, places: RunPlaces, connections: ConnectionSource) -> None:
        self._places = places
        self._connections = connections

    def list(
        self,
        max_results: int | None = 50,
        *,
        list_view_type: ListViewType | str = ListViewType.ACTIVE_ONLY,
        **_: Any,
    ) -> list[Run]:
        """The newest runs first; archived ones only where they are asked for."""
        view = ListViewType(list_view_type)
        check_max_results(max_results)
        shown = [
            Run.from_record(record, folder)
            for record, folder in self._places.all()
            if view is ListViewType.ALL or record.archived == (view is ListViewType.ARCHIVED_ONLY)
        ]
        return shown[:max_results]

    def get(self, name: str | Run, **_: Any) -> Run:
        """The run as it is now.

        Raises:
            RunNotFoundError: no run has this name.
        """
        return self._entity(self._places.find(run_name(name)))

    def create_or_update(self, run: Run, *, stream: bool = False, options: RunOptions | None = None, **_: Any) -> Run:
        """Execute a run that was described; of one that exists, change its names and tags.

        Raises:
            PromptflowException: it was refused; then nothing was made.
        """
        if run.status != "NotStarted" and run.name and self._places.exists(run.name):
            return self.update(run.name, display_name=run.display_name, description=run.description, tags=run.tags)
        if run._resume_from:
            changes: dict[str, Any] = {"name": run.name, "display_name": run.display_name}
            changes |= {"description": run.description, "tags": run.tags}
            return self.resume(run._resume_from, stream=stream, options=options, **changes)
        made = self._local.submit(run, options or run_options(stream=stream))
        return self._shown(made, stream=stream, options=options)

    def resume(
        self, resume_from: str | Run, /, *, stream: bool = False, options: RunOptions | None = None, **changes: Any
    ) -> Run:
        """A new run that takes over what another has completed and executes the rest.

        Raises:
            RunNotFoundError, RunBusyError: there is no such run, or it still runs.
        """
        given = {key: value for key, value in changes.items() if value is not None}
        made = self._local.resume(run_name(resume_from), given, options or run_options(stream=stream))
        return self._shown(made, stream=stream, options=options)

    def take_in(self, source: str | Path, *, name: str | None = None) -> Run:
        """Copy the folder of a run that was made elsewhere among the runs of this machine.

        Raises:
            RunSourceError, RunExistsError: the folder holds no run, or a run of that name exists.
        """
        from pfstudio.sdk.runs.importing import import_run

        return import_run(self._places, Path(source), name=name)

    def stream(self, name: str | Run, raise_on_error: bool = True, **_: Any) -> Run:
        """Write the log as it grows until the run has ended, then the summary.

        Raises:
            InvalidRunStatusError: the run failed or was canceled, unless `raise_on_error` is off.
        """
        folder = self._places.find(run_name(name))
        _follow(folder)
        return self._told(self._entity(folder), raise_on_error=raise_on_error)

    def cancel(self, name: str | Run, **_: Any) -> Run:
        """End a run that goes on in another process; lines that have finished are kept, and it can be resumed.

        Raises:
            InvalidRunStatusError: it has ended already.
        """
        folder = self._places.find(run_name(name))
        if not folder.is_live:
            status = folder.record().status
            raise InvalidRunStatusError(f"Run '{run_name(name)}' already ended as {status}, so it cannot be canceled.")
        (folder.path / CANCEL_FILE).touch()
        until = time.monotonic() + _CANCEL_SECONDS
        while folder.is_live and time.monotonic() < until:
            time.sleep(0.05)
        return self._entity(folder)

    def update(
        self,
        name: str | Run,
        display_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Run:
        """Change how a run is called and described; tags are replaced as a whole."""
        given = {"display_name": display_name, "description": description, "tags": dict(tags) if tags else None}
        return self._changed(name, {key: value for key, value in given.items() if value is not None})

    def archive(self, name: str | Run, **_: Any) -> Run:
        """Hide a run from lists."""
        return self._changed(name, {"archived": True})

    def restore(self, name: str | Run, **_: Any) -> Run:
        """Show an archived run in lists again."""
        return self._changed(name, {"archived": False})

    def delete(self, name: str | Run, **_: Any) -> None:
        """Remove a run with everything it left.

        Raises:
            RunNotFoundError, RunBusyError: there is no such run, or it still runs.
        """
        self._places.delete(run_name(name))

    def get_details(self, name: str | Run, max_results: int = 100, all_results: bool = False, **_: Any) -> Any:
        """Inputs and outputs of the lines as a DataFrame; the outputs of failed lines are `(Failed)`.

        Raises:
            PandasMissingError: pandas is not installed.
            RunOperationParameterError: `max_results` is below 1.
        """
        from pfstudio.sdk.runs.details import details
        from pfstudio.sdk.runs.errors import PandasMissingError

        check_max_results(None if all_results else max_results)
        folder = self._places.find(run_name(name))
        table = details(folder.path, None if all_results else max_results)
        try:
            pandas: Any = importlib.import_module("pandas")
        except ImportError as error:
            raise PandasMissingError from error
        columns = {column: [row[at] for row in table.rows] for at, column in enumerate(table.columns)}
        return pandas.DataFrame(columns, columns=list(table.columns))

    def get_metrics(self, name: str | Run, **_: Any) -> dict[str, Any]:
        """What aggregation nodes have logged.

        Raises:
            InvalidRunStatusError: the run is not Completed.
        """
        folder = self._places.find(run_name(name))
        _require_completed(folder)
        return dict(folder.read_json("metrics.json") or {})

    def visualize(
        self, runs: Sequence[str | Run] | str | Run, *, html_path: str | Path | None = None, **_: Any
    ) -> Path:
        """One page that compares runs, written to `html_path` or to a temporary file that the browser opens.

        Raises:
            InvalidRunStatusError: a run is not Completed.
        """
        from pfstudio.sdk.runs.visualize import open_page, write_page

        given = [runs] if isinstance(runs, str | Run) else list(runs)
        folders = [self._places.find(run_name(run)) for run in given]
        for folder in folders:
            _require_completed(folder, "Cannot visualize non-completed run. ")
        page = write_page(folders, Path(html_path) if html_path else None)
        if html_path is None:
            open_page(page)
        sys.stderr.write(f"The page is at {page}.\n")  # Where there is no browser, this is all one sees.
        return page

    @property
    def _local(self) -> LocalRuns:
        from pfstudio.sdk.local_runs import LocalRuns

        return LocalRuns(self._places, self._connections)

    def _shown(self, run: Run, *, stream: bool, options: RunOptions | None) -> Run:
        """A run that was streamed closes with its summary, and raises where it failed."""
        if not (options.stream if options is not None else stream):
            return run
        return self._told(run, raise_on_error=True)

    def _told(self, run: Run, *, raise_on_error: bool) -> Run:
        sys.stderr.write(f"{summary(run)}\n")
        sys.stderr.flush()
        error = failure(run)
        if error is not None and raise_on_error:
            raise error
        if error is not None:
            painted = f"{_RED}{error.message}{_RESET}" if sys.stderr.isatty() else error.message
            sys.stderr.write(f"{painted}\n")
        return run

    def _changed(self, name: str | Run, changes: Mapping[str, Any]) -> Run:
        folder = self._places.find(run_name(name))
        folder.update(**changes)
        return self._entity(folder)

    def _entity(self, folder: RunFolder) -> Run:
        return Run.from_record(folder.record(), folder.path)


def check_max_results(number: int | None) -> None:
    """Refuse a number that makes no sense."""
    if number is not None and (not isinstance(number, int) or number < 1):
        raise RunOperationParameterError(f"'max_results' must be a positive integer, got {number!r}")


def check_resume_arguments(given: Mapping[str, Any]) -> None:
    """A resumed run takes everything but its names from the one before."""
    unsupported = {key: value for key, value in given.items() if value is not None}
    if unsupported:
        raise RunArgumentError(
            f"'resume_from' is not supported to be used with the with following parameters: {unsupported}. "
        )


def run_options(
    *,
    stream: bool = False,
    progress: bool = False,
    reuse: bool = False,
    record: str | Path | None = None,
    replay: str | Path | None = None,
    workers: Processes | None = None,
) -> RunOptions:
    """How a run is executed, from what was asked for."""
    from pfstudio.connections.local_store import pf_home
    from pfstudio.sandbox.batch import ModelCalls
    from pfstudio.sdk.local_runs import RunOptions

    calls = ModelCalls(
        reuse=pf_home() / _REUSE if reuse else None,
        record=Path(record).absolute() if record else None,
        replay=Path(replay).absolute() if replay else None,
    )
    return RunOptions(stream=stream, progress=progress, model_calls=calls, workers=workers)


def _require_completed(folder: RunFolder, prefix: str = "") -> None:
    record = folder.record()
    if record.status != "Completed":
        raise InvalidRunStatusError(f"{prefix}Run '{record.name}' is not completed, the status is '{record.status}'.")


def _follow(folder: RunFolder) -> None:
    """Write what is in the log, and what comes to it while the run goes on."""
    position = 0
    while True:
        is_live = folder.is_live
        try:
            with (folder.path / LOG_FILE).open("rb") as file:
                file.seek(position)
                content = file.read()
        except OSError:
            content = b""
        position += len(content)
        sys.stderr.write(content.decode("utf-8", "replace"))
        sys.stderr.flush()
        if not is_live:
            return
        time.sleep(0.2)
