"""An error as the JSON object that pipelines read (`PROMPTFLOW_STRUCTURE_EXCEPTION_OUTPUT`)."""

from __future__ import annotations

import traceback
from typing import Any

from pfstudio.errors import PromptflowException


def error_record(error: PromptflowException) -> dict[str, Any]:
    """The original's error object: message, the chain of codes from the root, and the stack."""
    codes = error.error_codes
    return {
        "message": error.message,
        "messageFormat": error.message_format,
        "messageParameters": error.message_parameters,
        "referenceCode": error.reference_code,
        "code": codes[0],
        "innerError": _nested(codes[1:]),
        "additionalInfo": [{"type": kind, "info": info} for kind, info in (error.additional_info or {}).items()],
        "debugInfo": _debug(error),
    }


def _nested(codes: list[str]) -> dict[str, Any] | None:
    if not codes:
        return None
    return {"code": codes[0], "innerError": _nested(codes[1:])}


def _debug(error: BaseException) -> dict[str, Any]:
    cause = getattr(error, "inner_exception", None) or error.__cause__
    return {
        "type": type(error).__name__,
        "message": str(error),
        "stackTrace": "".join(traceback.format_tb(error.__traceback__)),
        "innerException": _debug(cause) if isinstance(cause, BaseException) else None,
    }
