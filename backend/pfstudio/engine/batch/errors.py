"""Why the data of a batch run cannot be used. Names and sentences are those of promptflow 1.18 where it had one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pfstudio.errors import ErrorTarget, UserErrorException
from pfstudio.flow.errors import InvalidFlowRequest, ValidationException

_INCORRECT = "The input for batch run is incorrect. "


class InvalidUserData(UserErrorException):
    """A data file is not what its ending says. The sentence names what is wrong, `file` and `line` where."""

    def __init__(self, path: Path, detail: str, line: int | None = None) -> None:
        where = f"'{path}'" if line is None else f"'{path}', line {line}"
        super().__init__(
            "Fail to load invalid data. We support file formats: csv, tsv, json, jsonl, parquet. "
            f"Check {where}: {detail}",
            target=ErrorTarget.RUNTIME,
            file=str(path),
            line=line,
        )


class DataNotFoundError(ValidationException):
    def __init__(self, path: Path) -> None:
        super().__init__(f"Can't find directory or file in resolved absolute path: {path}.")


class EmptyInputsData(UserErrorException):
    """There is no record in the data."""

    def __init__(self, paths: Iterable[tuple[str, Path | str]]) -> None:
        listed = "\n".join(f"{name}: {path}" for name, path in paths)
        super().__init__(
            "Couldn't find any inputs data at the given input paths. Please review the provided path "
            f"and consider resubmitting.\n{listed}",
            target=ErrorTarget.BATCH,
        )


class InputMappingError(ValidationException):
    """The sources do not make a single whole line, or do not fit each other."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"{_INCORRECT}{detail}", target=ErrorTarget.BATCH)


class ApplyInputMappingError(ValidationException):
    """A mapping leads to a column that is not there."""

    def __init__(self, relations: Iterable[str], line_number: Any, columns: Iterable[str]) -> None:
        super().__init__(
            f"{_INCORRECT}Couldn't find these mapping relations: {', '.join(relations)}. Please make sure your input "
            "mapping keys and values match your YAML input section and input data. "
            f"Line {line_number} has: {', '.join(columns)}.",
            target=ErrorTarget.BATCH,
        )


class StaticMappingError(ValidationException):
    def __init__(self, mapping: dict[str, Any]) -> None:
        super().__init__(
            "Column mapping must contain at least one mapping binding, "
            f"current column mapping contains all static values: {mapping}"
        )


class EmptyFlowInputsError(InvalidFlowRequest):
    """The original's `InputNotFound`, for a flow without any input."""

    def __init__(self) -> None:
        super().__init__(
            "The input for flow cannot be empty in batch mode. Please review your flow and provide valid inputs."
        )
