"""Where a remote is: what is typed, or stands in a repository's configuration, is checked before anything is asked.

Taken are `https://` and `http://`, `ssh://` and `user@host:path`, and share paths of one's own folder.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from pfstudio.errors import PromptflowException
from pfstudio.flows.git_address import GitSource, parse_source, resolve
from pfstudio.flows.git_errors import GitAddressRefusedError, GitHostNotFoundError
from pfstudio.git.remote_errors import RemoteAddressRefusedError, RemoteHostNotFoundError
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.paths import SharePath

_LONGEST = 2000
_SCP = re.compile(r"(?P<user>[A-Za-z0-9._-]+)@(?P<host>[^/\s:@]+|\[[0-9a-fA-F:]+\]):(?P<path>[^\s:][^\s]*)\Z")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\Z")
_PORTS = {"https": 443, "http": 80, "ssh": 22}
_PASSWORD = re.compile(r"(?P<before>[a-z+]+://[^/@:\s]*):[^/\s]*@", re.I)


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """A repository elsewhere. `path` is a share path where `scheme` is `file`; `user` is never a password."""

    scheme: Literal["https", "http", "ssh", "file"]
    path: str
    host: str = ""
    port: int = 0
    user: str = ""

    @property
    def place(self) -> str:
        """The host, with its port where that is unusual, as people and `known_hosts` of tokens name it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS.get(self.scheme) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Whose tokens may be sent there; none but those of HTTP have one."""
        return f"{self.scheme}://{self.place}" if self.scheme in ("http", "https") else ""

    @property
    def known_host(self) -> str:
        """The host as ssh's `known_hosts` names it."""
        return self.host if self.port == 22 else f"[{self.host}]:{self.port}"

    @property
    def url(self) -> str:
        """What git is given: a share path as it is, everything else as an address without a user's password."""
        if self.scheme == "file":
            return self.path
        user = f"{self.user}@" if self.scheme == "ssh" and self.user else ""
        return f"{self.scheme}://{user}{self.place}{quote(self.path, safe='/~:@!$&()*+,;=-._')}"

    @property
    def name(self) -> str:
        """What a folder that is cloned from there may be called."""
        names = [name for name in self.path.removesuffix("/").removesuffix(".git").split("/") if name]
        return names[-1] if names else self.host


def parse_address(text: str, *, owner: str | None = None) -> RemoteAddress:
    """What an address names; `owner` is whose share paths count, none without.

    Raises:
        RemoteAddressRefusedError: it is no address that is asked; says why, never the address.
    """
    text = text.strip()
    if len(text) > _LONGEST or not text.isprintable() or " " in text or "\\" in text or text.startswith("-"):
        raise RemoteAddressRefusedError("it is too long, or holds a character that no address has")
    if text.startswith("Users/"):
        return _share_path(text, owner)
    if found := _SCP.match(text):
        return _ssh(found["host"].strip("[]"), 22, found["user"], _rooted(found["path"]))
    if text.lower().startswith(("ssh://", "git+ssh://")):
        return _ssh_url(text)
    return _http(text)


def shown_address(text: str) -> str:
    """An address from a repository's configuration with whatever may be a secret in it covered."""
    covered = _PASSWORD.sub(r"\g<before>:******@", text)
    return re.sub(r"(?<=[?#]).*", "******", covered)[:_LONGEST]


def origin_of(scheme: str, host: str) -> str | None:
    """The origin that git names in two words; None for what has no tokens."""
    try:
        return parse_address(f"{scheme}://{host}/x").origin or None
    except RemoteAddressRefusedError:
        return None


def parse_origin(text: str) -> str:
    """The origin of what a user types as a host: `example.com`, or the address of a repository there.

    Raises:
        RemoteAddressRefusedError: it is none.
    """
    text = text.strip().rstrip("/")
    address = parse_address(text + "/x" if "://" in text else f"https://{text}/x")
    if not address.origin:
        raise RemoteAddressRefusedError("tokens are for addresses with https://; for SSH there is your SSH key")
    return address.origin


