"""Every setting of the studio: an environment variable `PFSTUDIO_…` and a flag of `pfstudio serve`.

A flag wins over the variable, the variable over the default. `docs/reference/settings.md` lists them; a test compares.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pfstudio.errors import InvalidError

DEFAULT_PORT = 8010
_TRUE = frozenset(["1", "true", "yes", "on"])
_FALSE = frozenset(["0", "false", "no", "off"])
_BASE_PATH = re.compile(r"(/(?!\.+(/|$))[A-Za-z0-9._~-]+)*")


class InvalidSettingError(InvalidError):
    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}: {reason}")


def default_data_folder() -> Path:
    """`pfstudio` in the user's data home."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "pfstudio"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "pfstudio"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "pfstudio"


def _text(value: str) -> str:
    return value


def _optional(value: str) -> str | None:
    return value or None


def _names(value: str) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[,\s]+", value.strip().lower()) if name)


def _words(value: str) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[,\s]+", value.strip()) if name)


def _positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 100_000:
        raise ValueError(f"'{value}' is not a whole number, 1 or more.")
    return int(value)


def _groups(value: str) -> tuple[str, ...]:
    """Names as they are, blanks and capitals included, separated by commas."""
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    is_local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or parts.query or parts.fragment or not (parts.scheme == "https" or is_local):
        raise ValueError(f"'{value}' is not an address under https.")
    return value


def _without_group(value: str) -> str:
    if value not in ("refuse", "viewer"):
        raise ValueError(f"'{value}' is neither refuse nor viewer.")
    return value


def _key(value: str) -> str:
    if len(value) < 32:
        raise ValueError("a key needs at least 32 characters.")
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 65535:
        raise ValueError(f"'{value}' is not a port between 0 and 65535.")
    return int(value)


