"""Connections whose keys the user names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pfstudio.connections.base import SCRUBBED, Connection

STRONG_PREFIX: Final = "promptflow.connection."
STRONG_FIELDS: Final = ("custom_type", "module", "package", "package_version")


class CustomConnection(Connection):
    """Any names and texts: `configs` that may show, `secrets` that may not. Either may be empty."""

    TYPE = "Custom"
    kind = "custom"
    title = "Custom"

    def __init__(
        self, secrets: Mapping[str, str] | None = None, configs: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(configs=configs, secrets=secrets, **kwargs)

    @property
    def custom_type(self) -> str | None:
        """The class of a strong typed connection that is kept in this one."""
        return self.configs.get(STRONG_PREFIX + "custom_type")

    def convert_to(self, strong: type[CustomStrongTypeConnection]) -> CustomStrongTypeConnection:
        """This connection as the user's class, for a tool that asks for that class."""
        configs = {key: value for key, value in self.configs.items() if not key.startswith(STRONG_PREFIX)}
        return strong(secrets=self.secrets, configs=configs, name=self.name)

    def to_fields(self, *, with_secrets: bool) -> dict[str, Any]:
        body = self._head()
        strong = {key: self.configs.get(STRONG_PREFIX + key) for key in STRONG_FIELDS}
        body |= {key: value for key, value in strong.items() if value is not None}
        body["configs"] = {k: v for k, v in self.configs.items() if not k.startswith(STRONG_PREFIX)}
        body["secrets"] = {k: v if with_secrets else SCRUBBED for k, v in self.secrets.items()}
        return body


class CustomStrongTypeConnection(CustomConnection):
    """Base of users' classes that annotate their keys: `class Mine(...): api_key: Secret; api_base: str = "x"`."""

    def __init__(
        self, secrets: Mapping[str, str] | None = None, configs: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        package, version = kwargs.pop("package", None), kwargs.pop("package_version", None)
        super().__init__(secrets, {**self._defaults(), **(configs or {})}, **kwargs)
        if "module" not in kwargs:
            self.module = type(self).__module__
        self.package, self.package_version = package, version

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        names = [name for base in cls.__mro__ for name in vars(base).get("__annotations__", {})]
        own = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
        return {name: value for name, value in own.items() if isinstance(value, str)}

    @property
    def custom_type(self) -> str | None:
        return type(self).__name__

    def __getattribute__(self, key: str) -> Any:
        # A default in the class body would otherwise hide the value that was given.
        if not key.startswith("_") and key not in ("configs", "secrets"):
            for values in (self.__dict__.get("secrets", {}), self.__dict__.get("configs", {})):
                if key in values:
                    return values[key]
        return super().__getattribute__(key)

    def to_fields(self, *, with_secrets: bool) -> dict[str, Any]:
        body = self._head()
        strong = {
            "custom_type": self.custom_type,
            "package": self.package,
            "package_version": self.package_version,
        }
        body |= {key: value for key, value in strong.items() if value is not None}
        body["configs"] = dict(self.configs)
        body["secrets"] = {k: v if with_secrets else SCRUBBED for k, v in self.secrets.items()}
        return body
