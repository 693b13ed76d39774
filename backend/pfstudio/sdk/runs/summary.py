"""What `stream` tells of a run."""

from __future__ import annotations

from datetime import datetime

from pfstudio.runfolder.failures import first_message
from pfstudio.sdk.runs.entity import Run
from pfstudio.sdk.runs.errors import InvalidRunStatusError


def summary(run: Run) -> str:
    """The closing lines of a run's log."""
    duration = _duration(run._start_time or run.created_on, run._end_time)
    return (
        "======= Run Summary =======\n\n"
        f'Run name: "{run.name}"\n'
        f'Run status: "{run.status}"\n'
        f'Start time: "{str(run.created_on).replace("T", " ")}"\n'
        f'Duration: "{duration}"\n'
        f'Output path: "{run._output_path}"\n'
    )


def failure(run: Run) -> InvalidRunStatusError | None:
    """Why a run did not go through; None where it did."""
    if run.status == "Canceled":
        return InvalidRunStatusError("Run is canceled.")
    if run.status != "Failed":
        return None
    message = first_message(run._error)
    return InvalidRunStatusError(message or f"Run '{run.name}' failed.")


def _duration(start: str | None, end: str | None) -> str:
    try:
        first = datetime.fromisoformat(start or "")
        last = datetime.fromisoformat(end) if end else datetime.now().astimezone()
        return str(last - first)
    except (ValueError, TypeError):
        return "unknown"
