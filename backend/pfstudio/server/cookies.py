"""The cookie of a signed-in browser."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import cookie_parser
from starlette.responses import Response

from pfstudio.accounts.sessions import SESSION_LIFETIME
from pfstudio.server.addresses import Seen, port_of


def cookie_name(seen: Seen) -> str:
    """Cookies do not tell ports apart, so the name does: two studios on one machine sign nobody out of the other."""
    port = port_of(seen.host)
    name = f"pfstudio_session_{port}" if port else "pfstudio_session"
    return f"__Secure-{name}" if seen.scheme == "https" else name


def session_token(cookie_header: str, seen: Seen) -> str | None:
    """The session's secret in a `Cookie` header."""
    return cookie_parser(cookie_header).get(cookie_name(seen))


def set_session_cookie(response: Response, token: str, seen: Seen, base_path: str) -> None:
    """Sign the browser in. Scripts cannot read the cookie, and other sites' forms do not send it."""
    _set(response, token, seen, base_path, SESSION_LIFETIME)


def clear_session_cookie(response: Response, seen: Seen, base_path: str) -> None:
    """Make the browser forget its cookie."""
    _set(response, "", seen, base_path, timedelta(0))


def _set(response: Response, token: str, seen: Seen, base_path: str, lifetime: timedelta) -> None:
    response.set_cookie(
        cookie_name(seen),
        token,
        max_age=int(lifetime.total_seconds()),
        path=base_path or "/",
        secure=seen.scheme == "https",
        httponly=True,
        samesite="lax",
    )
