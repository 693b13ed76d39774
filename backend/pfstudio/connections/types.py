"""The connection classes: addresses and secrets of model servers and other services, as values.

Public names, constructor arguments and attributes are those of promptflow 1.18 (`promptflow.connections`). Nothing
here stores, encrypts or fetches anything. Importing this module is cheap; the engine does so at start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pfstudio.connections.base import (
    RECORD_FIELDS,
    SCRUBBED,
    Connection,
    ConnectionField,
    ConnectionNameNotSetError,
    ConnectionNotFoundError,
    InvalidConnectionError,
)
from pfstudio.connections.custom import STRONG_FIELDS, STRONG_PREFIX, CustomConnection, CustomStrongTypeConnection
from pfstudio.connections.services import (
    AzureAIServicesConnection,
    AzureContentSafetyConnection,
    AzureOpenAIConnection,
    CognitiveSearchConnection,
    FormRecognizerConnection,
    OpenAIConnection,
    QdrantConnection,
    SerpConnection,
    ServerlessConnection,
    WeaviateConnection,
)

__all__ = [
    "AzureAIServicesConnection",
    "AzureContentSafetyConnection",
    "AzureOpenAIConnection",
    "CONNECTION_TYPES",
    "CognitiveSearchConnection",
    "Connection",
    "ConnectionField",
    "ConnectionNameNotSetError",
    "ConnectionNotFoundError",
    "CustomConnection",
    "CustomStrongTypeConnection",
    "FormRecognizerConnection",
    "InvalidConnectionError",
    "OpenAIConnection",
    "QdrantConnection",
    "SCRUBBED",
    "SerpConnection",
    "ServerlessConnection",
    "WeaviateConnection",
    "connection_class",
    "connection_from_fields",
    "is_placeholder",
    "missing_secrets",
    "unknown_fields",
    "with_stored_secrets",
]

_NO_CHANGE: Final = "<no-change>"
_TO_BE_ASKED: Final = "<user-input>"

CONNECTION_TYPES: Final[tuple[type[Connection], ...]] = (
    AzureOpenAIConnection,
    OpenAIConnection,
    ServerlessConnection,
    SerpConnection,
    CognitiveSearchConnection,
    AzureAIServicesConnection,
    AzureContentSafetyConnection,
    FormRecognizerConnection,
    QdrantConnection,
    WeaviateConnection,
    CustomConnection,
)
_BY_WORD: Final[dict[str, type[Connection]]] = {
    word: cls for cls in CONNECTION_TYPES for word in (cls.kind, cls.TYPE.lower(), f"{cls.TYPE}Connection".lower())
}


def is_placeholder(value: object) -> bool:
    """Whether a secret's text stands for "ask me" or "as it was": absent, empty, only asterisks, `<user-input>`."""
    if value is None:
        return True
    text = str(value)
    return not text.strip("*") or text in (_TO_BE_ASKED, _NO_CHANGE)


def connection_class(word: object) -> type[Connection]:
    """The class of a type's word, in any of its spellings (`azure_open_ai`, `AzureOpenAI`).

    Raises:
        InvalidConnectionError: no type, or an unknown one.
    """
    if not word:
        raise InvalidConnectionError("type is required for connection.")
    found = _BY_WORD.get(str(word).lower())
    if found is None:
        raise InvalidConnectionError(
            f"Connection type '{word}' is not supported. Supported types are: {[cls.kind for cls in CONNECTION_TYPES]}"
        )
    return found


def unknown_fields(data: Mapping[str, Any]) -> list[str]:
    """Keys of a flat body that its type does not have. Reading ignores them, as promptflow did."""
    cls = connection_class(data.get("type"))
    known = {"$schema", "name", "type", "module", "configs", "secrets", *RECORD_FIELDS, *STRONG_FIELDS}
    return sorted(set(data) - known - {field.name for field in cls.fields})


def missing_secrets(data: Mapping[str, Any]) -> list[str]:
    """Names of the secrets a flat body leaves to be asked for, in their order."""
    cls = connection_class(data.get("type"))
    if cls is CustomConnection:
        return [key for key, value in _mapping(data, "secrets").items() if is_placeholder(value)]
    keyless = data.get("auth_mode") not in (None, "key")
    return [f.name for f in cls.fields if f.secret and not keyless and is_placeholder(data.get(f.name))]


def with_stored_secrets(data: Mapping[str, Any], stored: Connection) -> dict[str, Any]:
    """The body of an update, where a scrubbed or absent secret keeps the value that is stored."""
    body = dict(data)
    if isinstance(stored, CustomConnection):
        given = _mapping(data, "secrets")
        body["secrets"] = {k: stored.secrets.get(k, v) if is_placeholder(v) else v for k, v in given.items()}
        return body
    for key, value in stored.secrets.items():
        if is_placeholder(body.get(key)):
            body[key] = value
    return body


def connection_from_fields(data: Mapping[str, Any]) -> Connection:
    """Make a connection of the flat body of YAML files and of the HTTP interface.

    Raises:
        InvalidConnectionError: an unknown type, a missing or empty field, a value that is not a text.
    """
    cls = connection_class(data.get("type"))
    record = {key: data[key] for key in ("name", *RECORD_FIELDS) if data.get(key) is not None}
    if cls is CustomConnection:
        return _custom_from_fields(data, record)
    values = {field.name: _text(field, data) for field in cls.fields}
    problems: dict[str, list[str]] = {
        field.name: ["Missing data for required field."]
        for field in cls.fields
        if field.required and values[field.name] is None
    }
    if "auth_mode" in values and values["auth_mode"] == "key" and values["api_key"] is None:
        problems["_schema"] = ["'api_key' is required for key auth mode connection."]
    if problems:
        raise InvalidConnectionError(f"Load connection failed with {problems}.")
    if missing := missing_secrets(data):
        raise InvalidConnectionError(
            f"Connection '{data.get('name')}' secrets {missing} value invalid, please fill them."
        )
    arguments: dict[str, Any] = {**values, **record}
    return cls(**arguments)


def _text(field: ConnectionField, data: Mapping[str, Any]) -> str | None:
    value = data.get(field.name)
    if value is None:
        return field.default
    if not isinstance(value, str):
        raise InvalidConnectionError(f"Load connection failed with {{'{field.name}': ['Not a valid string.']}}.")
    if field.choices and value not in field.choices:
        raise InvalidConnectionError(
            f"Load connection failed with {{'{field.name}': [\"Value '{value}' passed is not in set "
            f'{list(field.choices)}"]}}.'
        )
    return value


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key) or {}
    if not isinstance(value, Mapping):
        raise InvalidConnectionError(f"Load connection failed with {{'{key}': ['Not a valid mapping type.']}}.")
    return value


def _custom_from_fields(data: Mapping[str, Any], record: Mapping[str, Any]) -> CustomConnection:
    configs, secrets = dict(_mapping(data, "configs")), dict(_mapping(data, "secrets"))
    for part, values in (("configs", configs), ("secrets", secrets)):
        if wrong := [key for key, value in values.items() if not isinstance(value, str | None)]:
            raise InvalidConnectionError(
                f"Load connection failed with {{'{part}': {{'{wrong[0]}': ['Not a valid string.']}}}}. "
                "Put the value in quotes."
            )
    if missing := missing_secrets(data):
        raise InvalidConnectionError(
            f"Connection '{data.get('name')}' secrets {missing} value invalid, please fill them."
        )
    if data.get("custom_type"):
        configs |= {STRONG_PREFIX + key: str(data[key]) for key in STRONG_FIELDS if data.get(key)}
    return CustomConnection(secrets=secrets, configs=configs, **record)
