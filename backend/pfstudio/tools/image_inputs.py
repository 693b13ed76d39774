"""Reads images out of what a flow is given: the dicts of both message formats, base64, addresses and paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pfstudio.tools.errors import InvalidImageInput
from pfstudio.tools.media import Image, Text

VISION: Final = "openai-vision"
_BASIC_KEY: Final = re.compile(r"data:(image/.*);(path|base64|url)\Z")
_DATA_URL: Final = re.compile(r"data:([^;,]*)(?:;[^;,]*)*;base64,", re.IGNORECASE)
_WRONG_SHAPE: Final = (
    "Invalid image input format. The image input should be a dictionary like: "
    "{data:image/<image_type>;[path|base64|url]: <image_data>}."
)


def load_image(value: Any, message_format: str, folder: Path) -> Image:
    """The image that the value of an input of the type `image` stands for. Relative paths count from `folder`.

    A text is tried as base64, then as an address, then as a path.

    Raises:
        InvalidImageInput: it is none, or cannot be fetched.
        FileNotFoundError: there is no such file.
    """
    if isinstance(value, Image):
        return value
    if isinstance(value, Mapping):
        image = _of_dict(value, message_format, folder)
        if not isinstance(image, Image):
            raise InvalidImageInput(_WRONG_SHAPE)
        return image
    if not isinstance(value, str):
        raise InvalidImageInput(
            f"Unsupported image input type: {type(value)}. The image inputs should be a string or a dictionary."
        )
    if not value:
        raise InvalidImageInput("The image input should not be empty.")
    return _of_text(value, folder)


def load_media(value: Any, message_format: str, folder: Path) -> Any:
    """The value with its image dicts (and, in `openai-vision`, its text dicts) replaced, at any depth.

    What holds none is handed back as it is.

    Raises:
        InvalidImageInput: a dict of that form holds no image.
        FileNotFoundError: it names a file that is not there.
    """
    return _replaced(value, lambda item: _of_dict(item, message_format, folder))


def with_absolute_paths(value: Any, message_format: str, folder: Path) -> Any:
    """The value with the relative paths of its image dicts counted from `folder`, the place of a data file."""

    def absolute(item: Mapping[str, Any]) -> Any:
        found = _basic(item) if message_format != VISION else None
        if found and found[1] == "path":
            return {next(iter(item)): str(folder / str(found[2]))}
        if message_format == VISION and item.get("type") == "image_file" and isinstance(item.get("image_file"), dict):
            return {**item, "image_file": {**item["image_file"], "path": str(folder / str(item["image_file"]["path"]))}}
        return None

    return _replaced(value, absolute)


def _replaced(value: Any, replacement: Callable[[Mapping[str, Any]], Any]) -> Any:
    if isinstance(value, dict):
        found = replacement(value)
        if found is not None:
            return found
        changed = {key: _replaced(item, replacement) for key, item in value.items()}
        return changed if any(changed[key] is not item for key, item in value.items()) else value
    if isinstance(value, list):
        items = [_replaced(item, replacement) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _of_dict(value: Mapping[str, Any], message_format: str, folder: Path) -> Image | Text | None:
    """What a dict of the format stands for; None where it is any other dict."""
    return _vision(value, folder) if message_format == VISION else _of_basic(value, folder)


def _basic(value: Mapping[str, Any]) -> tuple[str, str, Any] | None:
    """Kind, way and content of `{"data:image/png;path": "p.png"}`."""
    if len(value) != 1:
        return None
    key, content = next(iter(value.items()))
    found = _BASIC_KEY.match(key) if isinstance(key, str) else None
    return (found[1], found[2], content) if found else None


def _of_basic(value: Mapping[str, Any], folder: Path) -> Image | None:
    found = _basic(value)
    if found is None:
        return None
    kind, way, content = found
    if way == "path":
        return _of_file(str(content), folder, kind)
    return _of_base64(str(content), kind) if way == "base64" else _fetched(str(content), kind)


def _vision(value: Mapping[str, Any], folder: Path) -> Image | Text | None:
    kind = value.get("type")
    part = value.get(kind) if isinstance(kind, str) else None
    if kind == "text" and isinstance(part, str | dict):
        return Text.deserialize(dict(value))
    if kind == "image_file" and isinstance(part, dict) and isinstance(part.get("path"), str):
        return _of_file(part["path"], folder, None)
    if kind == "image_url" and isinstance(part, dict) and isinstance(part.get("url"), str):
        url = part["url"]
        if _is_address(url):
            return _fetched(url, None)
        if _decoded(url) is None:
            raise InvalidImageInput(f"Invalid image url: {url[:200]}. Should be a valid url or base64 string.")
        return _of_base64(url, None)
    return None


def _of_text(value: str, folder: Path) -> Image:
    if _decoded(value) is not None:
        return _of_base64(value, None)
    return _fetched(value, None) if _is_address(value) else _of_file(value, folder, None)


def _of_base64(text: str, kind: str | None) -> Image:
    content = _decoded(text)
    if content is None:
        raise InvalidImageInput(f"Invalid base64 image: {text[:200]}.")
    prefix = _DATA_URL.match(text)
    return Image(content, kind or (prefix[1] if prefix else None))


def _of_file(path: str, folder: Path, kind: str | None) -> Image:
    try:
        return Image((folder / path.replace("\\", "/")).read_bytes(), kind)
    except OSError as error:  # The path as it was given says more than where it leads on this machine.
        raise type(error)(error.errno, error.strerror, path) from error


def _fetched(url: str, kind: str | None) -> Image:
    from pfstudio.tools.downloads import download

    return Image(download(url), kind, source_url=url)


def _is_address(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _decoded(text: str) -> bytes | None:
    import base64
    import binascii

    body = text[found.end() :] if (found := _DATA_URL.match(text)) else text
    try:
        return base64.b64decode(body, validate=True) or None
    except (binascii.Error, ValueError):
        return None
