"""What can go wrong with runs. Where the original raised Python's own errors, these are both."""

from __future__ import annotations

from pfstudio.errors import ConflictError, InvalidError, NotFoundError, SDKError, UserErrorException
from pfstudio.runfolder.errors import RunExistsError, RunNotFoundError

__all__ = [
    "DataPathNotFoundError",
    "EntryNotImportableError",
    "InvalidRunError",
    "InvalidRunStatusError",
    "PandasMissingError",
    "ReferencedRunError",
    "RunArgumentError",
    "RunExistsError",
    "RunInterruptedError",
    "RunNotFoundError",
    "RunOperationError",
    "RunOperationParameterError",
]


class InvalidRunError(SDKError, InvalidError):
    """What was given as a run is none."""


class InvalidRunStatusError(SDKError, ConflictError):
    """The run is not in the state that is needed."""


class RunOperationParameterError(SDKError, InvalidError):
    """An argument of an operation makes no sense."""


class RunOperationError(SDKError):
    """An operation on a run failed."""


class RunArgumentError(InvalidError, ValueError):
    """What a run needs was not given, or two things were given that exclude each other."""


class DataPathNotFoundError(NotFoundError, FileNotFoundError):
    def __init__(self, path: object) -> None:
        super().__init__(f"data path {path} does not exist")


class ReferencedRunError(UserErrorException):
    def __init__(self, name: str, status: str) -> None:
        super().__init__(f"Referenced run {name} is not completed, got status {status}")


class EntryNotImportableError(InvalidError):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"'{name}' cannot be run over lines: it is not defined at the top level of a Python file, so worker "
            f"processes cannot import it. Move it into a file of its own."
        )


class RunInterruptedError(KeyboardInterrupt):
    """Ctrl-C while lines ran. The run is Canceled and can be resumed; `name` says which."""

    def __init__(self, name: str, finished: int) -> None:
        lines = "1 line is" if finished == 1 else f"{finished:,} lines are"
        super().__init__(f"Run '{name}' was canceled; {lines} finished and kept.")
        self.name = name


class PandasMissingError(InvalidError, ImportError):
    def __init__(self) -> None:
        super().__init__(
            "get_details returns a pandas DataFrame, and pandas is not installed: pip install 'pfstudio[pandas]', or "
            "use `pf run show-details` or `pf run export`, which need nothing."
        )
