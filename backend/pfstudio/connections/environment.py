"""Connections, or fields of them, that the environment gives: for containers and machines without a store."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pfstudio.connections.types import (
    Connection,
    CustomConnection,
    InvalidConnectionError,
    connection_class,
    connection_from_fields,
)
from pfstudio.errors import InvalidError

_FROM_ENVIRONMENT: Final = re.compile(r"\$\{env:([^}]+)\}")


class EnvironmentVariableNotFoundError(InvalidError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Environment variable {name} is not found.")


def variable_name(connection: str, key: str) -> str:
    """The variable that holds a connection's field: `MY_CONNECTION_API_KEY`."""
    return f"{connection}_{key}".replace(" ", "_").upper()


def with_environment(connection: Connection, environ: Mapping[str, str] = os.environ) -> Connection:
    """The connection with the fields the environment overrides, and with `${env:NAME}` replaced.

    Raises:
        EnvironmentVariableNotFoundError: a value names a variable that is not set.
    """
    fields = connection.to_fields(with_secrets=True)
    changed = _resolved(fields, connection.name or "", connection, environ)
    return connection if changed == fields else connection_from_fields(changed)


def connection_from_environment(name: str, environ: Mapping[str, str] = os.environ) -> Connection | None:
    """A connection made of variables alone; None where they do not make one.

    `NAME_TYPE` says its type; without it an address and a key make an Azure OpenAI connection, a key alone OpenAI.
    """
    kind = environ.get(variable_name(name, "type"))
    if kind is None:
        has_key = variable_name(name, "api_key") in environ
        has_base = variable_name(name, "api_base") in environ
        kind = "azure_open_ai" if has_key and has_base else "open_ai" if has_key else None
    if kind is None:
        return None
    keys = [field.name for field in connection_class(kind).fields]
    given = {key: environ[variable_name(name, key)] for key in keys if variable_name(name, key) in environ}
    return connection_from_fields({"name": name, "type": kind, **given})


def connection_from_file(name: str, environ: Mapping[str, str] = os.environ) -> Connection | None:
    """A connection of the JSON file that `PROMPTFLOW_CONNECTIONS` names, as deployed flows bring it; None without one.

    Raises:
        InvalidConnectionError: the file cannot be read, or the connection in it is none.
    """
    path = environ.get("PROMPTFLOW_CONNECTIONS")
    if not path:
        return None
    try:
        entry = json.loads(Path(path).read_text(encoding="utf-8")).get(name)
    except (OSError, ValueError, AttributeError) as error:
        raise InvalidConnectionError(f"PROMPTFLOW_CONNECTIONS: '{path}' cannot be read: {error}") from error
    if entry is None:
        return None
    values = dict(entry.get("value") or {})
    if connection_class(entry.get("type")) is not CustomConnection:
        return connection_from_fields({"name": name, "type": entry["type"], **values})
    secret = set(entry.get("secret_keys") or ())
    parts = {
        "secrets": {key: value for key, value in values.items() if key in secret},
        "configs": {key: value for key, value in values.items() if key not in secret},
    }
    return connection_from_fields({"name": name, "type": "custom", **parts})


def _resolved(
    fields: Mapping[str, Any], name: str, connection: Connection, environ: Mapping[str, str]
) -> dict[str, Any]:
    changed = dict(fields)
    if isinstance(connection, CustomConnection):
        for part in ("configs", "secrets"):
            changed[part] = {key: _value(name, key, value, environ) for key, value in fields.get(part, {}).items()}
        return changed
    for field in type(connection).fields:
        value = _value(name, field.name, fields.get(field.name), environ)
        if value is not None:
            changed[field.name] = value
    return changed


def _value(name: str, key: str, value: Any, environ: Mapping[str, str]) -> Any:
    given = environ.get(variable_name(name, key), value)
    named = _FROM_ENVIRONMENT.fullmatch(given) if isinstance(given, str) else None
    if named is None:
        return given
    if named[1] not in environ:
        raise EnvironmentVariableNotFoundError(named[1])
    return environ[named[1]]
