"""Calls to model servers that speak OpenAI's protocol: OpenAI, Azure OpenAI and any compatible one."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pfstudio.models import pauses
from pfstudio.models.certificates import tls_context
from pfstudio.models.deadline import current_deadline
from pfstudio.models.endpoint import Endpoint
from pfstudio.models.errors import LLMError, ModelError, WrappedOpenAIError
from pfstudio.models.interception import REUSED_HEADER, CallNotRecorded, UnrecordedCallError
from pfstudio.models.refusals import (
    TIMED_OUT,
    UNREACHABLE,
    CallPlace,
    Refusal,
    error_of,
    refusal_of_answer,
    words_of,
)
from pfstudio.models.sse import events
from pfstudio.tracing.tracer import current_node_trace

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")

_log = logging.getLogger("pfstudio.models")
MOST_TRIES: Final = 100
_MOST_UNPROCESSABLE: Final = 3
_MOST_UNREACHABLE: Final = 3
_LONGEST_WAIT: Final = 60.0
_LONGEST_TRY: Final = 600.0
_LARGEST_ANSWER: Final = 64 * 2**20


class ModelClient:
    """One model server. Safe to use from many threads; keeps its connections open.

    When the server says 429, every call to it waits, so that the whole run slows down and not one line.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._server = f"{endpoint.base_url} {endpoint.key}"
        self._takes_stream_options = endpoint.provider == "OpenAI"
        self._http = _open_http(endpoint)

    @property
    def _paused_until(self) -> float:
        return pauses.paused_until(self._server)

    def call(
        self, api: str, body: Mapping[str, Any], *, node: str | None = None, tries: int = MOST_TRIES
    ) -> ModelAnswer:
        """The server's whole answer to a request of `chat`, `completion` or `embedding`.

        Passing refusals are tried again until the line's time is over.

        Raises:
            WrappedOpenAIError: the server refused, or could not be reached.
            LLMError: the answer is not what the interface gives.
        """
        place = CallPlace(self.endpoint, str(body.get("model", "")), node)
        deadline = current_deadline()
        response, raw = self._with_tries(place, deadline, lambda: self._whole(api, body, place, deadline), most=tries)
        return ModelAnswer(_json_object(raw, place), reused=REUSED_HEADER in response.headers)

    def stream(
        self, api: str, body: Mapping[str, Any], *, node: str | None = None, tries: int = MOST_TRIES
    ) -> ModelPieces:
        """The pieces of an answer as they come. The request is made at once; raises as `call` does."""
        place = CallPlace(self.endpoint, str(body.get("model", "")), node)
        deadline = current_deadline()
        try:
            response = self._with_tries(
                place, deadline, lambda: self._send(api, self._with_usage(body), place, deadline), most=tries
            )
        except WrappedOpenAIError as error:
            if error.status != 400 or "stream_options" not in error.message:
                raise
            self._takes_stream_options = False
            response = self._with_tries(place, deadline, lambda: self._send(api, body, place, deadline), most=tries)
        return ModelPieces(self._pieces(response, place), reused=REUSED_HEADER in response.headers)

    def model_names(self) -> list[str]:
        """The models the server says it has; one try."""
        place = CallPlace(self.endpoint, "")
        request = self._http.build_request(
            "GET", self.endpoint.url("models", ""), headers=self.endpoint.headers(), timeout=15
        )
        try:
            raw = self._read(self._exchange(request), time.monotonic() + 15)
        except _TryFailedError as failed:
            raise error_of(failed.refusal, place) from None
        data = _json_object(raw, place).get("data")
        return [str(item["id"]) for item in data if isinstance(item, dict) and "id" in item] if data else []

    def close(self) -> None:
        self._http.close()

    def _with_usage(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**body, "stream_options": {"include_usage": True}} if self._takes_stream_options else body

    def _whole(
        self, api: str, body: Mapping[str, Any], place: CallPlace, deadline: float
    ) -> tuple[httpx2.Response, bytes]:
        response = self._send(api, body, place, deadline)
        return response, self._read(response, deadline)

    def _send(self, api: str, body: Mapping[str, Any], place: CallPlace, deadline: float) -> httpx2.Response:
        left = max(0.05, min(deadline - time.monotonic(), _LONGEST_TRY))
        try:
            request = self._http.build_request(
                "POST",
                self.endpoint.url(api, place.model),
                headers=self.endpoint.headers(),
                content=json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace"),
                timeout=left,
            )
        except ModelError:
            raise
        except Exception as error:  # A key that is no header text, an address that is none.
            raise LLMError(
                type(error).__name__,
                f"No request can be made ({place}). Check the connection's key and its address "
                f"'{self.endpoint.shown_address}'.",
            ) from None
        try:
            return self._exchange(request)
        except CallNotRecorded as miss:
            raise UnrecordedCallError(str(miss), place.node) from None

    def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        import httpx2

        try:
            response = self._http.send(request, stream=True)
            if response.status_code == 200:
                return response
            body = self._read(response, time.monotonic() + 30)
        except httpx2.TimeoutException as error:
            reached = not isinstance(error, httpx2.ConnectTimeout)
            raise _TryFailedError(Refusal(TIMED_OUT, "Request timed out.", reached=reached)) from error
        except (httpx2.ConnectError, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError) as error:
            raise _TryFailedError(Refusal(UNREACHABLE, f"Connection error. {error}", reached=False)) from error
        except httpx2.TransportError as error:
            raise _TryFailedError(Refusal(UNREACHABLE, f"Connection error. {error}")) from error
        raise _TryFailedError(
            refusal_of_answer(response.status_code, response.headers, body.decode("utf-8", "replace"))
        )

    def _read(self, response: httpx2.Response, deadline: float) -> bytes:
        import httpx2

        parts: list[bytes] = []
        size = 0
        try:
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > _LARGEST_ANSWER:
                    raise _TryFailedError(Refusal("APIError", f"The answer is larger than {_LARGEST_ANSWER} bytes."))
                if time.monotonic() > deadline:
                    raise _TryFailedError(Refusal(TIMED_OUT, "Request timed out."))
        except httpx2.TimeoutException as error:
            raise _TryFailedError(Refusal(TIMED_OUT, "Request timed out.")) from error
        except httpx2.HTTPError as error:
            raise _TryFailedError(Refusal(UNREACHABLE, f"Connection error. {error}")) from error
        finally:
            response.close()
        return b"".join(parts)

    def _pieces(self, response: httpx2.Response, place: CallPlace) -> Iterator[dict[str, Any]]:
        import httpx2

        try:
            if "event-stream" not in response.headers.get("content-type", "event-stream"):
                # A server that does not stream answers in one piece.
                yield _json_object(response.read(), place)
                return
            for data in events(response.iter_lines()):
                piece = _json_object(data.encode(), place)
                if "error" in piece:
                    raise error_of(refusal_of_answer(500, {}, data), place)
                yield piece
        except httpx2.HTTPError as error:
            kind = TIMED_OUT if isinstance(error, httpx2.TimeoutException) else UNREACHABLE
            raise error_of(Refusal(kind, "The answer broke off before its end."), place) from error
        finally:
            response.close()

    def _with_tries(self, place: CallPlace, deadline: float, attempt: Callable[[], T], *, most: int) -> T:
        tries = unprocessable = unreachable = 0
        while True:
            self._wait_while_paused(deadline)
            try:
                return attempt()
            except _TryFailedError as failed:
                refusal = failed.refusal
            unprocessable = unprocessable + 1 if refusal.status == 422 else 0
            unreachable = unreachable + 1 if not refusal.reached else 0
            if not refusal.is_passing:
                raise error_of(refusal, place)
            wait = refusal.retry_after if refusal.retry_after is not None else min(2 + 2.0**tries, _LONGEST_WAIT)
            tries += 1
            left = deadline - time.monotonic() - wait
            if reason := _why_no_more(tries, unprocessable, unreachable, left, most=most):
                raise error_of(refusal, place, gave_up=reason)
            said = self.endpoint.scrub(refusal.message)
            _warn(f"{place}: {said} Trying again in {wait:.0f} s (try {tries + 1}).")
            if refusal.status == 429:
                pauses.pause(self._server, time.monotonic() + wait)
            time.sleep(wait)

    def _wait_while_paused(self, deadline: float) -> None:
        wait = min(self._paused_until, deadline) - time.monotonic()
        if wait > 0:
            time.sleep(wait)


