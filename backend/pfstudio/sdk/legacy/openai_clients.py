"""Clients of OpenAI's own library, made of connections. The library is the user's to install."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pfstudio.connections.types import AzureOpenAIConnection, Connection, OpenAIConnection
from pfstudio.models.errors import InvalidConnectionType

F = TypeVar("F", bound=Callable[..., Any])


def normalize_connection_config(connection: Connection) -> dict[str, Any]:
    """The keywords of the client that a connection is for.

    Raises:
        InvalidConnectionType: it is no connection to OpenAI or Azure OpenAI.
    """
    if isinstance(connection, AzureOpenAIConnection):
        keys = {"api_version": connection.api_version, "azure_endpoint": connection.api_base}
        if connection.auth_mode == "key":
            return {"max_retries": 0, "api_key": connection.api_key, **keys}
        return {"max_retries": 0, "azure_ad_token_provider": _token_provider(), **keys}
    if isinstance(connection, OpenAIConnection):
        keys = {"organization": connection.organization, "base_url": connection.base_url}
        return {"max_retries": 0, "api_key": connection.api_key, **keys}
    raise InvalidConnectionType(type(connection).__name__)


def init_azure_openai_client(connection: AzureOpenAIConnection) -> Any:
    """A client of Azure OpenAI."""
    from openai import AzureOpenAI  # type: ignore[import-not-found,unused-ignore]  # Installed by users who want it.

    return AzureOpenAI(**normalize_connection_config(connection))


def init_openai_client(connection: OpenAIConnection) -> Any:
    """A client of OpenAI, or of a server that speaks like it."""
    from openai import OpenAI  # type: ignore[import-not-found,unused-ignore]  # Installed by users who want it.

    return OpenAI(**normalize_connection_config(connection))


def handle_openai_error(*_: Any, **__: Any) -> Callable[[F], F]:
    """A decorator that promptflow tried calls again with; model calls made here retry by themselves."""
    return lambda function: function


def to_bool(value: object) -> bool:
    """Whether the text says `true`."""
    return str(value).lower() == "true"


def _token_provider() -> Any:
    from azure.identity import (  # type: ignore[import-not-found,unused-ignore]  # Installed by users who want it.
        DefaultAzureCredential,
        get_bearer_token_provider,
    )

    return get_bearer_token_provider(DefaultAzureCredential(), "https://cognitiveservices.azure.com/.default")
