"""Signing in at an OpenID Connect provider. The browser goes there and comes back, so answers are redirections."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from starlette.requests import HTTPConnection

from pfstudio.accounts import oidc, sessions
from pfstudio.accounts.actor import Role
from pfstudio.accounts.errors import AccountDisabledError, TooManySignInsError
from pfstudio.accounts.oidc import RoleRules
from pfstudio.accounts.oidc_errors import OidcNotConfiguredError, OidcPendingError, OidcUnreachableError
from pfstudio.accounts.oidc_provider import Pending, Provider
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.errors import PromptflowException
from pfstudio.server import oidc_cookies
from pfstudio.server.addresses import Seen
from pfstudio.server.cookies import session_token, set_session_cookie
from pfstudio.server.deps import CurrentActor, RequestSeen, Studio, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.oidc import OidcLinkRead, OidcRead

logger = logging.getLogger("pfstudio.server")
router = APIRouter(prefix="/auth/oidc", tags=["auth"])

_MOST_AT_ONCE = 8
_asking = threading.BoundedSemaphore(_MOST_AT_ONCE)
_REDIRECTION: dict[int | str, dict[str, Any]] = {302: {"description": "Where the browser goes on."}}


@router.get("")
async def read_oidc(connection: HTTPConnection, studio: StudioState, seen: RequestSeen) -> OidcRead:
    """Whether people may sign in at a provider, and what it is called."""
    if studio.oidc is None:
        return OidcRead(name=None, signed_in=False)
    return OidcRead(name=studio.settings.oidc_name, signed_in=oidc_cookies.is_signed_in(connection, seen))


@router.get(
    "/start",
    response_class=RedirectResponse,
    status_code=302,
    responses={**_REDIRECTION, **error_responses(OidcNotConfiguredError)},
)
def start_oidc(
    studio: StudioState, seen: RequestSeen, then: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> RedirectResponse:
    """Go to the provider to sign in; `next` is the page of the studio to go on with."""
    provider = _provider(studio)
    pending = _begin(studio, seen, then, link_to=None)
    try:
        answer = RedirectResponse(_address_for(provider, pending), status_code=302)
    except PromptflowException as error:
        return _refused(studio, error)
    oidc_cookies.keep_pending(answer, pending, seen, base_path=studio.settings.base_path, vault=studio.vault)
    return answer


@router.post("/link", responses=error_responses(OidcNotConfiguredError, OidcUnreachableError))
def link_oidc(studio: StudioState, seen: RequestSeen, actor: CurrentActor, response: Response) -> OidcLinkRead:
    """Begin to link one's account at the provider to the one that is signed in here."""
    provider = _provider(studio)
    pending = _begin(studio, seen, "/settings", link_to=actor.username)
    address = _address_for(provider, pending)
    oidc_cookies.keep_pending(response, pending, seen, base_path=studio.settings.base_path, vault=studio.vault)
    return OidcLinkRead(address=address)


@router.get(
    "/callback",
    response_class=RedirectResponse,
    status_code=302,
    responses={**_REDIRECTION, **error_responses(OidcNotConfiguredError)},
)
def finish_oidc(connection: HTTPConnection, studio: StudioState, seen: RequestSeen) -> RedirectResponse:
    """Where the provider sends the browser back to. What goes wrong is said on the sign-in page."""
    provider = _provider(studio)
    try:
        pending = _pending_of(connection, studio, seen)
        answer = _sign_in(connection, studio, provider, pending, seen)
    except PromptflowException as error:
        _tell_failure(studio, error, seen)
        answer = _refused(studio, error)
    oidc_cookies.forget_pending(answer, seen, studio.settings.base_path)
    return answer


@router.get(
    "/sign-out",
    response_class=RedirectResponse,
    status_code=302,
    responses={**_REDIRECTION, **error_responses(OidcNotConfiguredError)},
)
def sign_out_oidc(studio: StudioState, seen: RequestSeen) -> RedirectResponse:
    """Go to the provider to end the session there as well; it sends the browser back to the sign-in page."""
    provider = _provider(studio)
    base_path = studio.settings.base_path
    try:
        address = provider.sign_out_address(f"{seen.origin}{base_path}/sign-in")
    except PromptflowException as error:
        return _refused(studio, error)
    answer = RedirectResponse(address or f"{base_path}/sign-in", status_code=302)
    oidc_cookies.mark_signed_in(answer, seen, base_path, is_in=False)
    return answer


