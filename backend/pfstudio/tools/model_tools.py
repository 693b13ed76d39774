"""The built-in tools that ask a model with a prompt file: `llm`, and those that show it images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pfstudio.connections.types import AzureOpenAIConnection, Connection, OpenAIConnection, ServerlessConnection
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.errors import InvalidConnectionType
from pfstudio.tools.decorator import ToolProvider, tool
from pfstudio.tools.llm import LlmCall
from pfstudio.tools.model_call import Answer
from pfstudio.tools.value_types import PlainList, PromptTemplate

ESCAPED: Final = "_inputs_to_escape"
_VISION_MODEL: Final = "gpt-4-vision-preview"


@tool(streaming_option_parameter="stream")
def llm(  # noqa: PLR0917 - the tool's own parameters, in their order.
    connection: AzureOpenAIConnection | OpenAIConnection | ServerlessConnection,
    prompt: PromptTemplate,
    api: str = "chat",
    deployment_name: str = "",
    model: str = "",
    temperature: float = 1.0,
    top_p: float = 1.0,
    stream: bool = False,
    stop: PlainList | None = None,
    max_tokens: int | None = None,
    presence_penalty: float | None = None,
    frequency_penalty: float | None = None,
    logit_bias: Mapping[str, Any] | None = None,
    tool_choice: object = None,
    tools: PlainList | None = None,
    response_format: object = None,
    seed: int | None = None,
    suffix: str | None = None,
    logprobs: int | None = None,
    echo: bool = False,
    best_of: int = 1,
    **kwargs: Any,
) -> Answer:
    """The model's answer to a chat or completion prompt, whichever provider the connection is to."""
    only_chat = {
        "tool_choice": tool_choice,
        "tools": tools,
        "response_format": response_format,
        "seed": seed,
    }
    only_completion = {"suffix": suffix, "logprobs": logprobs, "echo": echo, "best_of": best_of}
    values: dict[str, Any] = {
        "deployment_name": deployment_name,
        "model": model,
        "temperature": temperature,
        "top_p": top_p,
        "stop": stop,
        "max_tokens": max_tokens,
        "presence_penalty": presence_penalty,
        "frequency_penalty": frequency_penalty,
        "logit_bias": logit_bias,
        **(only_completion if api == "completion" else only_chat),
    }
    call = LlmCall("completion" if api == "completion" else "chat", endpoint_of(connection), prompt)
    return _answer(call, values, kwargs, stream=stream)


@tool(streaming_option_parameter="stream")
def llm_vision(  # noqa: PLR0917 - the tool's own parameters, in their order.
    connection: AzureOpenAIConnection | OpenAIConnection,
    prompt: PromptTemplate,
    deployment_name: str = "",
    model: str = "",
    temperature: float = 1.0,
    top_p: float = 1.0,
    stream: bool = False,
    stop: PlainList | None = None,
    max_tokens: int | None = None,
    presence_penalty: float = 0,
    frequency_penalty: float = 0,
    seed: int | None = None,
    detail: str = "auto",
    **kwargs: Any,
) -> Answer:
    """The model's answer to a chat prompt that shows images."""
    if not isinstance(connection, (AzureOpenAIConnection, OpenAIConnection)):
        raise InvalidConnectionType(type(connection).__name__)
    values = {
        "deployment_name": deployment_name,
        "model": model,
        "temperature": temperature,
        "top_p": top_p,
        "stop": stop,
        "max_tokens": max_tokens,
        "presence_penalty": presence_penalty,
        "frequency_penalty": frequency_penalty,
        "seed": seed,
    }
    return _vision(connection, prompt, values, kwargs, stream=stream, detail=detail)


class AzureOpenAI(ToolProvider):
    """A chat with images, at Azure OpenAI."""

    def __init__(self, connection: AzureOpenAIConnection) -> None:
        super().__init__()
        self._connection = connection

    @tool(streaming_option_parameter="stream")
    def chat(  # noqa: PLR0917 - the tool's own parameters, in their order.
        self,
        prompt: PromptTemplate,
        deployment_name: str,
        temperature: float = 1.0,
        top_p: float = 1.0,
        stream: bool = False,
        stop: PlainList | None = None,
        max_tokens: int | None = None,
        presence_penalty: float = 0,
        frequency_penalty: float = 0,
        seed: int | None = None,
        detail: str = "auto",
        **kwargs: Any,
    ) -> Answer:
        """The model's answer to a chat prompt that shows images."""
        values = {
            "deployment_name": deployment_name,
            "temperature": temperature,
            "top_p": top_p,
            "stop": stop,
            "max_tokens": max_tokens,
            "presence_penalty": presence_penalty,
            "frequency_penalty": frequency_penalty,
            "seed": seed,
        }
        return _vision(self._connection, prompt, values, kwargs, stream=stream, detail=detail)


class OpenAI(ToolProvider):
    """A chat with images, at OpenAI or a compatible server."""

    def __init__(self, connection: OpenAIConnection) -> None:
        super().__init__()
        self._connection = connection

    @tool(streaming_option_parameter="stream")
    def chat(  # noqa: PLR0917 - the tool's own parameters, in their order.
        self,
        prompt: PromptTemplate,
        model: str = _VISION_MODEL,
        temperature: float = 1.0,
        top_p: float = 1.0,
        stream: bool = False,
        stop: PlainList | None = None,
        max_tokens: int | None = None,
        presence_penalty: float = 0,
        frequency_penalty: float = 0,
        seed: int | None = None,
        detail: str = "auto",
        **kwargs: Any,
    ) -> Answer:
        """The model's answer to a chat prompt that shows images."""
        values = {
            "model": model,
            "temperature": temperature,
            "top_p": top_p,
            "stop": stop,
            "max_tokens": max_tokens,
            "presence_penalty": presence_penalty,
            "frequency_penalty": frequency_penalty,
            "seed": seed,
        }
        return _vision(self._connection, prompt, values, kwargs, stream=stream, detail=detail)


def _vision(
    connection: Connection,
    prompt: str,
    values: Mapping[str, Any],
    variables: dict[str, Any],
    *,
    stream: bool,
    detail: str,
) -> Answer:
    call = LlmCall("chat", endpoint_of(connection), prompt, image_detail=detail or "auto")
    return _answer(call, values, variables, stream=stream)


def _answer(call: LlmCall, values: Mapping[str, Any], variables: dict[str, Any], *, stream: bool) -> Answer:
    escaped = variables.pop(ESCAPED, ())
    given = {name: value for name, value in values.items() if value not in (None, "")}
    return call({**variables, **given}, stream=stream, escaped=frozenset(escaped))
