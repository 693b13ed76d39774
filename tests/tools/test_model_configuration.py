"""Model configurations: their fields, and what they take from a connection."""

from __future__ import annotations

import pytest

from pfstudio.connections.types import AzureOpenAIConnection, InvalidConnectionError, OpenAIConnection
from pfstudio.tools.model_configuration import AzureOpenAIModelConfiguration, OpenAIModelConfiguration


def test_they_are_made_from_connections() -> None:
    azure = AzureOpenAIConnection(api_base="http://a", api_key="k", api_version="v", name="a")
    openai = OpenAIConnection(api_key="k", base_url="http://o", organization="org", name="o")

    assert AzureOpenAIModelConfiguration.from_connection(azure, azure_deployment="d") == AzureOpenAIModelConfiguration(
        "d", "http://a", "v", "k"
    )
    assert OpenAIModelConfiguration.from_connection(openai, model="m") == OpenAIModelConfiguration(
        "m", "http://o", "k", "org"
    )


def test_a_connection_and_fields_of_one_exclude_each_other() -> None:
    with pytest.raises(InvalidConnectionError, match="Cannot configure model config and connection at the same time"):
        AzureOpenAIModelConfiguration("d", api_key="k", connection="c")
    with pytest.raises(InvalidConnectionError):
        OpenAIModelConfiguration("m", base_url="u", connection="c")
    assert OpenAIModelConfiguration("m", connection="c").connection == "c"


def test_their_fields_are_those_of_a_prompty() -> None:
    assert OpenAIModelConfiguration("m", api_key="k").to_fields() == {
        "type": "openai",
        "model": "m",
        "base_url": None,
        "api_key": "k",
        "organization": None,
        "connection": None,
    }