def _provider(studio: Studio) -> Provider:
    if studio.oidc is None:
        raise OidcNotConfiguredError
    return studio.oidc


def _begin(studio: Studio, seen: Seen, then: str, *, link_to: str | None) -> Pending:
    return Pending(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        redirect_uri=f"{seen.origin}{studio.settings.base_path}/api/auth/oidc/callback",
        next=_own_page(then),
        link_to=link_to,
        expires_at=time.time() + oidc_cookies.PENDING_SECONDS,
    )


def _own_page(address: str) -> str:
    """A path of our own; an address of elsewhere would lead people astray. Browsers read a backslash as a slash."""
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_own else "/"


def _address_for(provider: Provider, pending: Pending) -> str:
    with _Turn():
        return provider.authorization_address(pending)


def _pending_of(connection: HTTPConnection, studio: Studio, seen: Seen) -> Pending:
    pending = oidc_cookies.read_pending(connection, seen, studio.vault)
    state = connection.query_params.get("state", "")
    if pending is None or not secrets.compare_digest(state.encode(), pending.state.encode()):
        raise OidcPendingError
    return pending


def _sign_in(
    connection: HTTPConnection, studio: Studio, provider: Provider, pending: Pending, seen: Seen
) -> RedirectResponse:
    with _Turn():
        claims = provider.check_answer(pending, dict(connection.query_params))
    base_path = studio.settings.base_path
    answer = RedirectResponse(f"{base_path}{pending.next}", status_code=302)
    if pending.link_to is not None:
        _link(connection, studio, pending.link_to, claims, seen)
        return answer
    with studio.database.write() as session:
        user = oidc.sign_in(
            session,
            claims,
            issuer=provider.settings.issuer,
            groups=claims.get(provider.settings.groups_claim),
            rules=_rules(studio),
            isolation_problem=studio.isolation_problem(),
            share_root=studio.settings.share_root,
        )
        issued = sessions.open_session(session, user.username, address=seen.client, browser=seen.browser)
        record(session, user.username, Act.SIGNED_IN, user.username, {"by": "oidc", "address": seen.client})
    studio.live.check_soon()  # A role may have changed.
    set_session_cookie(answer, issued.token, seen, base_path)
    oidc_cookies.mark_signed_in(answer, seen, base_path, is_in=True)
    return answer


def _link(connection: HTTPConnection, studio: Studio, username: str, claims: dict[str, object], seen: Seen) -> None:
    """Link the provider's account, provided that whoever wanted it is still signed in here."""
    cookie = session_token("; ".join(connection.headers.getlist("cookie")), seen)
    with studio.database.write() as session:
        identity = sessions.identify_cookie(session, cookie or "")
        if identity is None or identity.actor.username != username:
            raise OidcPendingError
        oidc.link(session, username, claims, issuer=_provider(studio).settings.issuer)


def _rules(studio: Studio) -> RoleRules:
    given = studio.settings
    groups = {
        Role.ADMIN: given.oidc_admin_groups,
        Role.AUTHOR: given.oidc_author_groups,
        Role.VIEWER: given.oidc_viewer_groups,
    }
    return RoleRules(groups, Role.VIEWER if given.oidc_without_group == "viewer" else None)


def _refused(studio: Studio, error: PromptflowException) -> RedirectResponse:
    logger.warning("A sign-in by OpenID Connect failed: %s", error)
    problem = urlencode({"problem": error.code})
    return RedirectResponse(f"{studio.settings.base_path}/sign-in?{problem}", status_code=302)


def _tell_failure(studio: Studio, error: PromptflowException, seen: Seen) -> None:
    if isinstance(error, OidcPendingError):
        return  # Anybody can call this address; the log is not theirs to fill.
    subject = getattr(error, "username", "") if isinstance(error, AccountDisabledError) else ""
    with studio.database.write() as session:
        record(session, None, Act.SIGN_IN_FAILED, subject, {"by": "oidc", "why": error.code, "address": seen.client})


class _Turn:
    """One of the few requests that ask the provider at a time; a flood takes not all threads."""

    def __enter__(self) -> None:
        if not _asking.acquire(blocking=False):
            raise TooManySignInsError(1)

    def __exit__(self, *_: object) -> None:
        _asking.release()
