"""Which model to call and where: what flex flows take in their constructor and a prompty may be given."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from pfstudio.connections.types import AzureOpenAIConnection, Connection, InvalidConnectionError, OpenAIConnection


class ModelConfiguration:
    """Base of both kinds. `connection` names a connection that has everything but the model."""

    TYPE: ClassVar[str] = ""
    connection: str | Connection | None
    _own: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        self._type = self.TYPE
        if self.connection and any(getattr(self, name) for name in self._own):
            raise InvalidConnectionError("Cannot configure model config and connection at the same time.")

    def to_fields(self) -> dict[str, Any]:
        """The `configuration` block of a prompty."""
        return {"type": self.TYPE, **asdict(self)}  # type: ignore[call-overload]  # Subclasses are dataclasses.


@dataclass
class AzureOpenAIModelConfiguration(ModelConfiguration):
    azure_deployment: str
    azure_endpoint: str | None = None
    api_version: str | None = None
    api_key: str | None = None
    connection: str | Connection | None = None

    TYPE = "azure_openai"
    _own = ("azure_endpoint", "api_key", "api_version")

    @classmethod
    def from_connection(cls, connection: AzureOpenAIConnection, azure_deployment: str) -> AzureOpenAIModelConfiguration:
        """A deployment behind a connection, with the connection's address and key."""
        return cls(
            azure_deployment=azure_deployment,
            azure_endpoint=connection.api_base,
            api_version=connection.api_version,
            api_key=connection.api_key,
        )


@dataclass
class OpenAIModelConfiguration(ModelConfiguration):
    model: str
    base_url: str | None = None
    api_key: str | None = None
    organization: str | None = None
    connection: str | Connection | None = None

    TYPE = "openai"
    _own = ("base_url", "api_key", "organization")

    @classmethod
    def from_connection(cls, connection: OpenAIConnection, model: str) -> OpenAIModelConfiguration:
        """A model behind a connection, with the connection's address and key."""
        return cls(
            model=model,
            base_url=connection.base_url,
            api_key=connection.api_key,
            organization=connection.organization,
        )


MODEL_CONFIGURATIONS: dict[str, type[ModelConfiguration]] = {
    "AzureOpenAIModelConfiguration": AzureOpenAIModelConfiguration,
    "OpenAIModelConfiguration": OpenAIModelConfiguration,
}
