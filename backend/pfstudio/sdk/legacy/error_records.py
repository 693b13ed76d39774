"""Errors as the records that promptflow wrote and answered with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfstudio.engine.failures import error_record
from pfstudio.errors import PromptflowException
from pfstudio.kit.clock import utc_now


class ExceptionPresenter:
    """`ExceptionPresenter.create(error)` describes any error."""

    def __init__(self, ex: BaseException) -> None:
        self._ex = ex

    @classmethod
    def create(cls, ex: BaseException) -> ExceptionPresenter:
        return cls(ex)

    @property
    def error_codes(self) -> list[str]:
        if isinstance(self._ex, PromptflowException):
            return self._ex.error_codes or ["SystemError"]
        return ["SystemError", type(self._ex).__name__]

    @property
    def debug_info(self) -> Any:
        return error_record(self._ex)["debugInfo"]

    @property
    def formatted_traceback(self) -> str:
        from traceback import format_exception

        return "".join(format_exception(self._ex))

    def to_dict(self, *, include_debug_info: bool = False) -> dict[str, Any]:
        record = error_record(self._ex)
        return record if include_debug_info else {key: value for key, value in record.items() if key != "debugInfo"}


class ErrorResponse:
    """What a service answers when an error ends a request."""

    def __init__(self, error_dict: Mapping[str, Any]) -> None:
        self._error = error_dict

    @classmethod
    def from_exception(cls, ex: BaseException, *, include_debug_info: bool = False) -> ErrorResponse:
        return cls(ExceptionPresenter.create(ex).to_dict(include_debug_info=include_debug_info))

    @classmethod
    def from_error_dict(cls, error_dict: Mapping[str, Any]) -> ErrorResponse:
        return cls(error_dict)

    @property
    def message(self) -> str:
        return str(self._error.get("message", ""))

    @property
    def error_codes(self) -> list[str]:
        codes, part = [], self._error
        while part:
            codes.append(str(part.get("code")))
            part = part.get("innerError") or {}
        return codes

    @property
    def error_code_hierarchy(self) -> str:
        return "/".join(self.error_codes)

    @property
    def innermost_error_code(self) -> str | None:
        return self.error_codes[-1] if self.error_codes else None

    @property
    def response_code(self) -> int:
        return 400 if self.error_codes[:1] == ["UserError"] else 500

    @property
    def additional_info(self) -> dict[str, Any]:
        return {item["type"]: item["info"] for item in self._error.get("additionalInfo") or ()}

    def get_additional_info(self, name: str) -> Any:
        return self.additional_info.get(name)

    def get_user_execution_error_info(self) -> dict[str, Any]:
        found = self.additional_info.get("ToolExecutionErrorDetails")
        return dict(found) if isinstance(found, Mapping) else {}

    def to_simplified_dict(self) -> dict[str, Any]:
        return {"error": {"code": next(iter(self.error_codes), None), "message": self.message}}

    def to_dict(self) -> dict[str, Any]:
        return {
            "error": dict(self._error),
            "correlation": None,
            "environment": None,
            "location": None,
            "componentName": "promptflow-sdk",
            "time": utc_now().replace(tzinfo=None).isoformat(),
        }
