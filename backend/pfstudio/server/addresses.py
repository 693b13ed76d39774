"""What a request says about where it came from and which host it wants, and how much of that counts."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from pfstudio.server.settings import Settings

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)
_LOOPBACK_NAMES = frozenset(["localhost", "127.0.0.1", "[::1]"])


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as its sender sees it: `scheme` and `host` (with port) as in the browser's address line.

    `browser` is what the sender says of itself.
    """

    scheme: str
    host: str
    client: str
    browser: str = ""

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"

    def link(self, base_path: str, secret: str) -> str:
        """The address of the sign-in page with a one-time secret, as whoever asks reaches the studio.

        Behind '#', the secret is never sent to a server, so it is in no log of a proxy either.
        """
        return f"{self.origin}{base_path}/sign-in#token={secret}"


def see(scope: Scope, settings: Settings) -> Seen:
    """Read scheme, host and client; `X-Forwarded-*` counts only where the connection is from a named proxy."""
    headers = Headers(scope=scope)
    client = scope["client"][0] if scope.get("client") else ""
    scheme: str = {"ws": "http", "wss": "https"}.get(scope["scheme"]) or scope["scheme"]
    host = ",".join(headers.getlist("host"))
    if client in settings.trusted_proxies:
        scheme = _last(headers, "x-forwarded-proto") or scheme
        host = _last(headers, "x-forwarded-host") or host
        client = _forwarded_client(headers, settings) or client
    host = host.strip().lower()
    if not _HOST.fullmatch(host):
        host = ""  # No name, two of them, or something that one program reads as another name than the next.
    return Seen(scheme, _without_default_port(scheme, host), client, headers.get("user-agent", ""))


def is_allowed_host(host: str, settings: Settings) -> bool:
    """Whether requests for this host (with or without port) are answered.

    A page of another site can point its own name at this machine (DNS rebinding), so names have to be known ones. An
    address in figures cannot be rebound; it is allowed where the studio listens on more than loopback.
    """
    name = _name_of(host)
    if name in _LOOPBACK_NAMES or name in settings.allowed_hosts:
        return True
    return not is_loopback(settings.host) and (name == settings.host.lower() or _is_address(name))


def is_loopback(host: str) -> bool:
    """Whether listening on this address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def port_of(host: str) -> str:
    """The port in a Host header; empty without one."""
    return host[len(_name_of(host)) :].removeprefix(":")


def _name_of(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and port.isascii() else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _last(headers: Headers, name: str) -> str:
    """The value that the nearest proxy added: what stands before it may be the client's own."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def _forwarded_client(headers: Headers, settings: Settings) -> str:
    chain = [part.strip() for part in ",".join(headers.getlist("x-forwarded-for")).split(",")]
    return next((address for address in reversed(chain) if address not in settings.trusted_proxies), "")


def _without_default_port(scheme: str, host: str) -> str:
    return host.removesuffix(":443" if scheme == "https" else ":80")
