"""Model calls from users' Python code, by the names and arguments of `promptflow.tools`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfstudio.connections.types import Connection
from pfstudio.models import chat as chat_prompts
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.rendering import render
from pfstudio.tools.llm import LlmCall
from pfstudio.tools.model_call import Answer


def chat(connection: Connection, prompt: str, model: str = "", **inputs: Any) -> Answer:
    """The answer to a chat prompt, a template; `inputs` are its variables and the parameters of the call.

    Azure's deployment may be given by position or as `deployment_name`.
    """
    return LlmCall("chat", endpoint_of(connection), prompt)({"model": model, **inputs})


def completion(connection: Connection, prompt: str, model: str = "", **inputs: Any) -> Answer:
    """The completion of a prompt, a template; arguments as those of `chat`."""
    return LlmCall("completion", endpoint_of(connection), prompt)({"model": model, **inputs})


class ModelTool:
    """`AzureOpenAI(connection).chat(…)` and `OpenAI(connection).chat(…)`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def chat(self, prompt: str, model: str = "", **inputs: Any) -> Answer:
        return chat(self.connection, prompt, model, **inputs)

    def completion(self, prompt: str, model: str = "", **inputs: Any) -> Answer:
        return completion(self.connection, prompt, model, **inputs)


AzureOpenAI = OpenAI = ModelTool


def parse_chat(chat_str: str, images: Mapping[str, str] | None = None, **_: Any) -> list[dict[str, Any]]:
    """The messages of a rendered chat prompt."""
    return chat_prompts.parse_chat(chat_str, images)


def render_jinja_template(template_content: str, **inputs: Any) -> str:
    """The text of a template. Options of the renderer that promptflow had here are taken and not needed."""
    return render(template_content, inputs)


def render_template_jinja2(template: str, **inputs: Any) -> str:
    """The text of a template."""
    return render(template, inputs)
