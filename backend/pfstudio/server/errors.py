"""The one place where kinds of errors become HTTP answers (RFC 9457, `application/problem+json`)."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pfstudio import errors
from pfstudio.errors import PromptflowException
from pfstudio.kit.ids import new_id
from pfstudio.share.errors import ShareGoneError, ShareReadOnlyError, StudioReadOnlyError, printable

logger = logging.getLogger("pfstudio.server")

MEDIA_TYPE = "application/problem+json"
STATUS_OF_KIND: Mapping[type[PromptflowException], int] = {
    errors.InvalidError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.StaleError: 412,
    errors.TooLargeError: 413,
    errors.RateLimitedError: 429,
    errors.UnavailableError: 503,
    errors.StorageFullError: 507,
    errors.UserErrorException: 400,
    errors.SystemErrorException: 500,
}


_MORE_FIELDS = ("proposal", "offset", "consent")
"""What some errors know beyond their sentence, for whoever goes on from there."""


def status_of(error: PromptflowException | type[PromptflowException]) -> int:
    """The HTTP status of an error, by its kind alone."""
    cls = error if isinstance(error, type) else type(error)
    return next((status for kind, status in STATUS_OF_KIND.items() if issubclass(cls, kind)), 500)


def problem_response(error: PromptflowException) -> JSONResponse:
    """The answer for a known error."""
    headers = {}
    if isinstance(error, errors.RateLimitedError):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.UnauthenticatedError):
        headers["WWW-Authenticate"] = getattr(error, "challenge", "Bearer")
    extra = {"file": error.file, "line": error.line, **{name: getattr(error, name, None) for name in _MORE_FIELDS}}
    return _answer(status_of(error), error.code, str(error), extra, headers)


def unexpected_response(error: BaseException, what: str) -> JSONResponse:
    """The answer for an error nobody foresaw; the log has the trace under the number that the answer names."""
    number = new_id(8)
    logger.error("Unexpected error %s in %s", number, what, exc_info=error)
    detail = f"Something went wrong in the studio itself. Its log says more under the number {number}."
    return _answer(500, "unexpected", detail, {"number": number})


def error_responses(*classes: type[PromptflowException]) -> dict[int | str, dict[str, Any]]:
    """What a route says in OpenAPI about the errors it answers with."""
    codes: dict[int, list[str]] = {}
    for cls in classes:
        codes.setdefault(status_of(cls), []).append(f"`{cls.code}`")
    return {status: {"description": ", ".join(names), "content": problem_content()} for status, names in codes.items()}


def problem_content() -> dict[str, Any]:
    """The OpenAPI content of every error answer."""
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def install(app: FastAPI) -> None:
    """Make `app` answer with problems for everything its routes raise."""

    @app.exception_handler(PromptflowException)
    def known(request: Request, error: PromptflowException) -> JSONResponse:
        if status_of(error) >= 500:
            logger.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
        return problem_response(error)

    @app.exception_handler(OSError)
    def storage(request: Request, error: OSError) -> JSONResponse:
        known = _of_storage(error, request)
        if known is None:
            raise error
        logger.error("%s %s: %s", request.method, request.url.path, error)
        return problem_response(known)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = [
            {"field": ".".join(map(str, item["loc"][1:])) or str(item["loc"][0]), "message": str(item["msg"])}
            for item in error.errors()
        ]
        detail = " ".join(f"'{item['field']}': {item['message'].rstrip('.')}." for item in found[:5])
        return _answer(400, "invalid_request", detail, {"errors": found})

    @app.exception_handler(ClientDisconnect)
    def gone(_request: Request, _error: ClientDisconnect) -> Response:
        return Response(status_code=400)  # Nobody reads it.

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        code = phrase.lower().replace(" ", "_")
        detail = error.detail if error.detail and error.detail != phrase else f"{phrase}."
        return _answer(error.status_code, code, detail, {}, error.headers)


def _of_storage(error: OSError, request: Request) -> PromptflowException | None:
    """The sentence for a disk that is full, read-only or gone, wherever that came up; None for another mishap."""
    studio = request.app.state.studio
    if "share" in vars(studio) and studio.share.disk.is_gone:
        return ShareGoneError()
    if error.errno == errno.EROFS:
        return ShareReadOnlyError(request.path_params.get("path"))
    return StudioReadOnlyError() if error.errno in (errno.ENOSPC, errno.EDQUOT) else None


def _answer(
    status: int,
    code: str,
    detail: str,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    shown = "\n".join(printable(line) for line in detail.split("\n"))
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": shown, "code": code}
    body.update({key: value for key, value in (extra or {}).items() if value is not None})
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)
