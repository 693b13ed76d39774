"""The guard of every request, HTTP and WebSocket, before its body is read and before any route sees it.

Everything below `/api` and `/git` and every WebSocket is refused unless it is signed in, except the few calls of
`OPEN_CALLS`. The pages themselves are open: they hold nothing of anybody. What a personal token's scope lets it do is
held against every request here, and nowhere else.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hmac
from collections.abc import Mapping
from urllib.parse import unquote

from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pfstudio.accounts.actor import Role
from pfstudio.accounts.errors import AuthorRequiredError, NotSignedInError, TokenScopeError
from pfstudio.accounts.sessions import Identity, identify_cookie, identify_token, note_use
from pfstudio.accounts.tokens import TokenScope, csrf_token
from pfstudio.errors import ForbiddenError, InvalidError, NotFoundError, PromptflowException, UnauthenticatedError
from pfstudio.server.addresses import Seen, is_allowed_host, see
from pfstudio.server.cookies import session_token
from pfstudio.server.deps import Studio
from pfstudio.server.errors import problem_response

SAFE_METHODS = frozenset(["GET", "HEAD"])
OPEN_CALLS = frozenset(
    [
        ("GET", "/api/health"),
        ("GET", "/api/version"),
        ("POST", "/api/auth/session"),
        ("POST", "/api/auth/token"),
        ("POST", "/api/auth/link"),
        ("POST", "/api/auth/link/read"),
        ("GET", "/api/auth/oidc"),
        ("GET", "/api/auth/oidc/start"),
        ("GET", "/api/auth/oidc/callback"),
        ("GET", "/api/auth/oidc/sign-out"),
    ]
)
CSRF_PROTOCOL = "csrf."
# What a viewer may call although it is no GET: nothing of it changes anything that belongs to somebody.
VIEWER_CALLS = ("/api/auth/", "/api/events/", "/api/sessions/", "/api/tokens")
# What a token that only reads may call although it is no GET.
READING_CALLS = ("/api/events/",)


class UnknownHostError(InvalidError):
    def __init__(self, host: str) -> None:
        super().__init__(
            f"The studio is not reached under the name '{host[:100]}'. If it should be, name it in "
            "PFSTUDIO_ALLOWED_HOSTS."
        )


class ForeignOriginError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__("This request was not made by the studio's own pages.")


class CsrfError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__("The header X-CSRF-Token is missing or belongs to another session. Reload the page.")


class GitSignInError(UnauthenticatedError):
    code = "not_signed_in"
    challenge = 'Basic realm="pfstudio", charset="UTF-8"'

    def __init__(self) -> None:
        super().__init__("Sign in with your user name and a personal token as the password. Account makes tokens.")


class Guard:
    """Checks Host, Origin, CSRF token and sign-in; passes on who asks as `scope["pfstudio.actor"]`."""

    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self._app = app
        self._studio = studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            seen = see(scope, self._studio.settings)
            scope["pfstudio.seen"] = seen
            if scope.get("client"):
                scope["client"] = (seen.client, scope["client"][1])
            await self._check(scope, seen)
        except PromptflowException as error:
            await _refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _check(self, scope: Scope, seen: Seen) -> None:
        path = self._path(scope)
        if any(character < " " or character == "\x7f" for character in path):
            # Routing reads "flow/\n" as "flow/", so such an address could mean another thing than it says.
            raise NotFoundError("There is nothing at an address with control characters.")
        if not is_allowed_host(seen.host, self._studio.settings):
            raise UnknownHostError(seen.host)
        headers = Headers(scope=scope)
        if scope["type"] == "websocket":
            await self._check_socket(scope, headers, seen)
            return
        if path.startswith("/git/"):
            await self._check_git(scope, headers, path)
            return
        method = scope["method"]
        if method not in SAFE_METHODS:
            _require_own_origin(headers, seen)
        if not (path == "/api" or path.startswith("/api/")):
            if method not in SAFE_METHODS:
                raise NotFoundError("There is nothing here that could be changed.")
            return
        if ("GET" if method == "HEAD" else method, path) in OPEN_CALLS:
            return
        identity, cookie = await self._identify(headers, seen)
        if identity is None:
            raise NotSignedInError
        _require_scope(identity, reads=method in SAFE_METHODS or path.startswith(READING_CALLS))
        if method not in SAFE_METHODS:
            if cookie is not None:
                _require_csrf_token(headers, cookie)
            if identity.actor.role is Role.VIEWER and not path.startswith(VIEWER_CALLS):
                raise AuthorRequiredError(identity.actor.username)
        _remember(scope, identity, cookie)

    async def _check_socket(self, scope: Scope, headers: Headers, seen: Seen) -> None:
        if headers.getlist("origin") != [seen.origin]:
            raise ForeignOriginError
        identity, cookie = await self._identify(headers, seen)
        if identity is None:
            raise NotSignedInError
        if cookie is not None:
            _require_csrf_token({"x-csrf-token": _offered_csrf_token(scope)}, cookie)
        _require_scope(identity, reads=False)
        identity.actor.require_author()  # Whatever a socket carries changes something.
        _remember(scope, identity, cookie)

    async def _check_git(self, scope: Scope, headers: Headers, path: str) -> None:
        """Let git in by a personal token, which stands as the password of any name; never by a cookie, nor a page."""
        if "origin" in headers or any(name.startswith("sec-fetch-") for name in headers):
            raise ForeignOriginError
        given = headers.getlist("authorization")
        token = _token_for_git(given[0]) if len(given) == 1 else None
        identity = await run_in_threadpool(self._look_up, token, None) if token else None
        if identity is None:
            raise GitSignInError
        query = scope.get("query_string", b"").decode("latin-1")
        pushes = "git-receive-pack" in path or "receive-pack" in unquote(query)
        _require_scope(identity, reads=not pushes, git=True)
        _remember(scope, identity, None)

    async def _identify(self, headers: Headers, seen: Seen) -> tuple[Identity | None, str | None]:
        """Who asks, and the session's secret where it was a cookie that said so. A token is never mixed with one."""
        if "authorization" in headers:
            kind, _, token = headers["authorization"].partition(" ")
            if kind.lower() != "bearer" or len(headers.getlist("authorization")) > 1:
                return None, None
            return await run_in_threadpool(self._look_up, token.strip(), None), None
        cookie = session_token("; ".join(headers.getlist("cookie")), seen)
        if not cookie:
            return None, None
        return await run_in_threadpool(self._look_up, None, cookie), cookie

    def _look_up(self, token: str | None, cookie: str | None) -> Identity | None:
        database = self._studio.database
        with database.read() as session:
            identity = identify_token(session, token) if token is not None else identify_cookie(session, cookie or "")
        if identity is not None and identity.note_use:
            # Nobody is kept out because the database is busy: the next request notes it.
            with contextlib.suppress(OperationalError), database.write() as session:
                note_use(session, identity)
        return identity

    def _path(self, scope: Scope) -> str:
        path: str = scope["path"]
        return path.removeprefix(scope.get("root_path", ""))


