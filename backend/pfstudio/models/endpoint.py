"""Where a connection's models are and how one signs in there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from pfstudio.connections.types import (
    AzureOpenAIConnection,
    Connection,
    OpenAIConnection,
    ServerlessConnection,
)
from pfstudio.models.entra import entra_token
from pfstudio.models.errors import InvalidConnectionType
from pfstudio.models.parameters import Provider

_OPENAI: Final = "https://api.openai.com/v1"
_PATHS: Final = {"chat": "chat/completions", "completion": "completions", "embedding": "embeddings", "models": "models"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model server behind a connection. Two connections with equal fields share one."""

    connection: str
    provider: Provider
    base_url: str
    key: str | None = field(default=None, repr=False)
    organization: str | None = None
    api_version: str | None = None
    entra: bool = False
    caller: str = "aoai-tool"
    """Which part of promptflow asks, in the words of its header to Azure."""

    def url(self, api: str, model: str) -> str:
        """The address of an interface: `chat`, `completion`, `embedding` or `models`."""
        if self.provider == "OpenAI":
            return f"{self.base_url}/{_PATHS[api]}"
        place = "" if api == "models" else f"deployments/{quote(model, safe='')}/"
        return f"{self.base_url}/openai/{place}{_PATHS[api]}?api-version={quote(self.api_version or '')}"

    def headers(self) -> dict[str, str]:
        """What signs a request in. Never to be logged."""
        if self.provider == "OpenAI":
            organization = {"OpenAI-Organization": self.organization} if self.organization else {}
            return {"Authorization": f"Bearer {self.key}", **organization}
        sign_in = (
            {"Authorization": f"Bearer {entra_token(self.connection)}"} if self.entra else {"api-key": self.key or ""}
        )
        return {**sign_in, "ms-azure-ai-promptflow-called-from": self.caller}

    @property
    def shown_address(self) -> str:
        """The address as a message may show it: without a user name or password in it."""
        return re.sub(r"//[^/@]*@", "//", self.base_url)

    def scrub(self, text: str) -> str:
        """The text without the key, which servers like to repeat in their refusals."""
        return text.replace(self.key, "**data_scrubbed**") if self.key and len(self.key) > 2 else text


def endpoint_of(connection: Connection, *, caller: str = "aoai-tool") -> Endpoint:
    """The model server of a connection.

    Raises:
        InvalidConnectionType: the connection is not one to a model server.
    """
    name = connection.name or "?"
    if isinstance(connection, AzureOpenAIConnection):
        entra = connection.auth_mode == "meid_token" or not connection.api_key
        return Endpoint(
            connection=name,
            provider="AzureOpenAI",
            base_url=str(connection.api_base).rstrip("/"),
            key=None if entra else str(connection.api_key).strip(),
            api_version=connection.api_version,
            entra=entra,
            caller=caller,
        )
    if isinstance(connection, ServerlessConnection):
        base_url = f"{str(connection.api_base).rstrip('/')}/v1"
        return Endpoint(
            connection=name, provider="OpenAI", base_url=base_url, key=str(connection.api_key or "").strip()
        )
    if isinstance(connection, OpenAIConnection):
        base_url = connection.base_url or os.environ.get("OPENAI_BASE_URL") or _OPENAI
        return Endpoint(
            connection=name,
            provider="OpenAI",
            base_url=base_url.rstrip("/"),
            key=str(connection.api_key or "").strip(),
            organization=connection.organization,
        )
    raise InvalidConnectionType(type(connection).__name__)