def _megabytes(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ValueError(f"'{value}' is not a number of megabytes.")
    return int(value)


def _megabytes_or_none(value: str) -> int:
    return 0 if value == "0" else _megabytes(value)


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 6:
        raise ValueError(f"'{value}' is not a whole number, 0 or more.")
    return int(value)


def _switch(value: str) -> bool:
    if value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise ValueError(f"'{value}' is neither on nor off.")


def _network(value: str) -> str:
    if value not in ("limited", "host"):
        raise ValueError(f"'{value}' is neither limited nor host.")
    return value


def _servers(value: str) -> tuple[str, ...]:
    names = _names(value)
    for name in names:
        host, _, port = name.rpartition(":")
        if not host or not port or not 0 < _port(port) < 65536:
            raise ValueError(f"'{name}' is not a host with a port, such as localhost:11434.")
    return names


def _base_path(value: str) -> str:
    path = value.rstrip("/")
    if not _BASE_PATH.fullmatch(path):
        raise ValueError(f"'{value}' is not a path such as /studio.")
    if path.split("/")[1:2] == ["api"]:
        raise ValueError("the path may not begin with /api.")
    return path


def _folder(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _about(read: Callable[[str], Any], help_text: str, *, default: str = "") -> dict[str, Any]:
    """How a setting is read and described; `default` is for the reference, where the value itself says little."""
    return {"read": read, "help": help_text, "default": default}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the studio was started with."""

    data: Path = field(
        default_factory=default_data_folder,
        metadata=_about(
            _folder, "Folder of the share, the database and the keys.", default="`pfstudio` in your data home"
        ),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=_about(_text, "Address to listen on. Another one than loopback needs an account with a password."),
    )
    port: int = field(default=DEFAULT_PORT, metadata=_about(_port, "Port to listen on; 0 takes any free one."))
    base_path: str = field(
        default="",
        metadata=_about(
            _base_path,
            "Path below which everything is served behind a reverse proxy, such as `/studio`.",
            default="none",
        ),
    )
    allowed_hosts: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            _names,
            "Host names under which the studio is reached, separated by commas. Requests for other names are refused; "
            "loopback names always work.",
            default="loopback names",
        ),
    )
    trusted_proxies: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            _names,
            "Addresses of reverse proxies whose `X-Forwarded-For`, `-Proto` and `-Host` count, separated by commas.",
            default="none",
        ),
    )
    database_url: str | None = field(
        default=None,
        metadata=_about(
            _optional,
            "PostgreSQL database, as `postgresql+psycopg://user:password@host/name`.",
            default="SQLite, `pfstudio.db` in the data folder",
        ),
    )
    secret_key: str | None = field(
        default=None,
        metadata=_about(
            _key,
            "Key that encrypts the secrets of connections, at least 32 random characters. Prefer the variable: other "
            "users of the machine can read command lines.",
            default="`secret.key` in the data folder, made at the first start",
        ),
    )
    admin_username: str | None = field(
        default=None,
        metadata=_about(
            _optional, "Name of an admin to make at the start, instead of the sign-in link.", default="none"
        ),
    )
    admin_password: str | None = field(
        default=None,
        metadata=_about(
            _optional,
            "Password of that admin. Prefer the variable: other users of the machine can read command lines.",
            default="none",
        ),
    )
    isolation_waiver: str | None = field(
        default=None,
        metadata=_about(
            _optional,
            "The exact words with which you accept more than one account without isolation: "
            "`I accept that flows of one user can read and change the files of all users.`",
            default="none",
        ),
    )
    flow_network: str = field(
        default="limited",
        metadata=_about(
            _network,
            "What flows and terminals reach: `limited` is the public internet and `PFSTUDIO_MODEL_SERVERS`, never this "
            "machine, private or metadata addresses (it needs slirp4netns; the settings page says what is active); "
            "`host` is everything that this machine reaches.",
        ),
    )
    model_servers: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            _servers,
            "Servers on this machine or in your network that flows and terminals reach all the same, such as "
            "`localhost:11434,10.0.0.5:8000`. Flows also reach the server of a connection that they name and an admin "
            "made. The studio's own address never is.",
            default="none",
        ),
    )
    oidc_issuer: str | None = field(
        default=None,
        metadata=_about(
            _issuer,
            "Issuer of the OpenID Connect provider where people may sign in, as it calls itself; needs "
            "`PFSTUDIO_OIDC_CLIENT_ID` as well.",
            default="none",
        ),
    )
    oidc_client_id: str | None = field(
        default=None, metadata=_about(_optional, "What the provider calls the studio.", default="none")
    )
    oidc_client_secret: str | None = field(
        default=None,
        metadata=_about(
            _optional,
            "The studio's secret at the provider; none for a public client. Prefer the variable: other users of the "
            "machine can read command lines.",
            default="none",
        ),
    )
    oidc_name: str = field(
        default="single sign-on", metadata=_about(_text, "What the button says after 'Sign in with'.")
    )
    oidc_scopes: str = field(
        default="openid profile email",
        metadata=_about(_text, "Scopes that are asked for, with blanks between them; `openid` is always one."),
    )
    oidc_groups_claim: str = field(default="groups", metadata=_about(_text, "The claim that lists a person's groups."))
    oidc_admin_groups: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            _groups,
            "Groups whose people are admins, separated by commas. With any of the three lists set, roles follow the "
            "groups at every sign-in there.",
            default="none",
        ),
    )
    oidc_author_groups: tuple[str, ...] = field(
        default=(), metadata=_about(_groups, "Groups whose people are authors.", default="none")
    )
    oidc_viewer_groups: tuple[str, ...] = field(
        default=(), metadata=_about(_groups, "Groups whose people are viewers.", default="none")
    )
    oidc_without_group: str = field(
        default="refuse",
        metadata=_about(_without_group, "What becomes of people in none of these groups: `refuse` or `viewer`."),
    )
    upload_limit: int = field(default=2048, metadata=_about(_megabytes, "Largest upload in megabytes."))
    quota_user: int = field(
        default=0,
        metadata=_about(
            _megabytes_or_none,
            "Megabytes that one user's files and trash may take together; 0 is no limit.",
            default="none",
        ),
    )
    quota_flow: int = field(
        default=0,
        metadata=_about(
            _megabytes_or_none,
            "Megabytes that one folder below a user's `promptflow` may take; 0 is no limit.",
            default="none",
        ),
    )
    quota_reserve: int = field(
        default=64,
        metadata=_about(
            _megabytes_or_none,
            "Megabytes of the disk that stay free: with less, the studio is read-only until there is room again. 0 "
            "switches that off.",
        ),
    )
    import_private_addresses: bool = field(
        default=False,
        metadata=_about(
            _switch,
            "Whether repositories may be imported from loopback and private addresses. Addresses of clouds' metadata "
            "services stay closed.",
            default="off",
        ),
    )
    history_days: int = field(
        default=365,
        metadata=_about(
            _count, "How many days the versions of a flow are kept; 0 keeps them for good. Deployments always stay."
        ),
    )
    history_keep: int = field(
        default=50, metadata=_about(_count, "How many entries of each flow's history are kept, however old they are.")
    )
    terminals: bool = field(
        default=True,
        metadata=_about(
            _switch,
            "Whether authors have terminals. While it is on, an admin can switch them off on the settings page.",
            default="on",
        ),
    )
    terminal_idle: int = field(
        default=120,
        metadata=_about(
            _count,
            "Minutes after which a terminal ends in which nothing is typed and nothing printed; 0 never ends one.",
        ),
    )
    environments: bool = field(
        default=True,
        metadata=_about(
            _switch, "Whether the packages of flows' `requirements.txt` are installed, with uv.", default="on"
        ),
    )
    environment_index_url: str | None = field(
        default=None,
        metadata=_about(
            _optional,
            "Package index in place of PyPI for all flows. It may hold a user name and a password; prefer the variable "
            "then.",
            default="none",
        ),
    )
    environment_extra_index_urls: tuple[str, ...] = field(
        default=(),
        metadata=_about(_words, "More package indexes, separated by commas; they are asked first.", default="none"),
    )
    environment_find_links: tuple[str, ...] = field(
        default=(),
        metadata=_about(_words, "Folders or pages with wheels, separated by commas.", default="none"),
    )
    environment_account: bool = field(
        default=True,
        metadata=_about(
            _switch,
            "Whether pip's files, `PIP_…` and `UV_…` of the account that runs the studio count where the settings "
            "above say nothing.",
            default="on",
        ),
    )
    environment_sources: bool = field(
        default=True,
        metadata=_about(
            _switch,
            "Whether packages may be built that come as source only; their code runs in the sandbox meanwhile.",
            default="on",
        ),
    )
    environment_minutes: int = field(
        default=20, metadata=_about(_positive, "Minutes that installing the packages of one flow may take.")
    )
    environment_size: int = field(
        default=8192, metadata=_about(_megabytes, "Megabytes that the packages of one flow may take.")
    )
    environment_days: int = field(
        default=30,
        metadata=_about(
            _count, "Days after which the packages of flows are removed that no run has used; 0 keeps them for good."
        ),
    )
    browser: bool = field(
        default=True,
        metadata=_about(_switch, "Whether to open the browser at the start, where there is one.", default="on"),
    )
    access_log: bool = field(
        default=False, metadata=_about(_switch, "Whether to log every request to stderr.", default="off")
    )

    @property
    def share_root(self) -> Path:
        return self.data / "share"

    @property
    def snapshots(self) -> Path:
        return self.data / "snapshots.git"

    @property
    def homes(self) -> Path:
        """Where the private homes of users' terminals are."""
        return self.data / "homes"

    @property
    def key_file(self) -> Path:
        return self.data / "secret.key"

    @property
    def url_of_database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'pfstudio.db'}"

    def to_environment(self) -> dict[str, str]:
        """The variables that give a child process these settings."""
        result = {}
        for setting in fields(self):
            value = getattr(self, setting.name)
            if value is not None:
                result[variable_of(setting.name)] = _to_text(value)
        return result


def variable_of(name: str) -> str:
    """`base_path` → `PFSTUDIO_BASE_PATH`."""
    return f"PFSTUDIO_{name.upper()}"


def flag_of(name: str) -> str:
    """`base_path` → `--base-path`."""
    return f"--{name.replace('_', '-')}"


def read_settings(environment: Mapping[str, str], flags: Mapping[str, str | None] | None = None) -> Settings:
    """The settings that the environment and the flags (by setting name) make.

    Raises:
        InvalidSettingError: a value cannot be read; the sentence names the variable or the flag.
    """
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        flag = (flags or {}).get(setting.name)
        text = environment.get(variable_of(setting.name)) if flag is None else flag
        if text is None or (text == "" and setting.name != "base_path"):
            continue
        try:
            values[setting.name] = setting.metadata["read"](text)
        except ValueError as error:
            where = variable_of(setting.name) if flag is None else flag_of(setting.name)
            raise InvalidSettingError(where, str(error)) from error
    return Settings(**values)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give a command one flag for each setting; `flags_of` reads them back."""
    for setting in fields(Settings):
        options: dict[str, Any] = {"dest": f"setting_{setting.name}", "help": setting.metadata["help"], "default": None}
        if setting.metadata["read"] is _switch:
            group = parser.add_mutually_exclusive_group()
            group.add_argument(flag_of(setting.name), action="store_const", const="on", **options)
            negative = options | {"help": argparse.SUPPRESS}
            group.add_argument(f"--no-{setting.name.replace('_', '-')}", action="store_const", const="off", **negative)
        else:
            parser.add_argument(flag_of(setting.name), metavar=setting.name.upper(), **options)


def flags_of(arguments: argparse.Namespace) -> dict[str, str | None]:
    """The flags that were given, by setting name."""
    return {setting.name: getattr(arguments, f"setting_{setting.name}", None) for setting in fields(Settings)}


def _to_text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, tuple) else str(value)
