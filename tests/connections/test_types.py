"""Connections as values: what user code sees, and the flat bodies of files and of the HTTP interface."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from pfstudio.connections.types import (
    CONNECTION_TYPES,
    AzureContentSafetyConnection,
    AzureOpenAIConnection,
    Connection,
    CustomConnection,
    CustomStrongTypeConnection,
    InvalidConnectionError,
    OpenAIConnection,
    ServerlessConnection,
    connection_class,
    connection_from_fields,
    missing_secrets,
    unknown_fields,
    with_stored_secrets,
)

BODIES: list[dict[str, Any]] = [
    {
        "type": "azure_open_ai",
        "api_key": "k",
        "api_base": "b",
        "api_type": "azure",
        "api_version": "v",
        "auth_mode": "key",
    },
    {"type": "open_ai", "api_key": "k", "organization": "o", "base_url": "http://x/v1"},
    {"type": "serverless", "api_key": "k", "api_base": "b"},
    {"type": "serp", "api_key": "k"},
    {"type": "cognitive_search", "api_base": "b", "api_key": "k", "api_version": "2023-11-01", "auth_mode": "key"},
    {"type": "azure_ai_services", "endpoint": "e", "api_key": "k", "auth_mode": "key"},
    {
        "type": "azure_content_safety",
        "endpoint": "e",
        "api_key": "k",
        "api_version": "2023-10-01",
        "api_type": "Content Safety",
    },
    {
        "type": "form_recognizer",
        "endpoint": "e",
        "api_key": "k",
        "api_version": "2023-07-31",
        "api_type": "Form Recognizer",
    },
    {"type": "qdrant", "api_key": "k", "api_base": "b"},
    {"type": "weaviate", "api_key": "k", "api_base": "b"},
    {"type": "custom", "configs": {"a": "1"}, "secrets": {"b": "2"}},
]


class Weather(CustomStrongTypeConnection):
    api_key: str
    api_base: str = "https://weather.example"


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body["type"])
def test_body_goes_in_and_comes_out_the_same(body: dict[str, Any]) -> None:
    connection = connection_from_fields({"name": "c", **body})

    fields = connection.to_fields(with_secrets=True)

    assert {key: value for key, value in fields.items() if key not in ("name", "module")} == body
    assert connection_from_fields(fields) == connection


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body["type"])
def test_secrets_never_show(body: dict[str, Any]) -> None:
    secret = "secret-7Q"
    hidden = {**body, "secrets": {"b": secret}} if body["type"] == "custom" else {**body, "api_key": secret}
    connection = connection_from_fields({"name": "c", **hidden})

    shown = [str(connection), repr(connection), f"{connection}", str(connection.to_fields(with_secrets=False))]

    assert not any(secret in text for text in shown)
    assert "******" in shown[0]
    assert connection.secret_values() == [secret]


def test_every_type_is_found_by_each_of_its_words() -> None:
    for cls in CONNECTION_TYPES:
        assert {connection_class(word) for word in (cls.kind, cls.TYPE, f"{cls.TYPE}Connection")} == {cls}


def test_defaults_are_those_of_promptflow() -> None:
    azure = connection_from_fields({"name": "c", "type": "azure_open_ai", "api_key": "k", "api_base": "b"})

    assert (azure.api_type, azure.api_version, azure.auth_mode, azure.resource_id) == (
        "azure",
        "2024-02-01",
        "key",
        None,
    )
    assert azure.to_fields(with_secrets=False) == {
        "name": "c", "module": "promptflow.connections", "type": "azure_open_ai", "api_base": "b", "api_key": "******",
        "api_type": "azure", "api_version": "2024-02-01", "auth_mode": "key",
    }  # fmt: skip


@pytest.mark.parametrize("address", ["", "_", None])
def test_openai_address_can_be_left_empty(address: str | None) -> None:
    assert OpenAIConnection("k", base_url=address).base_url is None


def test_constructors_take_the_arguments_of_promptflow() -> None:
    azure = AzureOpenAIConnection("b", "k", "azure", "v", "key", "r", name="c")

    assert (azure.api_base, azure.api_key, azure.api_version, azure.resource_id) == ("b", "k", "v", "r")
    assert (azure.name, azure.type, azure.module, azure.class_name) == (
        "c", "AzureOpenAI", "promptflow.connections", "AzureOpenAIConnection",
    )  # fmt: skip
    assert ServerlessConnection("k", "b").api_base == "b"
    assert AzureContentSafetyConnection("k", "e").endpoint == "e"


def test_fields_can_be_set_and_are_kept_where_they_belong() -> None:
    connection = OpenAIConnection("old", name="c")

    connection.api_key = "new"
    connection.base_url = "http://x"

    assert (connection.secrets["api_key"], connection.configs["base_url"]) == ("new", "http://x")


def test_unknown_attribute_and_key_are_errors() -> None:
    connection = CustomConnection({"s": "1"}, {"c": "2"}, name="mine")

    with pytest.raises(AttributeError, match="'CustomConnection' object has no attribute 'zz'"):
        getattr(connection, "zz")  # noqa: B009 - plainly an attribute that is not there.
    with pytest.raises(KeyError, match="Key 'zz' not found in connection 'mine'"):
        connection["zz"]


def test_custom_connection_is_read_by_attribute_and_key() -> None:
    connection = CustomConnection({"s": "1"}, {"c": "2"})

    assert (connection.s, connection.c, connection["s"], connection["c"]) == ("1", "2", "1", "2")
    assert connection.keys() == ["c", "s"]
    assert dict(connection.items()) == {"c": "2", "s": "1"}
    assert connection.is_secret("s")
    assert not connection.is_secret("c")


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body["type"])
def test_connection_can_be_copied_and_pickled(body: dict[str, Any]) -> None:
    connection = connection_from_fields({"name": "c", **body})

    assert copy.deepcopy(connection) == connection
    assert pickle.loads(pickle.dumps(connection)) == connection


def test_strong_type_gives_its_keys_as_attributes() -> None:
    connection = Weather({"api_key": "k"}, {"api_base": "b"})

    assert (connection.api_key, connection.api_base) == ("k", "b")
    assert Weather({"api_key": "k"}).api_base == "https://weather.example"
    assert connection.to_fields(with_secrets=False)["custom_type"] == "Weather"


def test_stored_strong_type_becomes_the_users_class_again() -> None:
    stored = connection_from_fields(
        {"name": "w", "type": "custom", "custom_type": "Weather", "module": "my.tools", "package": "mine",
         "configs": {"api_base": "b"}, "secrets": {"api_key": "k"}}
    )  # fmt: skip

    assert isinstance(stored, CustomConnection)
    assert stored.custom_type == "Weather"
    assert stored.to_fields(with_secrets=True)["package"] == "mine"
    assert stored.to_fields(with_secrets=True)["configs"] == {"api_base": "b"}
    strong = stored.convert_to(Weather)
    assert isinstance(strong, Weather)
    assert (strong.name, strong.api_key, strong.api_base) == ("w", "k", "b")


def test_connection_of_configs_alone_is_one() -> None:
    connection = connection_from_fields({"name": "c", "type": "custom", "configs": {"a": "1"}})

    assert connection.secrets == {}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "type is required for connection."),
        ({"type": "foo"}, "Connection type 'foo' is not supported. Supported types are: ['azure_open_ai', "),
        ({"type": "open_ai"}, "Load connection failed with {'api_key': ['Missing data for required field.']}."),
        ({"type": "azure_open_ai", "api_base": "b"}, "'api_key' is required for key auth mode connection."),
        ({"type": "azure_open_ai", "api_base": "b", "auth_mode": "x"}, "Value 'x' passed is not in set"),
        ({"type": "open_ai", "api_key": 5}, "{'api_key': ['Not a valid string.']}"),
        ({"type": "custom", "configs": {"a": 1}}, "{'configs': {'a': ['Not a valid string.']}}"),
        ({"type": "custom", "configs": "x"}, "{'configs': ['Not a valid mapping type.']}"),
        ({"type": "open_ai", "api_key": "<user-input>"}, "Connection 'c' secrets ['api_key'] value invalid"),
        ({"type": "open_ai", "api_key": "******"}, "Connection 'c' secrets ['api_key'] value invalid"),
        ({"type": "custom", "secrets": {"s": "***"}}, "Connection 'c' secrets ['s'] value invalid"),
    ],
)
def test_body_that_makes_no_connection_says_why(body: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidConnectionError) as raised:
        connection_from_fields({"name": "c", **body})

    assert message in str(raised.value)


def test_sign_in_with_entra_needs_no_key() -> None:
    body = {"name": "c", "type": "azure_open_ai", "api_base": "b", "auth_mode": "meid_token"}

    assert connection_from_fields(body).api_key is None
    assert missing_secrets(body) == []


def test_secrets_to_ask_for_and_unknown_keys_are_named() -> None:
    assert missing_secrets({"type": "serp"}) == ["api_key"]
    assert missing_secrets({"type": "custom", "secrets": {"a": "", "b": "x"}}) == ["a"]
    assert unknown_fields({"type": "serp", "api_key": "k", "api_bas": "x", "$schema": "y"}) == ["api_bas"]


@pytest.mark.parametrize("given", ["******", "***", "", None, "<no-change>"])
def test_update_keeps_a_secret_that_is_not_given_anew(given: str | None) -> None:
    stored = OpenAIConnection("stored", name="c")
    custom = CustomConnection({"s": "stored"}, name="c")

    assert with_stored_secrets({"type": "open_ai", "api_key": given}, stored)["api_key"] == "stored"
    assert with_stored_secrets({"type": "custom", "secrets": {"s": given, "t": "new"}}, custom)["secrets"] == {
        "s": "stored",
        "t": "new",
    }


def test_base_class_has_no_fields() -> None:
    assert Connection("n").to_fields(with_secrets=True) == {
        "name": "n",
        "module": "promptflow.connections",
        "type": "not_set",
    }
