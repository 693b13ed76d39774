"""Bytes of the share over HTTP: ranges, tags, and headers that keep browsers from running them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pfstudio.share.content import OpenedFile, Precondition, Upload, read_pieces

_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")
_AT_ONCE = 1 << 20
_BATCH = 1 << 20
# Pictures that browsers show and cannot run; all else is text or bytes, whatever it is called.
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_TEXTS = frozenset(
    {"cfg", "css", "csv", "env", "htm", "html", "ini", "j2", "jinja", "jinja2", "js", "json", "jsonl", "log", "md"}
    | {"prompty", "py", "rst", "sh", "svg", "toml", "ts", "tsv", "txt", "xml", "yaml", "yml"}
)


@dataclass(frozen=True, slots=True)
class RequestConditions:
    """What the request says about the version and the part it wants."""

    range: str | None
    if_range: str | None
    if_match: str | None
    if_none_match: str | None
    is_head: bool

    @classmethod
    def of(cls, request: Request) -> RequestConditions:
        get = request.headers.get
        return cls(get("range"), get("if-range"), get("if-match"), get("if-none-match"), request.method == "HEAD")


def content_response(opened: OpenedFile, asked: RequestConditions) -> Response:
    """The file, or the part of it that was asked for; closes the file."""
    headers = _headers(opened)
    if asked.if_none_match is not None and _is_known(opened.entry.etag, asked.if_none_match):
        opened.file.close()
        return Response(status_code=304, headers=headers)
    start, end, status = 0, opened.size, 200
    if asked.range and asked.if_range in (None, opened.entry.etag):
        span = _span(asked.range, opened.size)
        if span == ():
            opened.file.close()
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{opened.size}"})
        if span:
            start, end, status = *span, 206
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{opened.size}"
    media_type = _media_type(opened.entry.name)
    headers["Content-Length"] = str(end - start)
    if asked.is_head:
        opened.file.close()
        return Response(status_code=status, headers=headers, media_type=media_type)
    if end - start <= _AT_ONCE:
        content = b"".join(read_pieces(opened.file, start, end - start))
        headers["Content-Length"] = str(len(content))
        return Response(content, status, headers, media_type)
    return StreamingResponse(read_pieces(opened.file, start, end - start), status, headers, media_type)


@asynccontextmanager
async def receive_body(request: Request, upload: Upload) -> AsyncIterator[Upload]:
    """Write the request's body into `upload`, then give it; closes it at the end, whatever happens."""
    try:
        batch = bytearray()
        async for chunk in request.stream():
            batch += chunk
            if len(batch) >= _BATCH:
                await run_in_threadpool(upload.write, bytes(batch))
                batch.clear()
        await run_in_threadpool(upload.write, bytes(batch))
        yield upload
    finally:
        upload.close()


def _headers(opened: OpenedFile) -> dict[str, str]:
    return {
        "ETag": opened.entry.etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(opened.entry.name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }


def _is_known(etag: str, if_none_match: str) -> bool:
    return not Precondition.from_headers(None, if_none_match).holds(etag)


def _span(header: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """Start and end of a single range; empty where it lies outside the file, None where the header is ignored."""
    match = _RANGE.match(header.strip())
    if match is None or match.group(0) == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size) if length else ()
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    return (start, end) if start < size else ()


def _media_type(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    if ending in _PICTURES:
        return _PICTURES[ending]
    return "text/plain; charset=utf-8" if ending in _TEXTS else "application/octet-stream"
