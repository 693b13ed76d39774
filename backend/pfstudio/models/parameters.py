"""The parameters of a model call: their types, their defaults, and the request bodies made of them.

The bodies are those promptflow 1.18 sends, for each provider and interface, null fields included.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from pfstudio.models.errors import ChatAPIInvalidFunctions, ChatAPIInvalidTools

Provider: TypeAlias = Literal["AzureOpenAI", "OpenAI"]

_SHARED: Final = {
    "temperature": "double",
    "top_p": "double",
    "n": "int",
    "stream": "bool",
    "stop": "list",
    "max_tokens": "int",
    "presence_penalty": "double",
    "frequency_penalty": "double",
    "logit_bias": "object",
    "user": "string",
}
PARAMETER_TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    "chat": {
        **_SHARED,
        "functions": "list",
        "function_call": "object",
        "tools": "list",
        "tool_choice": "object",
        "response_format": "object",
        "seed": "int",
    },
    "completion": {**_SHARED, "suffix": "string", "logprobs": "int", "echo": "bool", "best_of": "int"},
}
MODEL_PARAMETERS: Final = ("deployment_name", "model")


def chat_body(
    provider: Provider, model: str, messages: Sequence[Mapping[str, Any]], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The request of a chat call. `values` holds converted parameters; absent and null ones take their defaults.

    Raises:
        ChatAPIInvalidFunctions: `functions` or `function_call` are malformed.
        ChatAPIInvalidTools: `tools` or `tool_choice` are malformed (checked for Azure, as promptflow did).
    """
    given = {key: value for key, value in values.items() if value is not None}
    body: dict[str, Any] = {
        "model": model,
        "messages": list(messages),
        "temperature": given.get("temperature", 1.0),
        "top_p": given.get("top_p", 1.0),
        "stream": given.get("stream", False),
    }
    if provider == "AzureOpenAI":
        body["n"] = given.get("n", 1)
    for key in ("max_tokens", "presence_penalty", "frequency_penalty", "seed"):
        if key in given:
            body[key] = given[key]
    for key in ("stop", "logit_bias", "user", "response_format"):
        if given.get(key):
            body[key] = given[key]
    return body | _calls(provider, given)


