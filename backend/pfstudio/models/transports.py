"""Where model calls leave a process: the transports of httpx, httpx2, requests/urllib3 and `urllib.request`.

Not covered are raw sockets, `http.client` used directly, child processes and gRPC. aiohttp is not recorded; while calls
are replayed, its model calls are refused.
"""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import cache, wraps
from typing import Any

from pfstudio.models.exchanges import SentCall, StoredAnswer, is_model_call, is_readable, received, sent_call
from pfstudio.models.import_hooks import patch_when_imported
from pfstudio.models.interception import REUSED_HEADER, CallKeeper, CallNotRecorded, current_keeper

_log = logging.getLogger("pfstudio.models")


@cache
def watch_transports() -> None:
    """Let the current keeper see the model calls of each library, from its import on."""
    patch_when_imported(
        {
            "httpx._transports.default": _patch_httpx,
            "httpx2._transports.default": _patch_httpx,
            "pfstudio.models.demo.transport": _patch_demo,
            "urllib3.connectionpool": _patch_urllib3,
            "urllib.request": _patch_urllib,
            "aiohttp.client": _patch_aiohttp,
        }
    )


def _headers(answer: StoredAnswer) -> dict[str, str]:
    return {"content-type": answer.content_type, **({REUSED_HEADER: "1"} if answer.reused else {})}


def _patch_httpx(module: Any) -> None:
    """`module` is that of httpx or httpx2; they are alike."""
    _patch_sync(module, module.HTTPTransport)
    _patch_async(module, module.AsyncHTTPTransport)


def _patch_demo(module: Any) -> None:
    _patch_sync(module.httpx2, module.DemoTransport)


def _httpx_call(request: Any, body: bytes) -> SentCall:
    return sent_call(request.method, str(request.url), request.headers.items(), body)


def _patch_sync(module: Any, transport: Any) -> None:
    send = transport.handle_request

    @wraps(send)
    def handle_request(self: Any, request: Any) -> Any:
        keeper = current_keeper()
        if keeper is None or not is_model_call(request.method, request.url.path):
            return send(self, request)
        call = _httpx_call(request, request.read())
        answer = keeper.answer(call)
        if answer is not None:
            return module.Response(answer.status, headers=_headers(answer), stream=streams[0](answer.pieces()))
        response = send(self, request)
        kept = _Kept(keeper, call, response.status_code, response.headers)
        response.stream = streams[1](kept, response.stream)
        return response

    streams = _sync_streams(module)
    transport.handle_request = handle_request


def _patch_async(module: Any, transport: Any) -> None:
    send = transport.handle_async_request

    @wraps(send)
    async def handle_async_request(self: Any, request: Any) -> Any:
        keeper = current_keeper()
        if keeper is None or not is_model_call(request.method, request.url.path):
            return await send(self, request)
        call = _httpx_call(request, await request.aread())
        answer = keeper.answer(call)
        if answer is not None:
            return module.Response(answer.status, headers=_headers(answer), stream=streams[0](answer.pieces()))
        response = await send(self, request)
        kept = _Kept(keeper, call, response.status_code, response.headers)
        response.stream = streams[1](kept, response.stream)
        return response

    streams = _async_streams(module)
    transport.handle_async_request = handle_async_request


class _Kept:
    """Puts an answer together while it is read, and gives it to the keeper once."""

    def __init__(self, keeper: CallKeeper, call: SentCall, status: int, headers: Mapping[str, str]) -> None:
        self._keeper = keeper
        self._call = call
        self._status = status
        self._headers = {name.lower(): value for name, value in headers.items()}
        self._parts: list[bytes] | None = [] if is_readable(self._headers.get("content-encoding", "")) else None
        if self._parts is None:
            _log.warning("An answer to %s is compressed in a way that cannot be kept.", call)

    def add(self, part: bytes) -> None:
        if self._parts is not None:
            self._parts.append(part)

    def broke(self) -> None:
        """It ended before its time: there is nothing to keep."""
        self._parts = None

    def ended(self, *, whole: bool) -> None:
        """Nobody reads on. Of a stream what was read is all that its reader needs; half of anything else is nothing."""
        parts, self._parts = self._parts, None
        if parts is None or not (whole or "event-stream" in self._headers.get("content-type", "")):
            return
        self._keeper.keep(self._call, received(self._status, self._headers, b"".join(parts), self._call))


