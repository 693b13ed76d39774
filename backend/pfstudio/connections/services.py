"""Connections to services that the original knows by name."""

from __future__ import annotations

from typing import Any

from pfstudio.connections.base import Connection, ConnectionField


def _key(*, required: bool = True) -> ConnectionField:
    return ConnectionField("api_key", required=required, secret=True, description="The key of the service.")


_AUTH_MODE = ConnectionField(
    "auth_mode",
    default="key",
    choices=("key", "meid_token"),
    description="`key`, or `meid_token` to sign in with Microsoft Entra ID.",
)


def _given(**values: str | None) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


class AzureOpenAIConnection(Connection):
    TYPE = "AzureOpenAI"
    kind = "azure_open_ai"
    title = "Azure OpenAI"
    fields = (
        ConnectionField(
            "api_base", required=True, description="The endpoint, for example https://NAME.openai.azure.com"
        ),
        _key(required=False),
        ConnectionField("api_type", default="azure"),
        ConnectionField("api_version", default="2024-02-01"),
        _AUTH_MODE,
        ConnectionField("resource_id", description="The Azure resource the endpoint belongs to."),
    )

    def __init__(  # noqa: PLR0917 - the order of the original's public signature.
        self,
        api_base: str,
        api_key: str | None = None,
        api_type: str = "azure",
        api_version: str = "2024-02-01",
        auth_mode: str = "key",
        resource_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        configs = {
            "api_base": api_base,
            "api_type": api_type,
            "api_version": api_version,
            "auth_mode": auth_mode,
            "resource_id": resource_id,
        }
        super().__init__(configs=configs, secrets=_given(api_key=api_key), **kwargs)


class OpenAIConnection(Connection):
    TYPE = "OpenAI"
    kind = "open_ai"
    title = "OpenAI or compatible"
    fields = (
        _key(),
        ConnectionField("organization"),
        ConnectionField("base_url", description="Empty for OpenAI itself; else any server that speaks its protocol."),
    )

    def __init__(
        self, api_key: str | None, organization: str | None = None, base_url: str | None = None, **kwargs: Any
    ) -> None:
        # Both spellings of "none" are the original's: environment files cannot say null.
        address = None if base_url in ("", "_") else base_url
        configs = {"organization": organization, "base_url": address}
        super().__init__(configs=configs, secrets=_given(api_key=api_key), **kwargs)


class ServerlessConnection(Connection):
    TYPE = "Serverless"
    kind = "serverless"
    title = "Serverless endpoint"
    fields = (_key(), ConnectionField("api_base", required=True, description="The endpoint, without `/v1`."))

    def __init__(self, api_key: str | None, api_base: str, **kwargs: Any) -> None:
        super().__init__(configs={"api_base": api_base}, secrets=_given(api_key=api_key), **kwargs)


class SerpConnection(Connection):
    TYPE = "Serp"
    kind = "serp"
    title = "Serp"
    fields = (_key(),)

    def __init__(self, api_key: str | None, **kwargs: Any) -> None:
        super().__init__(secrets=_given(api_key=api_key), **kwargs)


class CognitiveSearchConnection(Connection):
    TYPE = "CognitiveSearch"
    kind = "cognitive_search"
    title = "Azure AI Search"
    fields = (
        ConnectionField("api_base", required=True, description="The address of the search service."),
        _key(required=False),
        ConnectionField("api_version", default="2023-11-01"),
        _AUTH_MODE,
    )

    def __init__(
        self,
        api_base: str,
        api_key: str | None = None,
        api_version: str = "2023-11-01",
        auth_mode: str = "key",
        **kwargs: Any,
    ) -> None:
        configs = {"api_base": api_base, "api_version": api_version, "auth_mode": auth_mode}
        super().__init__(configs=configs, secrets=_given(api_key=api_key), **kwargs)


class AzureAIServicesConnection(Connection):
    TYPE = "AzureAIServices"
    kind = "azure_ai_services"
    title = "Azure AI services"
    fields = (ConnectionField("endpoint", required=True), _key(required=False), _AUTH_MODE)

    def __init__(self, endpoint: str, api_key: str | None = None, auth_mode: str = "key", **kwargs: Any) -> None:
        super().__init__(
            configs={"endpoint": endpoint, "auth_mode": auth_mode}, secrets=_given(api_key=api_key), **kwargs
        )


class AzureContentSafetyConnection(Connection):
    TYPE = "AzureContentSafety"
    kind = "azure_content_safety"
    title = "Azure AI Content Safety"
    fields = (
        _key(),
        ConnectionField("endpoint", required=True),
        ConnectionField("api_version", default="2023-10-01"),
        ConnectionField("api_type", default="Content Safety"),
    )

    def __init__(
        self,
        api_key: str | None,
        endpoint: str,
        api_version: str = "2023-10-01",
        api_type: str = "Content Safety",
        **kwargs: Any,
    ) -> None:
        configs = {"endpoint": endpoint, "api_version": api_version, "api_type": api_type}
        super().__init__(configs=configs, secrets=_given(api_key=api_key), **kwargs)


class FormRecognizerConnection(AzureContentSafetyConnection):
    TYPE = "FormRecognizer"
    kind = "form_recognizer"
    title = "Azure AI Document Intelligence"
    fields = (
        _key(),
        ConnectionField("endpoint", required=True),
        ConnectionField("api_version", default="2023-07-31"),
        ConnectionField("api_type", default="Form Recognizer"),
    )

    def __init__(
        self,
        api_key: str | None,
        endpoint: str,
        api_version: str = "2023-07-31",
        api_type: str = "Form Recognizer",
        **kwargs: Any,
    ) -> None:
        super().__init__(api_key, endpoint, api_version, api_type, **kwargs)


class _VectorConnection(Connection):
    fields = (_key(), ConnectionField("api_base", required=True))

    def __init__(self, api_key: str | None, api_base: str, **kwargs: Any) -> None:
        kwargs.setdefault("module", "promptflow_vectordb.connections")
        super().__init__(configs={"api_base": api_base}, secrets=_given(api_key=api_key), **kwargs)


class QdrantConnection(_VectorConnection):
    TYPE = "Qdrant"
    kind = "qdrant"
    title = "Qdrant"


class WeaviateConnection(_VectorConnection):
    TYPE = "Weaviate"
    kind = "weaviate"
    title = "Weaviate"
