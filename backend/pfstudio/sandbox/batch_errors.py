"""What can go wrong with a batch as a whole, or with the process around a line."""

from __future__ import annotations

import signal

from pfstudio.errors import ErrorTarget, PromptflowException, SystemErrorException, UserErrorException


class ProcessCrashError(UserErrorException):
    """The process that ran a line went away; the next line gets a new one."""

    def __init__(self, line: int, exit_code: int, signal_number: int) -> None:
        how = ended_by(exit_code, signal_number)
        super().__init__(f"Process crashed while executing line {line}, {how}.", target=ErrorTarget.EXECUTOR)


class BatchExecutionTimeoutError(UserErrorException):
    """A line that was not finished when the time of the whole batch was over."""

    def __init__(self, line: int, seconds: float) -> None:
        super().__init__(
            f"Line {line} execution terminated due to the total batch run exceeding the batch timeout ({seconds:g}s).",
            target=ErrorTarget.BATCH,
        )


class BatchRunTimeoutError(UserErrorException):
    def __init__(self, seconds: float, unfinished: int, total: int) -> None:
        super().__init__(
            f"The batch run exceeded its time of {seconds:g} s; {unfinished} of {total} lines were not finished.",
            target=ErrorTarget.BATCH,
        )


class FlowLoadError(UserErrorException):
    """The flow's own code ended the process, or never came back, before the first line could start."""

    def __init__(self, how: str) -> None:
        super().__init__(f"The flow's process {how} while the flow was loaded, before any line could start.")


class WorkersLostError(SystemErrorException):
    """The process that all workers come from ended."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"The processes of the batch run ended unexpectedly{f': {detail}' if detail else ''}.")


class ForwardedError(PromptflowException):
    """An error of the caller's connections, in the worker that asked for one."""


def ended_by(exit_code: int, signal_number: int) -> str:
    """How a process ended, in words."""
    if not signal_number:
        return f"exit code {exit_code}"
    try:
        return f"signal {signal_number} ({signal.Signals(signal_number).name})"
    except ValueError:
        return f"signal {signal_number}"
