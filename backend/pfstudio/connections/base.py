"""What every connection is: named fields, of which some are secret.

Two words name a type: `type` is what user code sees (`"AzureOpenAI"`), `kind` the word of YAML files and of the HTTP
interface (`"azure_open_ai"`). `types.connection_from_fields` reads either, `to_fields` writes `kind`.
"""

from __future__ import annotations

from collections.abc import ItemsView, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from pfstudio.errors import CoreError, InvalidError, NotFoundError, SDKError

SCRUBBED: Final = "******"
_MODULE: Final = "promptflow.connections"
RECORD_FIELDS: Final = ("created_date", "last_modified_date", "expiry_time")


class ConnectionNotFoundError(SDKError, NotFoundError):
    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(f"Connection '{name}' is not found.", **kwargs)
        self.name = name


class ConnectionNameNotSetError(SDKError, InvalidError):
    def __init__(self) -> None:
        super().__init__("Name is required to create or update connection.")


class InvalidConnectionError(CoreError, InvalidError):
    """The fields do not make a connection; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class ConnectionField:
    """One key of a connection type, as forms and files know it."""

    name: str
    required: bool = False
    secret: bool = False
    default: str | None = None
    description: str = ""
    choices: tuple[str, ...] = ()


class Connection:
    """One named connection. Its fields are attributes; `configs` and `secrets` hold them apart.

    `str()` and `repr()` never show a secret.
    """

    TYPE: ClassVar[str] = "NotSet"
    kind: ClassVar[str] = "not_set"
    title: ClassVar[str] = ""
    fields: ClassVar[tuple[ConnectionField, ...]] = ()

    def __init__(
        self,
        name: str | None = None,
        module: str = _MODULE,
        configs: Mapping[str, Any] | None = None,
        secrets: Mapping[str, Any] | None = None,
        **record: Any,
    ) -> None:
        self.name = name
        self.type = self.TYPE
        self.class_name = f"{self.TYPE}Connection"
        self.module = module
        self.configs: dict[str, Any] = dict(configs or {})
        self.secrets: dict[str, Any] = dict(secrets or {})
        for key in RECORD_FIELDS:
            setattr(self, key, record.get(key))

    def __getattr__(self, key: str) -> Any:
        # Called only where normal lookup fails; `__dict__` keeps copy and pickle from recursing.
        for values in (self.__dict__.get("secrets", {}), self.__dict__.get("configs", {})):
            if key in values:
                return values[key]
        if any(field.name == key for field in type(self).fields):
            return None
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{key}'")

    def __setattr__(self, key: str, value: Any) -> None:
        for field in type(self).fields:
            if field.name == key:
                (self.secrets if field.secret else self.configs)[key] = value
                return
        super().__setattr__(key, value)

    def keys(self) -> list[str]:
        return [*self.configs, *self.secrets]

    def items(self) -> ItemsView[str, Any]:
        return {key: self[key] for key in self.keys()}.items()

    def __getitem__(self, key: str) -> Any:
        for values in (self.secrets, self.configs):
            if key in values:
                return values[key]
        raise KeyError(f"Key {key!r} not found in connection {self.name!r}.")

    def is_secret(self, key: str) -> bool:
        return key in self.secrets

    def secret_values(self) -> list[str]:
        """The texts that must never show in a log, a record or a message."""
        return [str(value) for value in self.secrets.values() if value]

    def field_value(self, key: str) -> str | None:
        """What `${connection.key}` in environment variables stands for; None where there is no such key."""
        value = self.secrets.get(key, self.configs.get(key))
        return None if value is None else str(value)

    def to_fields(self, *, with_secrets: bool) -> dict[str, Any]:
        """The flat body of YAML files and of the HTTP interface. Null fields are left out."""
        body = self._head()
        for field in type(self).fields:
            value = (self.secrets if field.secret else self.configs).get(field.name)
            if value is None:
                continue
            body[field.name] = value if with_secrets or not field.secret else SCRUBBED
        return body

    def _head(self) -> dict[str, Any]:
        record = {key: self.__dict__.get(key) for key in RECORD_FIELDS}
        head = {"name": self.name, "module": self.module, **record, "type": self.kind}
        return {key: value for key, value in head.items() if value is not None}

    def __str__(self) -> str:
        lines: list[str] = []
        for key, value in self.to_fields(with_secrets=False).items():
            if isinstance(value, Mapping):
                lines += [f"{key}:", *(f"  {inner}: {text}" for inner, text in value.items())]
            else:
                lines.append(f"{key}: {value}")
        return "\n".join(lines) + "\n"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.to_fields(with_secrets=True) == self.to_fields(with_secrets=True)

    __hash__ = object.__hash__
