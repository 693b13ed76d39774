"""The connection and the request that a prompty's `model` block means."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pfstudio.connections.types import AzureOpenAIConnection, Connection, InvalidConnectionError, OpenAIConnection
from pfstudio.engine.ports import ConnectionSource
from pfstudio.flow.entry_errors import RequiredEnvironmentVariablesNotSetError, UnknownConnectionType
from pfstudio.flow.prompty import PromptyFile
from pfstudio.models.errors import ChatAPIInvalidFunctions, ChatAPIInvalidTools
from pfstudio.models.parameters import check_functions, check_tools, checked_function_call, checked_tool_choice
from pfstudio.tools.model_configuration import ModelConfiguration

_MODEL_KEYS: Final = ("azure_deployment", "model")
_NO_FIELDS: Final = ("type", "connection", *_MODEL_KEYS)
_AZURE: Final = ("azure_openai", "AzureOpenAI")
_OPENAI: Final = ("openai", "OpenAI")
_CLIENT_OPTIONS: Final = ("extra_headers", "extra_query", "extra_body", "timeout")


def configuration_of(prompty: PromptyFile) -> dict[str, Any]:
    """The configuration as a mapping.

    Raises:
        InvalidConnectionError: it names a connection and has fields of one besides.
    """
    given = prompty.model.configuration
    fields = given.to_fields() if isinstance(given, ModelConfiguration) else _plain(given)
    own = [name for name, value in fields.items() if name not in _NO_FIELDS and value]
    if fields.get("connection") and own:
        raise InvalidConnectionError("Cannot configure model config and connection in configuration at the same time.")
    return fields


def _plain(given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    # A configuration object of an installed promptflow has the same fields.
    kind = "azure_openai" if hasattr(given, "azure_deployment") else "openai"
    return {"type": kind, **{name: value for name, value in vars(given).items() if not name.startswith("_")}}


def model_name(configuration: Mapping[str, Any]) -> str:
    return str(configuration.get("azure_deployment") or configuration.get("model") or "")


def connection_of(
    prompty: PromptyFile, configuration: Mapping[str, Any], connections: Callable[[], ConnectionSource]
) -> Connection:
    """The connection a configuration names, describes or leaves to the environment.

    Raises:
        ConnectionNotFoundError: there is none of that name.
        UnknownConnectionType: it is not one to a model.
        RequiredEnvironmentVariablesNotSetError: nothing says where the model is.
    """
    where = {"file": prompty.file, "line": prompty.lines.get("model")}
    named = configuration.get("connection")
    if named:
        connection = named if isinstance(named, Connection) else connections().get(str(named))
        if not isinstance(connection, (AzureOpenAIConnection, OpenAIConnection)):
            raise UnknownConnectionType(connection.TYPE, **where)
        return connection
    fields = {name: value for name, value in configuration.items() if name not in _NO_FIELDS and value is not None}
    kind = configuration.get("type")
    if kind in _AZURE:
        return _azure(prompty.name, fields)
    if kind in _OPENAI:
        return _openai(prompty.name, fields)
    raise UnknownConnectionType(kind, **where)


def _azure(name: str, fields: Mapping[str, Any]) -> AzureOpenAIConnection:
    if not fields:
        required = ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY")
        endpoint, key = _from_environment(required, "AzureOpenAIConnection")
        version = os.environ.get("OPENAI_API_VERSION")
        fields = {"azure_endpoint": endpoint, "api_key": key, **({"api_version": version} if version else {})}
    versions = {"api_version": str(fields["api_version"])} if fields.get("api_version") else {}
    return AzureOpenAIConnection(
        api_base=str(fields.get("azure_endpoint") or fields.get("api_base") or ""),
        api_key=fields.get("api_key"),
        auth_mode="key" if fields.get("api_key") else "meid_token",
        name=name,
        **versions,
    )


def _openai(name: str, fields: Mapping[str, Any]) -> OpenAIConnection:
    key = fields.get("api_key") or _from_environment(("OPENAI_API_KEY",), "OpenAIConnection")[0]
    base_url, organization = fields.get("base_url"), fields.get("organization")
    if not fields:
        base_url, organization = os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_ORG_ID")
    return OpenAIConnection(api_key=str(key), base_url=base_url, organization=organization, name=name)


def _from_environment(names: Sequence[str], connection: str) -> list[str]:
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise RequiredEnvironmentVariablesNotSetError(missing, connection)
    return [os.environ[name] for name in names]


def request_body(prompty: PromptyFile, model: str, prompt: str | list[dict[str, Any]]) -> dict[str, Any]:
    """The request: the parameters as they are written, the model and the rendered prompt.

    Raises:
        ChatAPIInvalidTools, ChatAPIInvalidFunctions: tools or functions are malformed.
    """
    parameters = prompty.model.parameters
    body = {name: value for name, value in parameters.items() if name not in _CLIENT_OPTIONS}
    body["model"] = model
    body["prompt" if isinstance(prompt, str) else "messages"] = prompt
    if "tools" in body:
        if body["tools"] == []:
            raise ChatAPIInvalidTools("tools cannot be an empty list.")
        check_tools(body["tools"])
        body["tool_choice"] = checked_tool_choice(body.get("tool_choice"))
    elif "functions" in body:
        if body["functions"] == []:
            raise ChatAPIInvalidFunctions("functions cannot be an empty list.")
        check_functions(body["functions"])
        body["function_call"] = checked_function_call(body.get("function_call"))
    extra = parameters.get("extra_body")
    return {**body, **extra} if isinstance(extra, Mapping) else body
