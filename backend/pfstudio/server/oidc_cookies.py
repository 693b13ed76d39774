"""The cookies of a sign-in at an OpenID Connect provider: what was begun, and that it was there."""

from __future__ import annotations

import json
import time

from starlette.requests import HTTPConnection, cookie_parser
from starlette.responses import Response

from pfstudio.accounts.oidc_provider import Pending
from pfstudio.connections.vault import DecryptConnectionError, Vault
from pfstudio.server.addresses import Seen
from pfstudio.server.cookies import cookie_name

PENDING_SECONDS = 600
_SIGNED_IN_SECONDS = 14 * 24 * 3600
_PLACE = "/api/auth/oidc"


def keep_pending(response: Response, pending: Pending, seen: Seen, *, base_path: str, vault: Vault) -> None:
    """Keep a begun sign-in in the browser that began it, sealed: nobody else can read or make one."""
    _set(
        response,
        _name("oidc", seen),
        vault.encrypt(pending.to_json()),
        seen=seen,
        base_path=base_path,
        seconds=PENDING_SECONDS,
    )


def read_pending(connection: HTTPConnection, seen: Seen, vault: Vault) -> Pending | None:
    """The sign-in that this browser has begun; None when there is none, or it has expired."""
    sealed = _cookie(connection, _name("oidc", seen))
    if not sealed or not sealed.isascii():
        return None
    try:
        fields = json.loads(vault.decrypt(sealed))
    except (DecryptConnectionError, ValueError):
        return None
    if not isinstance(fields, dict) or fields.pop("kind", None) != "oidc pending":
        return None  # Something else that the same key has sealed.
    pending = Pending(**fields)
    return pending if pending.expires_at > time.time() else None


def forget_pending(response: Response, seen: Seen, base_path: str) -> None:
    _set(response, _name("oidc", seen), "", seen=seen, base_path=base_path, seconds=0)


def mark_signed_in(response: Response, seen: Seen, base_path: str, *, is_in: bool) -> None:
    """Remember that this browser has a session at the provider, or forget it."""
    lifetime = _SIGNED_IN_SECONDS if is_in else 0
    _set(response, _name("provider", seen), "1" if is_in else "", seen=seen, base_path=base_path, seconds=lifetime)


def is_signed_in(connection: HTTPConnection, seen: Seen) -> bool:
    return _cookie(connection, _name("provider", seen)) == "1"


def _name(kind: str, seen: Seen) -> str:
    return cookie_name(seen).replace("_session", f"_{kind}", 1)


def _cookie(connection: HTTPConnection, name: str) -> str:
    return cookie_parser("; ".join(connection.headers.getlist("cookie"))).get(name, "")


def _set(response: Response, name: str, value: str, *, seen: Seen, base_path: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=f"{base_path}{_PLACE}",
        secure=seen.scheme == "https",
        httponly=True,
        samesite="lax",  # The provider sends the browser back by a link, at which `strict` would leave it out.
    )
