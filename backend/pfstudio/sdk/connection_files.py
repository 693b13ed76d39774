"""Connections from files: YAML with a type, or a `.env` whose keys are all secret."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pfstudio.connections.types import (
    Connection,
    InvalidConnectionError,
    connection_from_fields,
    missing_secrets,
    with_stored_secrets,
)
from pfstudio.errors import UserErrorException
from pfstudio.flow.errors import ValidationException
from pfstudio.flow.yaml_reader import YamlMap, plain, read_yaml
from pfstudio.sdk.env_files import read_env_file

_LOAD_FAILED = "Load connection failed"


def load_connection(
    source: str | Path, params_override: Iterable[Mapping[str, Any]] | None = None, **_: Any
) -> Connection:
    """The connection a file describes, not stored yet. `params_override` replaces fields, dotted keys reach inside.

    Raises:
        UserErrorException: there is no such file, or it describes no connection; with file and line.
    """
    changes = {key: value for change in params_override or () for key, value in change.items()}
    return ConnectionFile(Path(source), changes).connection()


class ConnectionFile:
    """What a connection file says, before its secrets are complete."""

    def __init__(self, path: Path, changes: Mapping[str, Any] | None = None) -> None:
        if not path.is_file():
            raise UserErrorException(f"No such file or directory: {path}")
        self.path = path
        self._written: YamlMap | None = None
        name = (changes or {}).get("name")
        if path.name.endswith(".env"):
            if not name:
                raise UserErrorException("Please specify --name when creating connection from .env.")
            self.fields: dict[str, Any] = {"name": name, "type": "custom", "secrets": read_env_file(path)}
            return
        document = read_yaml(path.read_bytes(), str(path))
        if not isinstance(document, YamlMap):
            raise ValidationException("The file describes no connection: it holds no keys.", file=str(path), line=1)
        self._written = document
        self.fields = with_changes(plain(document), changes or {})

    def missing_secrets(self) -> list[str]:
        """Names of the secrets that are absent, empty, or a placeholder."""
        try:
            return missing_secrets(self.fields)
        except InvalidConnectionError as error:
            raise self._located(error) from error

    def set_secret(self, name: str, value: str) -> None:
        if isinstance(self.fields.get("secrets"), Mapping):
            self.fields["secrets"] = {**self.fields["secrets"], name: value}
        else:
            self.fields[name] = value

    def connection(self) -> Connection:
        """The connection.

        Raises:
            ValidationException, UserErrorException: it lacks something, or something in it is wrong.
        """
        try:
            _check_strong_type(self.fields)
            return connection_from_fields(self.fields)
        except InvalidConnectionError as error:
            raise self._located(error) from error

    def _located(self, error: InvalidConnectionError) -> UserErrorException:
        """The error in the original's words, with the line of the first key it names."""
        place: dict[str, Any] = {"file": str(self.path), "line": self._line(error.message)}
        if error.message.startswith(_LOAD_FAILED):
            return UserErrorException(f"Load entity error: {error.message}", **place)
        return ValidationException(error.message, **place)

    def _line(self, message: str) -> int:
        written = self._written
        if written is None:
            return 1
        named = [key for key in written if f"'{key}'" in message or f" key {key}," in message]
        if not named and message.startswith("Connection type"):
            named = ["type"]
        return written.line_of(named[0]) if named else 1


def changed_connection(stored: Connection, changes: Mapping[str, Any]) -> Connection:
    """A stored connection with some of its fields replaced; secrets given as `******` stay as they are.

    Raises:
        ValidationException: a field is wrong.
    """
    fields = with_changes(stored.to_fields(with_secrets=True), changes)
    try:
        return connection_from_fields({**with_stored_secrets(fields, stored), "name": stored.name})
    except InvalidConnectionError as error:
        raise ValidationException(error.message) from error


def with_changes(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with some replaced. `configs.x` reaches inside; a custom connection's own keys need no prefix."""
    changed = {key: dict(value) if isinstance(value, Mapping) else value for key, value in fields.items()}
    for key, value in changes.items():
        part, dot, inner = key.partition(".")
        if dot and part in ("configs", "secrets"):
            changed[part] = {**(changed.get(part) or {}), inner: value}
            continue
        inside = next((part for part in ("secrets", "configs") if key in (changed.get(part) or {})), None)
        if inside is not None:
            changed[inside][key] = value
        else:
            changed[key] = value
    return changed


def _check_strong_type(fields: Mapping[str, Any]) -> None:
    """Compare the keys with the user's class, as far as it can be imported here.

    Raises:
        InvalidConnectionError: the class is not there, or has no such key.
    """
    class_name, module_name = fields.get("custom_type"), fields.get("module")
    if not class_name:
        return
    if not module_name or module_name == "promptflow.connections":
        raise InvalidConnectionError(f"{_LOAD_FAILED} with {{'module': ['Missing data for required field.']}}.")
    try:
        module = importlib.import_module(str(module_name))
    except Exception as error:
        raise InvalidConnectionError(
            f"{_LOAD_FAILED}: Can't find module {module_name} in current environment. Please check the module is "
            "correctly configured."
        ) from error
    cls = getattr(module, str(class_name), None)
    if cls is None:
        raise InvalidConnectionError(
            f"{_LOAD_FAILED}: Can't find class {class_name} in module {module_name}. Please check the custom_type is "
            "correctly configured."
        )
    known = {key for base in cls.__mro__ for key in vars(base).get("__annotations__", {})}
    for part, word in (("configs", "config"), ("secrets", "secret")):
        unknown = [key for key in fields.get(part) or {} if key not in known]
        if unknown:
            raise InvalidConnectionError(
                f"{_LOAD_FAILED} with {{'{part}': ['Invalid {word} key {unknown[0]}, please check the schema.']}}."
            )