def vision_body(model: str, messages: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    """The request of the tools that show images to a model; the same for every provider."""
    given = {key: value for key, value in values.items() if value is not None}
    body: dict[str, Any] = {
        "model": model,
        "messages": list(messages),
        "temperature": given.get("temperature", 1.0),
        "top_p": given.get("top_p", 1.0),
        "n": 1,
        "stream": given.get("stream", False),
        "presence_penalty": given.get("presence_penalty", 0),
        "frequency_penalty": given.get("frequency_penalty", 0),
    }
    body |= {key: given[key] for key in ("max_tokens", "seed") if key in given}
    return body | ({"stop": given["stop"]} if given.get("stop") else {})


def _calls(provider: Provider, given: Mapping[str, Any]) -> dict[str, Any]:
    if tools := given.get("tools"):
        if provider == "OpenAI":
            return {"tools": tools, "tool_choice": given.get("tool_choice")}
        check_tools(tools)
        return {"tools": tools, "tool_choice": checked_tool_choice(given.get("tool_choice"))}
    if "functions" in given and given["functions"] != []:
        check_functions(given["functions"])
        return {"functions": given["functions"], "function_call": checked_function_call(given.get("function_call"))}
    return {}


def completion_body(provider: Provider, model: str, prompt: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The request of a completion call. `values` as in `chat_body`."""
    given = {key: value for key, value in values.items() if value is not None}
    body: dict[str, Any] = {
        "model": model,
        "prompt": prompt,
        "suffix": given.get("suffix") or None,
        "max_tokens": given.get("max_tokens", 16),
        "temperature": given.get("temperature", 1.0),
        "top_p": given.get("top_p", 1.0),
        "n": given.get("n", 1),
        "stream": given.get("stream", False),
        "logprobs": given.get("logprobs") or None,
        "echo": given.get("echo", False),
        "stop": given.get("stop") or None,
        "best_of": given.get("best_of", 1),
        "logit_bias": given.get("logit_bias") or {},
        "user": given.get("user", ""),
    }
    for key in ("presence_penalty", "frequency_penalty"):
        if provider == "OpenAI" or key in given:
            body[key] = given.get(key)
    return body


_PARAMETERS_EXAMPLE: Final = {"type": "object", "properties": {"city": {"type": "string"}}}
_FUNCTION_EXAMPLE: Final = json.dumps({"name": "function_name", "parameters": _PARAMETERS_EXAMPLE})
_TOOL_EXAMPLE: Final = json.dumps(
    {"type": "function", "function": {"name": "function_name", "parameters": _PARAMETERS_EXAMPLE}}
)


def check_functions(functions: Any) -> None:
    """Raise `ChatAPIInvalidFunctions` unless this is a list of function descriptions."""
    if not isinstance(functions, list) or not functions:
        raise ChatAPIInvalidFunctions(f"functions cannot be an empty list. A valid function: {_FUNCTION_EXAMPLE}")
    for index, function in enumerate(functions):
        if problem := _function_problem(index, function):
            raise ChatAPIInvalidFunctions(f"{problem} Here is a valid function example: {_FUNCTION_EXAMPLE}.")


def check_tools(tools: Any) -> None:
    """Raise `ChatAPIInvalidTools` unless this is a list of tool descriptions."""
    if not isinstance(tools, list):
        raise ChatAPIInvalidTools(f"tools must be a list. Here is a valid tool example: {_TOOL_EXAMPLE}.")
    for index, tool in enumerate(tools):
        if problem := _tool_problem(index, tool):
            raise ChatAPIInvalidTools(f"{problem} Here is a valid tool example: {_TOOL_EXAMPLE}.")


def _function_problem(index: int, function: Any) -> str | None:
    if not isinstance(function, Mapping):
        return f"function {index} '{function}' is not a dict."
    for key in ("name", "parameters"):
        if key not in function:
            return f"function {index} '{function}' does not have '{key}' property."
    parameters, title = function["parameters"], f"function {index} '{function['name']}' parameters"
    if not isinstance(parameters, Mapping):
        return f"{title} '{parameters}' should be described as a JSON Schema object."
    for key in ("type", "properties"):
        if key not in parameters:
            return f"{title} '{parameters}' does not have '{key}' property."
    if parameters["type"] != "object":
        return f"{title} 'type' should be 'object'."
    if not isinstance(parameters["properties"], Mapping):
        return f"{title} 'properties' should be described as a JSON Schema object."
    return None


def _tool_problem(index: int, tool: Any) -> str | None:
    if not isinstance(tool, Mapping):
        return f"tool {index} '{tool}' is not a dict."
    for key in ("type", "function"):
        if key not in tool:
            return f"tool {index} '{tool}' does not have '{key}' property."
    return _function_problem(index, tool["function"])


def checked_function_call(choice: Any) -> Any:
    """The `function_call` to send; raises `ChatAPIInvalidFunctions` where it is none."""
    if choice is None:
        return "auto"
    if choice in ("auto", "none"):
        return choice
    example = 'Here is a valid example: {"name": "function_name"}.'
    if not isinstance(choice, Mapping):
        raise ChatAPIInvalidFunctions(
            f"function_call parameter '{choice}' must be a dict, but not {type(choice)}. {example}"
        )
    if "name" not in choice:
        raise ChatAPIInvalidFunctions(
            f'function_call parameter {json.dumps(choice, default=str)} must contain "name" field. {example}'
        )
    return choice


def checked_tool_choice(choice: Any) -> Any:
    """The `tool_choice` to send; raises `ChatAPIInvalidTools` where it is none."""
    if choice is None:
        return "auto"
    if choice in ("auto", "none", "required"):
        return choice
    example = 'Here is a valid example: {"type": "function", "function": {"name": "my_function"}}.'
    if not isinstance(choice, Mapping):
        raise ChatAPIInvalidTools(f"tool_choice parameter '{choice}' must be a dict, but not {type(choice)}. {example}")
    shown = json.dumps(choice, default=str)
    for key in ("type", "function"):
        if key not in choice:
            raise ChatAPIInvalidTools(f'tool_choice parameter {shown} must contain "{key}" field. {example}')
    if not isinstance(choice["function"], Mapping) or "name" not in choice["function"]:
        raise ChatAPIInvalidTools(f'tool_choice parameter {shown} must contain "name" field in "function". {example}')
    return choice
