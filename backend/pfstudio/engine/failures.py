"""Turns an exception into the error a run records, with the place in the user's code."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from pfstudio.engine.errors import ToolExecutionError, text_of
from pfstudio.engine.flex_errors import ScriptExecutionError
from pfstudio.engine.results import RunError
from pfstudio.errors import PromptflowException, snake_case

_PACKAGE = str(Path(__file__).resolve().parent.parent)


def tool_failure(
    node: str, cause: BaseException, folder: Path, defined_at: tuple[str | None, int | None] = (None, None)
) -> ToolExecutionError:
    """What a raising tool becomes. The traceback starts at the user's code.

    Where the call itself was refused (a missing argument), the place is where the tool is defined.
    """
    file, line = user_place(cause, folder)
    if file is None:
        file, line = defined_at
    return ToolExecutionError(node, cause, _details(cause), file=file, line=line)


def script_failure(
    function: str, cause: BaseException, folder: Path, defined_at: tuple[str | None, int | None] = (None, None)
) -> ScriptExecutionError:
    """What a raising entry of a flex flow, or a prompty, becomes."""
    file, line = user_place(cause, folder)
    if file is None:
        file, line = defined_at
    return ScriptExecutionError(function, cause, _details(cause), file=file, line=line)


def _details(cause: BaseException) -> dict[str, Any]:
    traceback = _user_part(cause.__traceback__)
    return {
        "type": type(cause).__name__,
        "message": text_of(cause),
        "traceback": _user_format(cause, traceback),
        **_last_frame(traceback),
    }


def run_error(error: BaseException, folder: Path) -> RunError:
    """The error as runs, records and events carry it."""
    cause = error.inner_exception if isinstance(error, (ToolExecutionError, ScriptExecutionError)) else error
    file = line = None
    if isinstance(error, PromptflowException):
        file, line = error.file, error.line
    if file is None:
        file, line = user_place(cause or error, folder)
    details = error.details if isinstance(error, (ToolExecutionError, ScriptExecutionError)) else None
    return RunError(
        message=str(error),
        type=type(cause).__name__,
        code=error.code if isinstance(error, PromptflowException) else snake_case(type(error).__name__),
        file=file,
        line=line,
        traceback=details["traceback"] if details else None,
        record=error_record(error),
    )


def error_record(error: BaseException) -> dict[str, Any]:
    """The error object of the original's files."""
    if not isinstance(error, PromptflowException):
        codes = ["SystemError", type(error).__name__]
        return {
            "message": text_of(error),
            "messageFormat": "",
            "messageParameters": {},
            **_code(codes),
            **_debug(error),
        }
    record = {
        "message": error.message,
        "messageFormat": error.message_format,
        "messageParameters": error.serializable_message_parameters,
        "referenceCode": error.reference_code,
        **_code(error.error_codes),
    }
    if info := error.additional_info:
        record["additionalInfo"] = [{"type": key, "info": value} for key, value in info.items()]
    return {**record, **_debug(error)}


def user_place(error: BaseException, folder: Path) -> tuple[str | None, int | None]:
    """File (relative to the flow folder) and line of the innermost frame inside the flow folder."""
    root = str(folder)
    place: tuple[str | None, int | None] = (None, None)
    traceback = error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name.startswith(root) and name[len(root) : len(root) + 1] in ("/", "\\"):
            place = (name[len(root) + 1 :].replace("\\", "/"), traceback.tb_lineno)
        traceback = traceback.tb_next
    return place


def _code(codes: list[str]) -> dict[str, Any]:
    names = codes or ["SystemError"]
    inner: dict[str, Any] | None = None
    for name in reversed(names[1:]):
        inner = {"code": name, "innerError": inner}
    return {"code": names[0], "innerError": inner}


def _debug(error: BaseException) -> dict[str, Any]:
    inner = error.inner_exception if isinstance(error, PromptflowException) else error.__cause__
    return {"debugInfo": _debug_part(error, inner)}


def _debug_part(error: BaseException, inner: BaseException | None) -> dict[str, Any]:
    return {
        "type": type(error).__name__,
        "message": text_of(error),
        "stackTrace": _format(error, error.__traceback__),
        "innerException": _debug_part(inner, inner.__cause__) if inner is not None else None,
    }


def _user_part(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without the engine's frames before the user's first; None where there is no other."""
    first = traceback
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        first = first.tb_next
    return first


def _last_frame(traceback: TracebackType | None) -> dict[str, Any]:
    if traceback is None:
        return {"filename": None, "lineno": None, "name": None}
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    return {"filename": code.co_filename, "lineno": traceback.tb_lineno, "name": code.co_name}


def _user_format(error: BaseException, traceback: TracebackType | None) -> str:
    """The error and what led to it, with the user's and the libraries' frames and none of ours."""
    from traceback import StackSummary, TracebackException

    told = TracebackException(type(error), error, traceback, compact=True)
    seen: list[TracebackException] = []
    waiting: list[TracebackException | None] = [told]
    while waiting:
        item = waiting.pop()
        if item is None or any(item is known for known in seen):
            continue
        seen.append(item)
        item.stack = StackSummary.from_list(
            [frame for frame in item.stack if not frame.filename.startswith(_PACKAGE)]
        )  # Empty where a call of ours was refused, such as one with a missing argument.
        waiting += [item.__cause__, item.__context__]
    return "".join(told.format())


def _format(error: BaseException, traceback: TracebackType | None) -> str:
    from traceback import TracebackException

    return "".join(TracebackException(type(error), error, traceback, compact=True).format(chain=False))