def _sync_streams(module: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The classes of answers that are played back, and of those that are kept."""

    class Played(module.SyncByteStream):  # type: ignore[misc]  # The library's class is known when it is imported.
        def __init__(self, pieces: Iterator[bytes]) -> None:
            self._pieces = pieces

        def __iter__(self) -> Iterator[bytes]:
            yield from self._pieces

    class Kept(module.SyncByteStream):  # type: ignore[misc]  # As above.
        def __init__(self, kept: _Kept, stream: Any) -> None:
            self._kept = kept
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            try:
                for part in self._stream:
                    self._kept.add(part)
                    yield part
            except Exception:
                self._kept.broke()
                raise
            self._kept.ended(whole=True)

        def close(self) -> None:
            self._kept.ended(whole=False)
            self._stream.close()

    return Played, Kept


def _async_streams(module: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    class Played(module.AsyncByteStream):  # type: ignore[misc]  # The library's class is known when it is imported.
        def __init__(self, pieces: Iterator[bytes]) -> None:
            self._pieces = pieces

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in self._pieces:
                yield piece

    class Kept(module.AsyncByteStream):  # type: ignore[misc]  # As above.
        def __init__(self, kept: _Kept, stream: Any) -> None:
            self._kept = kept
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            try:
                async for part in self._stream:
                    self._kept.add(part)
                    yield part
            except Exception:
                self._kept.broke()
                raise
            self._kept.ended(whole=True)

        async def aclose(self) -> None:
            self._kept.ended(whole=False)
            await self._stream.aclose()

    return Played, Kept


def _patch_urllib3(module: Any) -> None:
    """What requests and botocore use, too. A kept answer is read as a whole before the caller sees it."""
    pool, inside = module.HTTPConnectionPool, threading.local()
    send = pool.urlopen

    @wraps(send)
    def urlopen(self: Any, method: str, url: str, body: Any = None, headers: Any = None, **more: Any) -> Any:
        keeper = current_keeper()
        data = body.encode() if isinstance(body, str) else body
        is_outer = not getattr(inside, "urlopen", False)  # It calls itself to try again or to follow a redirect.
        is_call = is_outer and is_model_call(method, url) and isinstance(data, bytes | None)
        if keeper is None or keeper.is_aside or not is_call:
            return send(self, method, url, body, headers, **more)
        address = url if "://" in url else f"{self.scheme}://{self.host}:{self.port}{url}"
        call = sent_call(method, address, (headers or self.headers or {}).items(), data or b"")
        answer = keeper.answer(call)
        if answer is not None:
            return _urllib3_response(answer.status, _headers(answer), answer.body, method, more)
        inside.urlopen = True
        try:
            response = send(self, method, url, body, headers, **{**more, "preload_content": False})
        finally:
            inside.urlopen = False
        content = response.read(decode_content=True)
        plain = {
            name: value
            for name, value in response.headers.items()
            if name.lower() not in ("content-encoding", "transfer-encoding", "content-length")
        }
        response.release_conn()
        keeper.keep(call, received(response.status, {k.lower(): v for k, v in plain.items()}, content, call))
        return _urllib3_response(response.status, plain, content, method, more)

    pool.urlopen = urlopen


def _urllib3_response(status: int, headers: Mapping[str, str], body: bytes, method: str, given: Any) -> Any:
    from http.client import responses

    from urllib3.response import HTTPResponse  # type: ignore[import-not-found,unused-ignore]  # The caller has it.

    return HTTPResponse(
        body=io.BytesIO(body),
        headers=headers,
        status=status,
        reason=responses.get(status, ""),
        preload_content=given.get("preload_content", True),
        request_method=method,
    )


def _patch_urllib(module: Any) -> None:
    handler = module.AbstractHTTPHandler
    send = handler.do_open

    @wraps(send)
    def do_open(self: Any, http_class: Any, req: Any, **more: Any) -> Any:
        keeper = current_keeper()
        data = req.data
        is_call = is_model_call(req.get_method(), req.selector) and isinstance(data, bytes | None)
        if keeper is None or keeper.is_aside or not is_call:
            return send(self, http_class, req, **more)
        call = sent_call(req.get_method(), req.full_url, req.header_items(), data or b"")
        answer = keeper.answer(call)
        if answer is not None:
            return _urllib_response(answer.status, _headers(answer), answer.body, req)
        with send(self, http_class, req, **more) as response:
            content = response.read()
            headers = {name.lower(): value for name, value in response.headers.items()}
        keeper.keep(call, received(response.status, headers, content, call))
        plain = {name: value for name, value in headers.items() if name not in ("transfer-encoding", "content-length")}
        return _urllib_response(response.status, plain, content, req)

    handler.do_open = do_open


def _urllib_response(status: int, headers: Mapping[str, str], body: bytes, request: Any) -> Any:
    from http.client import HTTPResponse, responses

    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} {responses.get(status, '')}\r\n{fields}content-length: {len(body)}\r\n\r\n"
    response: Any = HTTPResponse(_Replayed(head.encode("latin-1", "replace") + body), method="POST")  # type: ignore[arg-type]  # All it wants of a socket is `makefile`.
    response.begin()
    response.url, response.msg = request.full_url, response.reason
    return response


class _Replayed:
    """As much of a socket as an HTTP answer is read from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._content)


def _patch_aiohttp(module: Any) -> None:
    send = module.ClientSession._request

    @wraps(send)
    async def request(self: Any, method: str, str_or_url: Any, **more: Any) -> Any:
        keeper = current_keeper()
        if keeper is not None and not keeper.is_aside and is_model_call(method, str(str_or_url)):
            if keeper.is_offline:
                raise CallNotRecorded(
                    f"The model call {method} {str_or_url} is made with aiohttp, whose calls are not recorded."
                )
            _log.warning("A model call made with aiohttp is not kept: %s", str_or_url)
        return await send(self, method, str_or_url, **more)

    module.ClientSession._request = request
