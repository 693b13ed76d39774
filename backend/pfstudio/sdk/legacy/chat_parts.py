"""Messages and answers of chat models, by the names that copies of promptflow's own tools use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pfstudio.models import chat
from pfstudio.models.errors import ChatAPIInvalidRole, FunctionCallNotSupportedInStreamMode
from pfstudio.models.rendering import render
from pfstudio.tools.media import Image

VALID_ROLES: Final = ["system", "user", "assistant", "function", "tool"]


class ChatInputList(list[Any]):
    """A list that a template shows item by item, each on a line of its own."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))


def convert_to_chat_list(obj: Any) -> Any:
    """The value with its lists, at any depth, as `ChatInputList`."""
    if isinstance(obj, dict):
        return {key: convert_to_chat_list(value) for key, value in obj.items()}
    return ChatInputList(map(convert_to_chat_list, obj)) if isinstance(obj, list) else obj


def find_referenced_image_set(kwargs: Mapping[str, Any]) -> set[Image]:
    """The images among some values, at any depth."""
    return set(_images(kwargs))


def _images(value: Any) -> Iterator[Image]:
    if isinstance(value, Image):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _images(item)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from _images(item)


def parse_chat(
    chat_str: str,
    images: Iterable[Image] | Mapping[str, str] | None = None,
    valid_roles: Sequence[str] | None = None,
    image_detail: str = "auto",
    **_: Any,
) -> list[dict[str, Any]]:
    """The messages of a rendered chat prompt. `images` are those it may show, or their addresses by their texts."""
    if valid_roles is not None and not set(valid_roles) <= set(VALID_ROLES):
        return _messages_of_roles(chat_str, valid_roles)
    shown = images if isinstance(images, Mapping) else chat.images_in(list(images or ()))
    return chat.parse_chat(chat_str, shown, image_detail)


def build_messages(
    prompt: str, images: Iterable[Image] | None = None, image_detail: str = "auto", **kwargs: Any
) -> list[dict[str, Any]]:
    """The messages of a chat prompt, a template whose variables are `kwargs`."""
    shown = list(images or ())
    return parse_chat(render(prompt, kwargs, lists_as_lines=True), shown, image_detail=image_detail)


def _messages_of_roles(text: str, roles: Sequence[str]) -> list[dict[str, Any]]:
    """Messages of models that have roles of their own."""
    words = "|".join(map(re.escape, roles))
    before, *parts = re.split(rf"(?im)^\s*#?\s*({words})\s*:\s*\n", text + "\n")
    if before.strip():
        raise ChatAPIInvalidRole(before.strip())
    return [
        {"role": role.lower(), "content": content.strip()}
        for role, content in zip(parts[::2], parts[1::2], strict=True)
    ]


def post_process_chat_api_response(completion: Any, stream: bool, functions: Any = None, tools: Any = None) -> Any:
    """What a tool returns of an answer by OpenAI's library: its text, the message as a dictionary, or pieces of text.

    Raises:
        FunctionCallNotSupportedInStreamMode: functions were given to a call that streams.
    """
    if stream:
        if functions is not None:
            raise FunctionCallNotSupportedInStreamMode
        return _pieces(completion)
    message = completion.choices[0].message
    if functions is not None or tools is not None:
        return message.model_dump()
    return message.content if message.content is None else str(message.content)


def _pieces(completion: Iterable[Any]) -> Iterator[str]:
    for chunk in completion:
        delta = chunk.choices[0].delta if chunk.choices else None
        if delta is not None and hasattr(delta, "content"):
            yield delta.content or ""


def list_deployment_connections(*_: Any, **__: Any) -> None:
    """Nothing: deployments are listed in Azure's portal, and no part of pfstudio asks Azure for them."""
