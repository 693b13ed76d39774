"""The connections of one user of `pf`: one encrypted file in the home folder.

Its key is in another file beside it, or in the variable `PFSTUDIO_SECRET_KEY`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pfstudio.connections.demo import DEMO_CONNECTION, demo_connection
from pfstudio.connections.environment import (
    connection_from_environment,
    connection_from_file,
    with_environment,
)
from pfstudio.connections.types import (
    Connection,
    ConnectionNameNotSetError,
    ConnectionNotFoundError,
    InvalidConnectionError,
    connection_from_fields,
    missing_secrets,
    with_stored_secrets,
)
from pfstudio.connections.vault import DecryptConnectionError, Vault, load_or_create_key, read_key
from pfstudio.errors import UnavailableError

_FILE: Final = "connections.enc"
_KEY: Final = "connections.key"
_LOCK: Final = ".connections.lock"
_LOCK_SECONDS: Final = 10.0
KEY_VARIABLE: Final = "PFSTUDIO_SECRET_KEY"


class ConnectionsBusyError(UnavailableError):
    def __init__(self, lock: Path) -> None:
        super().__init__(f"Another process is changing the connections. If none is, delete '{lock}'.")


def pf_home() -> Path:
    """The home folder of `pf`: `PF_HOME_DIRECTORY`, or `.promptflow` in the user's own."""
    given = os.environ.get("PF_HOME_DIRECTORY")
    return Path(given).expanduser().resolve() if given else Path.home() / ".promptflow"


class LocalConnections:
    """Named connections in a home folder. Reading creates nothing, so that a read-only home works.

    The environment may override fields (`NAME_KEY`), stand in for values (`${env:NAME}`), or make whole connections.
    The connection `demo` is always there, unless one of that name is stored.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def list(self) -> list[Connection]:
        """The stored connections, oldest first."""
        return [connection_from_fields(fields) for fields in self._read().values()]

    def get(self, name: str) -> Connection:
        """The connection as a flow uses it, with its secrets.

        Raises:
            ConnectionNotFoundError: no connection has this name.
            EnvironmentVariableNotFoundError: a value names a variable that is not set.
        """
        fields = self._read().get(name)
        if fields is not None:
            return with_environment(connection_from_fields(fields))
        made = connection_from_file(name) or connection_from_environment(name)
        if made is not None:
            return with_environment(made)
        if name == DEMO_CONNECTION:
            return demo_connection()
        raise ConnectionNotFoundError(name)

    def show(self, name: str) -> Connection:
        """The connection as it is stored, or as the environment describes it, with nothing replaced.

        Raises:
            ConnectionNotFoundError: no connection has this name.
        """
        fields = self._read().get(name)
        if fields is not None:
            return connection_from_fields(fields)
        made = connection_from_file(name) or connection_from_environment(name)
        if made is not None:
            return made
        if name == DEMO_CONNECTION:
            return demo_connection()
        raise ConnectionNotFoundError(name)

    def create_or_update(self, connection: Connection) -> Connection:
        """Store a connection; secrets that are scrubbed (`******`) keep the value that is stored.

        Raises:
            ConnectionNameNotSetError: it has no name.
            InvalidConnectionError: a field is missing or wrong.
        """
        if not connection.name:
            raise ConnectionNameNotSetError
        with self._changing() as stored:
            before = stored.get(connection.name)
            fields = connection.to_fields(with_secrets=True)
            if before is not None and before["type"] == fields["type"]:
                fields = with_stored_secrets(fields, connection_from_fields(before))
            if missing := missing_secrets(fields):
                raise InvalidConnectionError(
                    f"Connection '{connection.name}' secrets {missing} value invalid, please fill them."
                )
            if "configs" in fields:  # A key that is in both is a secret alone.
                secrets = fields.get("secrets") or {}
                fields["configs"] = {key: value for key, value in fields["configs"].items() if key not in secrets}
            now = datetime.now().isoformat()  # Local time without a zone, as promptflow wrote it.
            fields |= {"created_date": (before or {}).get("created_date", now), "last_modified_date": now}
            made = connection_from_fields(fields)
            stored[connection.name] = made.to_fields(with_secrets=True)
        return made

    def delete(self, name: str) -> bool:
        """Forget a connection; whether there was one."""
        with self._changing() as stored:
            return stored.pop(name, None) is not None

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            token = (self._home / _FILE).read_text(encoding="ascii")
        except FileNotFoundError:
            return {}
        connections: dict[str, dict[str, Any]] = json.loads(self._decrypted(token))["connections"]
        return connections

    def _decrypted(self, token: str) -> str:
        """The text, by the key of the variable or else of the file: whoever sets the variable later loses nothing."""
        keys = [key for key in (_key_of_environment(), read_key(self._home / _KEY)) if key is not None]
        if not keys:
            raise DecryptConnectionError(
                f"The key of the stored connections is missing: '{self._home / _KEY}'. Put it back, or delete "
                f"'{self._home / _FILE}' and create the connections again."
            )
        for key in keys[:-1]:
            with suppress(DecryptConnectionError):
                return Vault(key).decrypt(token)
        return Vault(keys[-1]).decrypt(token)

    def _write(self, connections: Mapping[str, Mapping[str, Any]]) -> None:
        vault = Vault(_key_of_environment() or load_or_create_key(self._home / _KEY))
        token = vault.encrypt(json.dumps({"version": 1, "connections": connections}))
        fresh = self._home / f".{_FILE}.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._home / _FILE)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, dict[str, Any]]]:
        """The stored connections, to be changed; written at the end, by one process at a time."""
        self._home.mkdir(parents=True, exist_ok=True)
        lock = self._home / _LOCK
        _take(lock)
        try:
            stored = self._read()
            before = json.dumps(stored)
            yield stored
            if json.dumps(stored) != before:
                self._write(stored)
        finally:
            lock.unlink(missing_ok=True)


def _key_of_environment() -> bytes | None:
    return os.environ.get(KEY_VARIABLE, "").encode() or None


def _take(lock: Path) -> None:
    # A file that must not exist works on every system and file system; `fcntl` would not.
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if _is_left_over(lock):
                lock.unlink(missing_ok=True)
            elif time.monotonic() > until:
                raise ConnectionsBusyError(lock) from None
            else:
                time.sleep(0.02)
        else:
            return


def _is_left_over(lock: Path) -> bool:
    """Whether the process that took the lock has surely ended: no change takes this long."""
    try:
        return time.time() - lock.stat().st_mtime > _LOCK_SECONDS
    except FileNotFoundError:
        return False
