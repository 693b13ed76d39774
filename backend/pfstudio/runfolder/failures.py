"""The error object of a whole run (`error.json`), made of those of its lines and aggregation nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def lines_error(
    failed: Sequence[tuple[int, Mapping[str, Any]]], total: int, aggregation: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The error of a run that went through: which lines and aggregation nodes failed; None where none did."""
    if not failed and not aggregation:
        return None
    errors: list[dict[str, Any]] = [{"line_number": number, "error": dict(error)} for number, error in failed]
    errors += [{"aggregation_node_name": node, "error": dict(error)} for node, error in aggregation.items()]
    message = f"First error message is: {_message(errors[0]['error'])}"
    if failed:
        message = f"Failed to run {len(failed)}/{total} lines. {message}"
    return _bulk_error(message, errors)


def run_error(error: Mapping[str, Any]) -> dict[str, Any]:
    """The error of a run that did not go through."""
    return _bulk_error(f"First error message is: {_message(error)}", [])


def first_message(error: Mapping[str, Any] | None) -> str:
    """What to tell of a run's error."""
    return _message(error) if error else ""


def aggregation_messages(error: Mapping[str, Any] | None) -> Iterator[str]:
    """What to tell of aggregation nodes that failed."""
    for part in (error or {}).get("additionalInfo") or ():
        for each in part["info"].get("errors", ()):
            if name := each.get("aggregation_node_name"):
                yield f"The aggregation node '{name}' failed: {_message(each['error'])}"


def _bulk_error(message: str, errors: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "message": message,
        "messageFormat": "",
        "messageParameters": {},
        "referenceCode": "Runtime",
        "code": "UserError",
        "innerError": {"code": "SDKError", "innerError": {"code": "BulkRunException", "innerError": None}},
        "additionalInfo": [{"type": "BulkRunErrors", "info": {"errors": list(errors)}}],
        "debugInfo": {"type": "BulkRunException", "message": message, "stackTrace": "", "innerException": None},
    }


def _message(error: Mapping[str, Any]) -> str:
    return str(error.get("message") or "")