def resolve_host(address: RemoteAddress, *, private: bool) -> list[str]:
    """The addresses of the host, which whoever connects must use.

    Raises:
        RemoteHostNotFoundError: there is no such host.
        RemoteAddressRefusedError: it leads to a machine that the studio does not ask.
    """
    try:
        return resolve(GitSource("https", address.host, address.port, "/"), private=private)
    except GitHostNotFoundError as error:
        raise RemoteHostNotFoundError(address.host) from error
    except GitAddressRefusedError as error:
        raise RemoteAddressRefusedError(_reason(error)) from error


def require_branch(name: str) -> str:
    """A branch's name that is safe in every place where git takes one.

    Raises:
        RemoteAddressRefusedError: no branch can have it.
    """
    try:
        return parse_source("https://a.example/x", branch=name).branch or ""
    except GitAddressRefusedError as error:
        raise RemoteAddressRefusedError(_reason(error)) from error


def ssh_options(address: RemoteAddress, machine: str) -> str:
    """The part of a command line of ssh that holds it to the very machine that was checked."""
    name = shlex.quote(address.known_host)
    return f"-o HostKeyAlias={name} -o HostName={shlex.quote(machine)} -o CheckHostIP=no -o ConnectTimeout=20"


def _http(text: str) -> RemoteAddress:
    user = ""
    try:
        parts = urlsplit(text)
        if parts.password is not None:
            raise RemoteAddressRefusedError(
                "it holds a password or token, which would be stored readably; take it out and add it under "
                "Settings → Git"
            )
        if parts.username and _USER.match(unquote(parts.username)):
            user = unquote(parts.username)
            text = text.replace(f"{parts.username}@", "", 1)
        source = parse_source(text)
    except GitAddressRefusedError as error:
        raise RemoteAddressRefusedError(_reason(error)) from error
    except ValueError as error:
        raise RemoteAddressRefusedError("it is no address") from error
    return RemoteAddress("https" if source.scheme == "https" else "http", source.path, source.host, source.port, user)


def _ssh_url(text: str) -> RemoteAddress:
    try:
        parts = urlsplit(text)
        port = parts.port or 22
    except ValueError as error:
        raise RemoteAddressRefusedError("it is no address") from error
    if parts.password is not None or parts.query or parts.fragment:
        raise RemoteAddressRefusedError("it holds a password or parameters; take them out")
    return _ssh(parts.hostname or "", port, unquote(parts.username or ""), unquote(parts.path))


def _ssh(host: str, port: int, user: str, path: str) -> RemoteAddress:
    if user and not _USER.match(user):
        raise RemoteAddressRefusedError("nobody can have this name there")
    if not path.strip("/") or ".." in path.split("/") or not path.isprintable() or path.startswith("/-"):
        raise RemoteAddressRefusedError("it names no repository")
    try:
        source = parse_source(f"https://{f'[{host}]' if ':' in host else host}/x")
    except GitAddressRefusedError as error:
        raise RemoteAddressRefusedError(_reason(error)) from error
    return RemoteAddress("ssh", path, source.host, port, user)


def _share_path(text: str, owner: str | None) -> RemoteAddress:
    try:
        path = SharePath.parse(text)
    except PathNotFoundError as error:
        raise RemoteAddressRefusedError("it is no path of the share") from error
    if owner is None or path.owner != owner or not path.parts:
        raise RemoteAddressRefusedError("of the share only folders of the same user can be remotes")
    return RemoteAddress("file", str(path))


def _rooted(path: str) -> str:
    """A path of the short form, which begins at the home of whoever signs in."""
    return path if path.startswith("/") else f"/{path}" if path.startswith("~") else f"/~/{path}"


def _reason(error: PromptflowException) -> str:
    return str(error).partition(": ")[2].rstrip(".")
