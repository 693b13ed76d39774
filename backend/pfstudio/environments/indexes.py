"""Where packages come from, for the whole studio: its settings, else what pip and uv of its account are set to."""

from __future__ import annotations

import configparser
import contextlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

_PASSED = (
    *("UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES", "UV_INDEX_STRATEGY", "UV_OFFLINE", "UV_EXCLUDE_NEWER", "SSL_CERT_FILE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
)
"""Variables of the studio's own environment that a build gets as they are; a proxy's password is left out of some."""


@dataclass(frozen=True, slots=True)
class Indexes:
    """Addresses may hold a user name and a password: they reach uv by its environment, and no code of packages."""

    default: str | None = None
    extra: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    no_index: bool = False
    variables: tuple[tuple[str, str], ...] = ()

    def without_passwords(self) -> Indexes:
        """Those that need none: what builds from source may know of."""
        default = self.default if self.default is None or _is_open(self.default) else None
        return replace(
            self,
            default=default,
            extra=tuple(filter(_is_open, self.extra)),
            links=tuple(filter(_is_open, self.links)),
            no_index=self.no_index or default != self.default,
            variables=tuple((name, value) for name, value in self.variables if _is_open(value)),
        )

    def folders(self) -> list[Path]:
        """Folders of this machine that they name; beside the pages of an index (`simple`) lie its files."""
        named = [one for one in (self.default, *self.extra, *self.links) if one]
        folders = [Path(unquote(urlsplit(one).path)) if one.startswith("file:") else Path(one) for one in named]
        wider = [folder.parent if folder.name == "simple" else folder for folder in folders]
        return [folder for folder in wider if folder.is_absolute() and len(folder.parts) > 2 and folder.exists()]

    def servers(self) -> tuple[tuple[str, int], ...]:
        """The hosts, with their ports, that builds are let through to although they are on a private network."""
        proxies = [value for name, value in self.variables if name.lower().endswith("_proxy") and "://" in value]
        found = []
        for one in (self.default, *self.extra, *self.links, *proxies):
            parts = urlsplit(one or "")
            if parts.hostname and parts.scheme in ("http", "https"):
                with contextlib.suppress(ValueError):
                    found.append((parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)))
        return tuple(found)

    def to_environment(self) -> dict[str, str]:
        """Variables that tell uv of them."""
        found = dict(self.variables)
        if self.default:
            found["UV_DEFAULT_INDEX"] = self.default
        if self.extra:
            found["UV_INDEX"] = " ".join(self.extra)
        if self.links:
            found["UV_FIND_LINKS"] = ",".join(self.links)
        if self.hosts:
            found["UV_INSECURE_HOST"] = " ".join(self.hosts)
        if self.no_index:
            found["UV_NO_INDEX"] = "1"
        return found


def indexes_of_account(environment: Mapping[str, str], *, files: Iterable[Path] | None = None) -> Indexes:
    """What pip and uv use for the account that the studio runs as. `UV_…` wins over `PIP_…`, that over pip's files."""
    pip = _pip_settings(environment, _pip_files(environment) if files is None else files)
    uv = environment.get
    variables = {name: environment[name] for name in _PASSED if environment.get(name)}
    if not (uv("UV_INDEX") or uv("UV_EXTRA_INDEX_URL")) and pip.get("extra-index-url"):
        variables.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # As pip has it.
    if pip.get("cert"):
        variables.setdefault("SSL_CERT_FILE", pip["cert"])
    if pip.get("proxy"):
        variables.setdefault("ALL_PROXY", pip["proxy"])
    return Indexes(
        default=uv("UV_DEFAULT_INDEX") or uv("UV_INDEX_URL") or pip.get("index-url") or None,
        extra=tuple((uv("UV_INDEX") or uv("UV_EXTRA_INDEX_URL") or pip.get("extra-index-url", "")).split()),
        links=tuple((uv("UV_FIND_LINKS") or pip.get("find-links", "")).replace(",", " ").split()),
        hosts=tuple((uv("UV_INSECURE_HOST") or pip.get("trusted-host", "")).split()),
        no_index=(uv("UV_NO_INDEX") or pip.get("no-index", "")).lower() in ("1", "true", "yes", "on"),
        variables=tuple(variables.items()),
    )


def _pip_settings(environment: Mapping[str, str], files: Iterable[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                found.update({name.replace("_", "-"): value for name, value in parser.items(section)})
    for name, value in environment.items():
        if name.startswith("PIP_"):
            found[name[4:].lower().replace("_", "-")] = value
    return found


def _pip_files(environment: Mapping[str, str]) -> list[Path]:
    """pip's files, the ones that win last."""
    home = Path.home()
    folders = environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")
    files = [Path(folder) / "pip" / "pip.conf" for folder in reversed(folders) if folder]
    files += [Path("/etc/pip.conf"), home / ".pip" / "pip.conf"]
    files += [Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"]
    files += [Path(sys.prefix) / "pip.conf"]
    if environment.get("PIP_CONFIG_FILE"):
        files.append(Path(environment["PIP_CONFIG_FILE"]))
    return files if environment.get("PIP_CONFIG_FILE") != os.devnull else []


def _is_open(address: str) -> bool:
    return "@" not in urlsplit(address).netloc
