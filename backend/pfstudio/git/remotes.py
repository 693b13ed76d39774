"""The remotes that a repository names: list, connect, remove."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pfstudio.git.process import Git
from pfstudio.git.remote_address import RemoteAddress, parse_address, shown_address
from pfstudio.git.remote_errors import (
    RemoteAddressRefusedError,
    RemoteExistsError,
    RemoteNameRefusedError,
    RemoteNotFoundError,
)
from pfstudio.git.repository import Repository

ORIGIN = "origin"
"""What a repository calls the one that it was cloned from."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\Z")


@dataclass(frozen=True, slots=True)
class Remote:
    """`url` is as it may be shown. `note` says why it cannot be used here; empty where it can."""

    name: str
    url: str
    note: str


def list_remotes(repository: Repository) -> list[Remote]:
    """All remotes by name."""
    return [_remote(name, url) for name, url in sorted(_urls(repository).items())]


def address_of(repository: Repository, name: str | None) -> tuple[str, RemoteAddress]:
    """The name and address of a remote; of `origin`, or the only one, where none is named.

    Raises:
        RemoteNotFoundError: there is none.
        RemoteAddressRefusedError: its address is none that is asked.
    """
    urls = _urls(repository)
    wanted = name or (ORIGIN if ORIGIN in urls or len(urls) != 1 else next(iter(urls)))
    if wanted not in urls or not _NAME.match(wanted):
        raise RemoteNotFoundError(wanted)
    return wanted, usable_address(urls[wanted])


def add_remote(git: Git, name: str, url: str) -> Remote:
    """Connect a repository elsewhere; nothing is fetched yet.

    Raises:
        RemoteNameRefusedError, RemoteAddressRefusedError: it cannot be called so, or is not there.
        RemoteExistsError: there is one of this name.
    """
    if not _NAME.match(name) or ".." in name or name.endswith((".", ".lock")):
        raise RemoteNameRefusedError
    usable_address(url)
    if name in _urls(git.repository):
        raise RemoteExistsError(name)
    _configure(git, f"remote.{name}.url", url.strip())
    _configure(git, f"remote.{name}.fetch", f"+refs/heads/*:refs/remotes/{name}/*")
    return _remote(name, url.strip())


def remove_remote(git: Git, name: str) -> None:
    """Forget a remote and what was fetched of its branches. What was merged stays.

    Raises:
        RemoteNotFoundError: there is none of this name.
    """
    if name not in _urls(git.repository) or not _NAME.match(name):
        raise RemoteNotFoundError(name)
    refs = git.run("for-each-ref", "--format=delete %(refname)", f"refs/remotes/{name}/", what="list the branches")
    if refs.output:
        git.run("update-ref", "--stdin", what="forget the branches", stdin=refs.output)
    _configure(git, "--remove-section", f"remote.{name}")


def usable_address(url: str) -> RemoteAddress:
    """An address of a repository that can be asked.

    Raises:
        RemoteAddressRefusedError: it is none.
    """
    address = parse_address(url)
    if address.scheme == "file":
        raise RemoteAddressRefusedError("folders of the share cannot be remotes yet; use the studio's own git address")
    return address


def _urls(repository: Repository) -> dict[str, str]:
    """The first address of each remote."""
    found: dict[str, str] = {}
    for setting in repository.settings:
        if setting.section == "remote" and setting.name == "url" and setting.subsection and setting.value:
            found.setdefault(setting.subsection, setting.value)
    return found


def _remote(name: str, url: str) -> Remote:
    try:
        usable_address(url)
    except RemoteAddressRefusedError as error:
        return Remote(name, shown_address(url), str(error))
    return Remote(name, shown_address(url), "")


def _configure(git: Git, *arguments: str) -> None:
    file = f"{git.repository.git_folder}/config"
    git.run("config", "--file", file, *arguments, what="note the remote")