class ModelAnswer(dict[str, Any]):
    """A whole answer. `reused` says that an earlier run has paid for it."""

    def __init__(self, fields: Mapping[str, Any], *, reused: bool = False) -> None:
        super().__init__(fields)
        self.reused = reused


class ModelPieces(Iterator[dict[str, Any]]):
    """The pieces of an answer, as they come."""

    def __init__(self, pieces: Iterator[dict[str, Any]], *, reused: bool = False) -> None:
        self._pieces = pieces
        self.reused = reused

    def __next__(self) -> dict[str, Any]:
        return next(self._pieces)

    def close(self) -> None:
        """Read no further; the server may stop."""
        if isinstance(self._pieces, Generator):
            self._pieces.close()


def _warn(text: str) -> None:
    """Tell whoever watches the node that calls; without one, the log of this module."""
    trace = current_node_trace()
    if trace is not None and trace.log is not None:
        trace.log("warning", text, trace.node)
    else:
        _log.warning("%s", text)


class SurroundingsError(ModelError):
    """What the environment says of certificates or proxies cannot be used."""

    def __init__(self, cause: Exception) -> None:
        names = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
        given = [name for name in names if os.environ.get(name) or os.environ.get(name.lower())]
        super().__init__(
            f"No connection to a model server can be opened: {cause}. Check {', '.join(given) or 'the certificates'}."
        )


