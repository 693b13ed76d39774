"""A rendered chat prompt as the messages a chat model takes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from pfstudio.models.errors import ChatAPIFunctionRoleInvalidFormat, ChatAPIInvalidRole, ChatAPIToolRoleInvalidFormat
from pfstudio.models.rendering import PromptText, without_marks

_ROLE_LINE: Final = re.compile(r"^\s*#?\s*(system|user|assistant|function|tool)\s*:\s*\n", re.IGNORECASE | re.MULTILINE)
_NAMED: Final = re.compile(r"name\s*:\s*\n\s*(\S+)\s*#{0,2}\s*content\s*:\s*\n?(.*)", re.DOTALL)
_TOOL_ANSWER: Final = re.compile(r"tool_call_id\s*:\s*\n\s*(\S+)\s*#{0,2}\s*content\s*:\s*\n?(.*)", re.DOTALL)
_TOOL_CALLS: Final = re.compile(r"tool_calls\s*:\s*\n\s*(?=\[)")
_BRACKETS_TRIED: Final = 200
_IMAGE_LINE: Final = re.compile(r"^\s*!\[image\]\((.*)\)\s*$")
_IMAGE_IN_TEMPLATE: Final = re.compile(r"!\[\s*image\s*\]\((\{\{\s*[^\s{}]+\s*\}\})\)")


def with_image_lines(template: str) -> str:
    """The template with each `![image]({{x}})` on a line of its own, where the messages' parts are told apart."""
    return _IMAGE_IN_TEMPLATE.sub(r"\n\1\n", template)


def images_in(values: Any) -> dict[str, str]:
    """The images in some values, at any depth: the text each is shown as, and its address or data URL."""
    if type(values).__name__ == "Image" and isinstance(values, bytes):
        image: Any = values
        return {str(image): image.source_url or image.to_base64(with_type=True)}
    found: dict[str, str] = {}
    for item in values.values() if isinstance(values, dict) else values if isinstance(values, list) else ():
        found |= images_in(item)
    return found


def parse_chat(
    prompt: str, images: Mapping[str, str] | None = None, image_detail: str = "auto"
) -> list[dict[str, Any]]:
    """The messages of a prompt. `images` gives the address (or data URL) of each image the prompt shows, by its text.

    Raises:
        ChatAPIInvalidRole: text stands before the first role line.
        ChatAPIFunctionRoleInvalidFormat: a function message lacks its name.
        ChatAPIToolRoleInvalidFormat: a tool message lacks its call.
    """
    text = prompt.protected if isinstance(prompt, PromptText) else prompt
    before, *parts = _ROLE_LINE.split(text)
    if before.strip():
        raise ChatAPIInvalidRole(without_marks(before.strip()))
    messages = [_message(role.lower(), content.strip()) for role, content in zip(parts[::2], parts[1::2], strict=True)]
    for message in messages:
        if "content" in message:
            message["content"] = _content(without_marks(message["content"]).strip(), images or {}, image_detail)
    return messages


def _message(role: str, text: str) -> dict[str, Any]:
    if role == "assistant" and (calls := _tool_calls(text)) is not None:
        return {"role": role, "tool_calls": calls}
    if role == "tool":
        answer = _TOOL_ANSWER.search(text)
        if answer is None:
            raise ChatAPIToolRoleInvalidFormat
        return {"role": role, "tool_call_id": without_marks(answer[1]), "content": answer[2].strip()}
    named = _NAMED.search(text)
    if named is not None:
        return {"role": role, "name": without_marks(named[1]), "content": named[2].strip()}
    if role == "function":
        raise ChatAPIFunctionRoleInvalidFormat
    return {"role": role, "content": text}


def _tool_calls(text: str) -> list[Any] | None:
    """The list after `tool_calls:`, which ends at the first bracket that makes it a list."""
    found = _TOOL_CALLS.search(text)
    if found is None:
        return None
    literal = without_marks(text[found.end() :])
    for closing in islice(re.finditer(r"\]", literal), _BRACKETS_TRIED):
        try:
            calls = ast.literal_eval(literal[: closing.end()])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return list(calls) if isinstance(calls, list) else None
    return None


def _content(text: str, images: Mapping[str, str], detail: str) -> str | list[dict[str, Any]]:
    """Plain text, or a list of parts where a line of it is one of the images."""
    lines = [(line, _image(line, images)) for line in text.split("\n") if line.strip()] if images else []
    if not any(url for _, url in lines):
        return text
    return [
        {"type": "text", "text": line}
        if url is None
        else {"type": "image_url", "image_url": {"url": url, "detail": detail}}
        for line, url in lines
    ]


def _image(line: str, images: Mapping[str, str]) -> str | None:
    """The address of the image that a line shows, as `Image(1a2b3c4d)` or `![image](Image(1a2b3c4d))`."""
    found = _IMAGE_LINE.match(line)
    return images.get(found[1].strip() if found else line.strip())
