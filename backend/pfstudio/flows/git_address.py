"""Where a repository is: what is typed is checked before anything is asked for.

Only plain HTTP and HTTPS addresses are taken, and only such that lead to public machines: the studio stands where its
users often do not, beside databases and metadata services.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urlsplit

from pfstudio.flows.git_errors import GitAddressRefusedError, GitHostNotFoundError
from pfstudio.share.paths import is_safe_name

_LONGEST = 2000
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?\Z")
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z")
_SCP_LIKE = re.compile(r"[^/\s]+@[^/\s:]+:")
# What git refuses in a name of a branch, and what would mean something else in a refspec.
_NO_BRANCH = re.compile(r"[\x00-\x20\x7f~^:?*\[\\+]|\.\.|@\{|//|^[-/.]|/\.|[/.]$|\.lock(/|$)|^@$")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Where clouds tell any process of a machine its secrets. (169.254.169.254 is link-local.)
_METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254")))
_PAGE = re.compile(r"(?P<project>/.+?)/(-/)?tree/(?P<branch>[^/]+)(/(?P<folder>.+))?\Z")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class GitSource:
    """A repository, and what of it: `branch` is None for the one that it shows first, `folder` empty for all."""

    scheme: str
    host: str
    port: int
    path: str
    branch: str | None = None
    folder: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{quote(self.path, safe='/~:@!$&()*+,;=-._')}"

    @property
    def name(self) -> str:
        """What a flow from there may be called."""
        if self.folder:
            return self.folder[-1]
        names = [name for name in self.path.removesuffix("/").removesuffix(".git").split("/") if name]
        return names[-1] if names else self.host

    def with_ending(self) -> GitSource | None:
        """The same with the `.git` at the end that some servers want."""
        path = self.path.removesuffix("/")
        return None if path.endswith(".git") else replace(self, path=f"{path}.git")


def parse_source(url: str, branch: str | None = None, folder: str | None = None) -> GitSource:
    """What an address, a branch or tag, and a subfolder name. The address of a folder's page on GitHub or GitLab will
    do as well.

    Raises:
        GitAddressRefusedError: it is no address of a repository that can be reached without credentials.
    """
    source = _parse_url(url.strip())
    page = _PAGE.match(source.path)
    if page and not branch and (source.host == "github.com" or "/-/tree/" in source.path):
        source = replace(source, path=page["project"])
        branch, folder = page["branch"], folder or page["folder"]
    branch, folder = (branch or "").strip(), (folder or "").strip().replace("\\", "/").strip("/")
    if branch and (_NO_BRANCH.search(branch) or len(branch) > 250):
        raise GitAddressRefusedError("no branch can have this name")
    names = tuple(name for name in folder.split("/") if name not in ("", "."))
    if not all(is_safe_name(name) for name in names):
        raise GitAddressRefusedError("the folder is no path inside a repository")
    return replace(source, branch=branch or None, folder=names)


def _parse_url(url: str) -> GitSource:
    if _SCP_LIKE.match(url) or url.lower().startswith(("ssh:", "git+ssh:")):
        raise GitAddressRefusedError("it is one for SSH, and the studio has no key for that; use the one with https://")
    if len(url) > _LONGEST or not url.isprintable() or " " in url or "\\" in url:
        raise GitAddressRefusedError("it is too long, or holds a character that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise GitAddressRefusedError("it is no address") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise GitAddressRefusedError("only those that begin with https:// or http:// are")
    if "@" in parts.netloc:
        raise GitAddressRefusedError(
            "it holds a user name or a password, which the studio does not use or store; take them out"
        )
    if parts.query or parts.fragment or "?" in url:
        raise GitAddressRefusedError(
            "it holds parameters, and these often are secrets; take out what follows '?' or '#'"
        )
    path = unquote(parts.path)
    if ".." in path.split("/") or not path.isprintable():
        raise GitAddressRefusedError("it holds '..', or a character that no address has")
    return GitSource(parts.scheme, _host(parts.hostname), port or _PORTS[parts.scheme], path)


def _host(text: str) -> str:
    """The host as it is looked up; an address in numbers only in its usual form."""
    if "%" in text:
        raise GitAddressRefusedError("its host is no name of a machine")
    if ":" in text:
        try:
            return str(ipaddress.IPv6Address(text))
        except ValueError as error:
            raise GitAddressRefusedError("it is no address") from error
    try:
        host = text.lower() if text.isascii() else text.encode("idna").decode()
    except UnicodeError as error:
        raise GitAddressRefusedError("its host is no name of a machine") from error
    if _NUMERIC.match(host.rstrip(".").rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise GitAddressRefusedError("its host is no name of a machine") from error
    if not _HOST.match(host) or len(host) > 253:
        raise GitAddressRefusedError("its host is no name of a machine")
    return host


def resolve(source: GitSource, *, private: bool) -> list[str]:
    """The addresses of the host. Whoever connects must use these, since a second look-up may tell others.

    Raises:
        GitHostNotFoundError: there is no such host.
        GitAddressRefusedError: it leads to a machine that the studio does not ask.
    """
    try:
        found = socket.getaddrinfo(source.host, source.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise GitHostNotFoundError(source.host) from error
    addresses = list(dict.fromkeys(str(item[4][0]).partition("%")[0] for item in found))
    for text in addresses:
        if not is_allowed(ipaddress.ip_address(text), private=private):
            raise GitAddressRefusedError(
                f"'{source.host}' is a machine inside a private network, which the studio does not ask"
            )
    return addresses


def is_allowed(address: Address, *, private: bool) -> bool:
    """Whether the studio asks this address: a public one, with `private` also loopback and private networks, but never
    one at which a cloud's metadata may be."""
    inner = _embedded(address)
    if inner is not None:
        return is_allowed(inner, private=private)
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_reserved and not address.is_loopback:
        return False
    return private or address.is_global


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
