"""Why a worker ended before its flow did."""

from __future__ import annotations

import signal

from pfstudio.errors import SystemErrorException, UnavailableError, UserErrorException


class WorkerEndedError(UserErrorException):
    """The process that ran the flow went away: `sys.exit`, a crash, or somebody's signal."""

    def __init__(self, exit_code: int | None, signal_number: int | None, nodes: list[str]) -> None:
        where = f" while running {_names(nodes)}" if nodes else ""
        if signal_number:
            how = f"was ended by signal {signal_number} ({_signal_name(signal_number)})"
        else:
            how = f"exited with code {exit_code}"
        super().__init__(f"The flow's process {how}{where}, before the flow was finished.")
        self.exit_code = exit_code
        self.signal = signal_number


class TestCanceledError(UserErrorException):
    def __init__(self) -> None:
        super().__init__("The test was stopped.")


class TestTimeoutError(UserErrorException):
    def __init__(self, seconds: float, subject: str = "The test") -> None:
        super().__init__(f"{subject} was ended because it took longer than {seconds:g} seconds.")


class MemoryLimitError(UserErrorException):
    def __init__(self, limit: int, subject: str = "The test") -> None:
        super().__init__(f"{subject} was ended because its processes used more than {limit / 2**30:.3g} GiB of memory.")


class ProcessLimitError(UserErrorException):
    def __init__(self, limit: int, subject: str = "The test") -> None:
        super().__init__(f"{subject} was ended because it started more than {limit} processes.")


class ScratchLimitError(UserErrorException):
    def __init__(self, limit: int, subject: str = "The test") -> None:
        super().__init__(f"{subject} was ended because it made more than {limit:,} temporary files.")


class DiskLimitError(UserErrorException):
    def __init__(self, size: int, files: int, subject: str = "The test") -> None:
        super().__init__(
            f"{subject} was ended because it wrote too much to its folder: {size / 2**30:.2g} GiB in {files:,} files."
        )


class EventLimitError(UserErrorException):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The test was ended because its results were longer than {limit / 2**20:.0f} MiB in all.")


class SandboxLostError(SystemErrorException):
    """The sandbox around the worker ended; every test in it ended with it."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"The sandbox of the flow ended unexpectedly{f': {detail}' if detail else ''}.")


class SandboxUnavailableError(UnavailableError):
    def __init__(self, detail: str) -> None:
        super().__init__(f"No process for the flow could be started: {detail or 'it gave no reason'}.")


def _names(nodes: list[str]) -> str:
    quoted = ", ".join(f"'{node}'" for node in nodes)
    return f"{'node' if len(nodes) == 1 else 'nodes'} {quoted}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
