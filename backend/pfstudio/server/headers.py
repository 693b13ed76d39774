"""The headers that every answer bears, and the answer where something unforeseen was raised."""

from __future__ import annotations

import asyncio
import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pfstudio.server.errors import unexpected_response

# A user's bytes, opened in a window of their own, may do nothing there.
_SANDBOXED_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
_OWN_TYPES = ("application/json", "application/problem+json", "text/event-stream")


def content_security_policy(nonce: str) -> str:
    """What our own pages may load: our files, and styles that bear the nonce. A frame shows only what a page has made
    itself: so a PDF gets to the browser's own viewer, which is a process apart."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src blob:; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


class SecurityHeaders:
    """Outermost of all: no answer, not even that to an unforeseen error, leaves without these headers."""

    def __init__(self, app: ASGIApp, stopping: asyncio.Event) -> None:
        self._app = app
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope["pfstudio.nonce"] = nonce
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                _protect(headers, scope, nonce)
                if self._stopping.is_set():
                    headers["Connection"] = "close"  # The next request goes to this process's successor.
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if started:
                raise
            response = unexpected_response(error, f"{scope['method']} {scope['path']}")
            await response(scope, receive, send_with_headers)


def _protect(headers: MutableHeaders, scope: Scope, nonce: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    for name in [name for name in headers if name.lower().startswith("access-control-")]:
        del headers[name]
    is_api = scope["path"].removeprefix(scope.get("root_path", "")).startswith("/api")
    if is_api:
        headers.setdefault("Cache-Control", "no-store")
    media_type = headers.get("content-type", "")
    if is_api and media_type and not media_type.startswith(_OWN_TYPES):
        headers["Content-Security-Policy"] = _SANDBOXED_POLICY
        if not headers.get("content-disposition", "").lower().startswith("attachment"):
            headers["Content-Disposition"] = "attachment"
    else:
        headers["Content-Security-Policy"] = content_security_policy(nonce)
