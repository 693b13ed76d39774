"""What a model server that did not give an answer said, and the sentence a user reads about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pfstudio.models.endpoint import Endpoint
from pfstudio.models.errors import ExceedMaxRetryTimes, WrappedOpenAIError

_REFERENCE: Final = "[Error reference: https://platform.openai.com/docs/guides/error-codes/api-errors]"
_KINDS: Final = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
_SHOWN: Final = 500
TIMED_OUT: Final = "APITimeoutError"
UNREACHABLE: Final = "APIConnectionError"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One try that gave no answer. `kind` is the class name OpenAI's library gives to it."""

    kind: str
    message: str
    status: int | None = None
    retry_after: float | None = None
    out_of_quota: bool = False
    reached: bool = True

    @property
    def is_passing(self) -> bool:
        """Whether another try may succeed."""
        if self.out_of_quota:
            return False
        if self.status is None:
            return self.kind in (TIMED_OUT, UNREACHABLE)
        return self.status in (422, 429) or self.status >= 500


def refusal_of_answer(status: int, headers: Mapping[str, str], body: str) -> Refusal:
    """What an HTTP answer other than 200 says."""
    said, code = _said(body)
    kind = _KINDS.get(status, "InternalServerError" if status >= 500 else "APIStatusError")
    return Refusal(
        kind=kind,
        message=f"Error code: {status}" + (f" - {said}" if said else ""),
        status=status,
        retry_after=_retry_after(headers.get("retry-after")),
        out_of_quota=status == 429 and code == "insufficient_quota",
    )


def _said(body: str) -> tuple[str, str | None]:
    """The server's own message and code; for a page that is no JSON, the beginning of its text."""
    try:
        data = json.loads(body)
    except ValueError:
        return " ".join(body.split())[:_SHOWN], None
    error = data.get("error", data) if isinstance(data, dict) else data
    if not isinstance(error, dict):
        return str(error)[:_SHOWN], None
    message = error.get("message") or error.get("detail") or json.dumps(error)
    return str(message)[:_SHOWN], error.get("code") or error.get("type")


def _retry_after(value: str | None) -> float | None:
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Who calls what: the words an error needs to say where to look."""

    endpoint: Endpoint
    model: str
    node: str | None = None

    def __str__(self) -> str:
        node = f"node '{self.node}', " if self.node else ""
        return f"{node}connection '{self.endpoint.connection}'"


def error_of(refusal: Refusal, place: CallPlace, *, gave_up: str | None = None) -> WrappedOpenAIError:
    """The error to raise; `gave_up` says why there is no further try of a refusal that may pass."""
    said = place.endpoint.scrub(refusal.message)
    reference = f" {_REFERENCE}" if refusal.status is not None else ""
    ending = f" {gave_up}" if gave_up else ""
    text = f"{said}{reference} ({place}). {_advice(refusal, place)}{ending}"
    cls = ExceedMaxRetryTimes if gave_up else WrappedOpenAIError
    return cls(refusal.kind, text, status=refusal.status)


def _advice(refusal: Refusal, place: CallPlace) -> str:
    address, field = place.endpoint.shown_address, _address_field(place.endpoint)
    if refusal.kind == TIMED_OUT:
        return f"The model server at {address} did not answer in time. Try again, or allow the line more time."
    if refusal.kind == UNREACHABLE:
        return f"Check that {address} is the right {field} and that the server runs."
    if refusal.out_of_quota:
        return "The account has no quota left. Add quota to it, or choose another connection."
    asks = "deployment_name" if place.endpoint.provider == "AzureOpenAI" else "model"
    return {
        400: "The server does not take this request. Its message says what to change.",
        401: "The server does not accept the key. Put a valid api_key into the connection.",
        403: f"The key may not use '{place.model}'. Grant it access, or choose another connection.",
        404: f"Check that the node's {asks} '{place.model}' exists there and that {address} is the right {field}.",
        422: "The server cannot process this request. Its message says what to change.",
        429: "The server is called too often. Run fewer lines at once, or raise its rate limit.",
    }.get(
        refusal.status or 0,
        "The model server has a problem of its own. Try again later."
        if (refusal.status or 0) >= 500
        else f"Check that {address} is the right {field}.",
    )


def _address_field(endpoint: Endpoint) -> str:
    return "api_base" if endpoint.provider == "AzureOpenAI" else "base_url"


def words_of(value: Any) -> str:
    """The beginning of an unusable answer, on one line."""
    return " ".join(str(value).split())[:200]
