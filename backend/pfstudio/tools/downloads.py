"""Fetches what an address in a flow's inputs names, and nothing of this machine or its network.

An input may come from anybody, so an address must not reach what only this machine can reach: every name is looked up
here, refused where any of its addresses is not public, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from pfstudio.tools.errors import InvalidImageInput

if TYPE_CHECKING:
    import httpx2

_MOST_HOPS: Final = 5
_SECONDS: Final = 30.0
_LARGEST: Final = 64 * 2**20


def download(url: str) -> bytes:
    """The content behind a public http(s) address; redirects are followed and checked like the address itself.

    Raises:
        InvalidImageInput: it is not public, cannot be reached, answers with an error or with too much.
    """
    import httpx2

    address = url
    try:
        with httpx2.Client(timeout=_SECONDS, follow_redirects=False, headers={"User-Agent": "pfstudio"}) as client:
            for _ in range(_MOST_HOPS):
                with closing(_opened(client, address)) as response:
                    if response.is_redirect:
                        address = urljoin(address, response.headers.get("location", ""))
                        continue
                    if response.status_code != 200:
                        response.read()
                        raise InvalidImageInput(
                            f"Failed to fetch image from URL: {url}. Error code: {response.status_code}. "
                            f"Error message: {response.text[:500]}."
                        )
                    return _content(response, url)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise InvalidImageInput(f"Failed to fetch image from URL: {url}. {error}", error=error) from error
    raise InvalidImageInput(f"Failed to fetch image from URL: {url}. It redirects more than {_MOST_HOPS} times.")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, not of this machine or its networks."""
    found = ipaddress.ip_address(address)
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inner is None or inner.is_global)


def _opened(client: httpx2.Client, url: str) -> httpx2.Response:
    import httpx2

    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidImageInput(f"Failed to fetch image from URL: {url}. It is no http address.")
    address = _checked(host, port, url)
    target = httpx2.URL(url)
    if address is None:
        return client.send(client.build_request("GET", target), stream=True)
    # The connection goes to the very address that was checked: a name may mean another one a moment later.
    request = client.build_request(
        "GET",
        target.copy_with(host=address),
        headers={"Host": parts.netloc.rpartition("@")[2]},
        extensions={"sni_hostname": host},
    )
    return client.send(request, stream=True)


def _checked(host: str, port: int, url: str) -> str | None:
    """A public address of the host; None where a proxy looks names up for this machine."""
    try:
        found = {str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        if _has_proxy():
            return None
        raise InvalidImageInput(f"Failed to fetch image from URL: {url}. {error}", error=error) from error
    if not all(is_public(address.partition("%")[0]) for address in found):
        raise InvalidImageInput(f"Failed to fetch image from URL: {url}. It leads into a private network.")
    return None if _has_proxy() else sorted(found, key=lambda address: ":" in address)[0]


def _has_proxy() -> bool:
    return any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") and os.environ[name] for name in os.environ)


def _content(response: httpx2.Response, url: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > _LARGEST:
            raise InvalidImageInput(f"Failed to fetch image from URL: {url}. It is larger than {_LARGEST} bytes.")
    return b"".join(parts)