def _require_own_origin(headers: Headers, seen: Seen) -> None:
    """Refuse what another site's page sends.

    Browsers name the origin of every request that is not a plain GET. Scripts do not; without a cookie they may.
    """
    origins = headers.getlist("origin")
    is_browser = "cookie" in headers or any(name.startswith("sec-fetch-") for name in headers)
    if origins == [seen.origin]:
        return
    if origins or (is_browser and "authorization" not in headers):
        raise ForeignOriginError


def _require_scope(identity: Identity, *, reads: bool, git: bool = False) -> None:
    """Refuse what a token's scope does not cover. Browser sessions have none: they may all that their user may."""
    covered = {
        None: True,
        TokenScope.WRITE: True,
        TokenScope.READ: reads,
        TokenScope.GIT: git,
    }[identity.scope]
    if not covered and identity.scope is not None:
        raise TokenScopeError(identity.scope)


def _token_for_git(authorization: str) -> str | None:
    """The password of `Basic`, or what follows `Bearer`."""
    kind, _, given = authorization.partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return None


def _require_csrf_token(headers: Mapping[str, str], cookie: str) -> None:
    given = headers.get("x-csrf-token", "")
    if not hmac.compare_digest(given.encode(), csrf_token(cookie).encode()):
        raise CsrfError


def _offered_csrf_token(scope: Scope) -> str:
    """Pages cannot give a WebSocket headers, so the token is among the protocols that they offer."""
    offered: list[str] = scope.get("subprotocols", [])
    return next((name.removeprefix(CSRF_PROTOCOL) for name in offered if name.startswith(CSRF_PROTOCOL)), "")


def _remember(scope: Scope, identity: Identity, cookie: str | None) -> None:
    scope["pfstudio.actor"] = identity.actor
    scope["pfstudio.identity"] = identity
    scope["pfstudio.session_token"] = cookie


async def _refuse(error: PromptflowException, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # Closed before it was accepted: the server answers the handshake with 403.
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    response = problem_response(error)
    if scope["method"] not in SAFE_METHODS:
        response.headers["Connection"] = "close"  # Its body is not read.
    await response(scope, receive, send)