class _TryFailedError(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def _why_no_more(tries: int, unprocessable: int, unreachable: int, left: float, *, most: int) -> str | None:
    times = "one try" if tries == 1 else f"{tries} tries"
    if unprocessable > _MOST_UNPROCESSABLE or unreachable >= _MOST_UNREACHABLE or tries >= most:
        return f"Gave up after {times}."
    return f"Gave up after {times}, because the time of this line is over." if left <= 0 else None


def _json_object(raw: bytes, place: CallPlace) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except ValueError as error:
        answer, kind = raw.decode("utf-8", "replace"), type(error).__name__
    else:
        kind = "TypeError"
    if isinstance(answer, dict):
        return answer
    raise unusable_answer(kind, answer, place)


def unusable_answer(kind: str, answer: Any, place: CallPlace) -> LLMError:
    """The error for an answer that is not of the interface's shape."""
    said = place.endpoint.scrub(words_of(answer))
    return LLMError(
        kind,
        f"The answer is not what the interface gives: {said!r} ({place}). "
        f"Check that {place.endpoint.shown_address} is a server of OpenAI's protocol.",
    )


def _open_http(endpoint: Endpoint) -> httpx2.Client:
    import httpx2

    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=64)
    transport: httpx2.BaseTransport | None = None
    if endpoint.base_url.startswith("demo:"):
        from pfstudio.models.demo.transport import DemoTransport

        transport = DemoTransport()
    elif endpoint.base_url.startswith("http://") and not _has_proxy():
        # Reading the certificates of this machine takes long, which a server without TLS does not need.
        transport = httpx2.HTTPTransport(verify=False, limits=limits)
    try:
        verify = False if transport is not None else tls_context()
        return httpx2.Client(transport=transport, verify=verify, limits=limits, headers={"User-Agent": "pfstudio"})
    except (OSError, ValueError) as error:  # Certificates that are not there or are none, an address of no proxy.
        raise SurroundingsError(error) from error


def _has_proxy() -> bool:
    return any(name.lower().endswith("_proxy") and value for name, value in os.environ.items())


_clients: dict[tuple[int, Endpoint], ModelClient] = {}
_clients_lock = threading.Lock()


def client_of(endpoint: Endpoint) -> ModelClient:
    """The one client of an endpoint in this process; a forked child gets its own."""
    key = (os.getpid(), endpoint)
    with _clients_lock:
        if key not in _clients:
            _clients[key] = ModelClient(endpoint)
        return _clients[key]
