"""The built-in tool for open models behind Azure ML endpoints: Llama, Falcon, Dolly and GPT-2."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from pfstudio.connections.types import Connection
from pfstudio.errors import ErrorTarget, UserErrorException
from pfstudio.flow.errors import ToolValidationError
from pfstudio.models.deadline import current_deadline
from pfstudio.models.rendering import render
from pfstudio.tools.decorator import ToolProvider, tool
from pfstudio.tools.value_types import PromptTemplate
from pfstudio.tools.web import UnreachableError, ask

_FAMILIES: Final = {"LLAMA": "LLaMa", "DOLLY": "Dolly", "GPT2": "GPT-2", "FALCON": "Falcon"}
_ENDPOINT_KEYS: Final = ("endpoint_url", "endpoint_api_key", "model_family")
_ROLE_LINE: Final = re.compile(r"\n*(system|user|assistant)\s*:\s*\n", re.IGNORECASE)
_SERVERLESS: Final = ("serverless.ml.azure.com", "inference.ai.azure.com")
_TRIES: Final = 5


class OpenModelLLMUserError(UserErrorException):
    """The endpoint, or the prompt for it, is not usable."""


class OpenModelLLMKeyValidationError(ToolValidationError):
    """The connection to an endpoint lacks a key it needs."""


class OpenModelLLMOnlineEndpointError(UserErrorException):
    """The endpoint refused, failed or could not be reached."""


class API(str, Enum):
    CHAT = "chat"
    COMPLETION = "completion"


class OpenModelLLM(ToolProvider):
    """`endpoint_name` is `localConnection/NAME`: a custom connection with the endpoint's address and key."""

    @tool
    def call(  # noqa: PLR0917 - the tool's own parameters, in their order.
        self,
        prompt: PromptTemplate,
        api: API,
        endpoint_name: str,
        deployment_name: str | None = None,
        temperature: float | None = 1.0,
        max_new_tokens: int | None = 500,
        top_p: float | None = 1.0,
        model_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> str:
        """The model's answer."""
        address, key, family = _endpoint(endpoint_name, kwargs)
        escaped = kwargs.pop("_inputs_to_escape", ())
        text = str(render(prompt, kwargs, escaped=frozenset(escaped)))
        chat = str(getattr(api, "value", api)) == "chat"
        options = {
            **(model_kwargs if isinstance(model_kwargs, Mapping) else {}),
            "top_p": top_p,
            "temperature": temperature,
            "max_new_tokens": max_new_tokens,
        }
        serverless = family == "LLaMa" and any(place in address for place in _SERVERLESS)
        if serverless:
            address = _serverless_address(address, chat=chat)
            body = _serverless_body(text, options, chat=chat)
        else:
            body = _llama_body(text, options, chat=chat) if family == "LLaMa" else _standard_body(text, options)
        headers = {"Authorization": f"Bearer {key}", "x-ms-user-agent": f"PromptFlow/OpenModelLLM/{family}"}
        deployment = (deployment_name or "").strip()
        if deployment and deployment != "default":
            headers["azureml-model-deployment"] = deployment
        return _text_of(_answer(address, headers, body, key), chat=chat)


def endpoint_of_connection(connection: Connection) -> dict[str, str]:
    """What a custom connection says about an endpoint.

    Raises:
        OpenModelLLMKeyValidationError: it lacks a key, or names a family of models that is not known.
    """
    found = {key: connection.field_value(key) for key in _ENDPOINT_KEYS}
    if missing := [key for key, value in found.items() if not value]:
        raise OpenModelLLMKeyValidationError(
            f"The connection '{connection.name}' lacks {', '.join(missing)}. It needs the configs endpoint_url and "
            "model_family and the secret endpoint_api_key.",
            target=ErrorTarget.TOOL,
        )
    return {key: str(value) for key, value in found.items()}


def _endpoint(name: str, given: dict[str, Any]) -> tuple[str, str, str]:
    values = {key: given.pop(key, None) for key in _ENDPOINT_KEYS}
    if not all(values.values()):
        raise OpenModelLLMUserError(
            f"The endpoint '{name}' cannot be looked up in an Azure workspace. Make a custom connection with the "
            "configs endpoint_url and model_family and the secret endpoint_api_key, and name it as "
            "'localConnection/NAME'.",
            target=ErrorTarget.TOOL,
        )
    word = str(values["model_family"])
    family = _FAMILIES.get(word) or next((known for known in _FAMILIES.values() if known.lower() == word.lower()), None)
    if family is None:
        raise OpenModelLLMKeyValidationError(
            f"Given model_family '{word}' not recognized. Supported models are: {','.join(_FAMILIES)}.",
            target=ErrorTarget.TOOL,
        )
    return str(values["endpoint_url"]), str(values["endpoint_api_key"]), family


def _serverless_address(address: str, *, chat: bool) -> str:
    ending = "/v1/chat/completions" if chat else "/v1/completions"
    return address if address.endswith(ending) else address + ending


def _serverless_body(text: str, options: Mapping[str, Any], *, chat: bool) -> dict[str, Any]:
    values = {**options, "max_tokens": options["max_new_tokens"]}
    if chat:
        return {"model": "llama-2-7b-hf", "messages": _messages(text), "n": 1, **values}
    return {"prompt": text, "n": 1, **values}


def _llama_body(text: str, options: Mapping[str, Any], *, chat: bool) -> dict[str, Any]:
    parameters = {**options, "do_sample": options.get("do_sample", True)}
    return {"input_data": {"input_string": _messages(text) if chat else [text], "parameters": parameters}}


def _standard_body(text: str, options: Mapping[str, Any]) -> dict[str, Any]:
    return {"input_data": {"input_string": [text]}, "parameters": dict(options)}


def _messages(text: str) -> list[dict[str, str]]:
    before, *parts = _ROLE_LINE.split(text)
    if before.strip():
        raise OpenModelLLMUserError(
            f"The prompt begins with '{before.strip()[:100]}'. A chat prompt for this model begins with a line "
            "'system:', 'user:' or 'assistant:'.",
            target=ErrorTarget.TOOL,
        )
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [{"role": role.lower(), "content": content.strip()} for role, content in pairs if content.strip()]


def _answer(address: str, headers: Mapping[str, str], body: Any, key: str) -> Any:
    for attempt in range(_TRIES):
        try:
            answer = ask("POST", address, headers=headers, body=body)
        except UnreachableError as error:
            why = str(error)
        else:
            if answer.status == 200:
                return answer.json()
            why = f"Request failure while calling Online Endpoint Status:{answer.status}\nError:{answer.text[:2000]}"
            if answer.status < 500 and answer.status not in (408, 429):
                break
        wait = 2.0 * 3**attempt
        if attempt == _TRIES - 1 or time.monotonic() + wait > current_deadline():
            break
        time.sleep(wait)
    raise OpenModelLLMOnlineEndpointError(
        f"Exception hit calling Online Endpoint: {why.replace(key, '**data_scrubbed**')}", target=ErrorTarget.TOOL
    )


def _text_of(answer: Any, *, chat: bool) -> str:
    try:
        if isinstance(answer, list):
            return str(answer[0]["0"])
        if "choices" in answer:
            choice = answer["choices"][0]
            return str(choice["message"]["content"] if chat else choice["text"])
        return str(answer["output"])
    except (KeyError, IndexError, TypeError) as error:
        raise OpenModelLLMOnlineEndpointError(
            f"Unexpected response format. Response: {str(answer)[:2000]}", target=ErrorTarget.TOOL
        ) from error
