"""Images on their way into a flow and out of it.

Inside a flow an image is an `Image`. On the way in, dicts of the flow's message format become images; on the way out,
a `Media` makes dicts of them: files in a folder for tests and runs, base64 for HTTP.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from pfstudio.flow.spec import Flow
from pfstudio.kit.json_values import JsonValue

_VISION = "openai-vision"


class Media(Protocol):
    """Makes the wire form of images and texts while a record or an answer is written."""

    def wire(self, value: Any) -> JsonValue:
        """The form of an `Image` or a `Text`."""


class MediaWriter:
    """Writes each image into a file once and names it by its path.

    `prefix` is what stands before the file's name (`.promptflow/intermediate`); without it the path is absolute,
    and with an empty one the name stands alone.
    """

    def __init__(self, folder: Path, *, message_format: str = "basic", prefix: str | None = None) -> None:
        self._folder = folder
        self._format = message_format
        self._prefix = prefix
        self._written: dict[tuple[str, bytes], str] = {}

    def wire(self, value: Any) -> JsonValue:
        if isinstance(value, str):
            return _text(value, self._format)
        url = value.source_url
        if url:
            if self._format == _VISION:
                return {"type": "image_url", "image_url": {"url": url}}
            return {f"data:{value._mime_type};url": url}
        path = self._path(value)
        if self._format == _VISION:
            return {"type": "image_file", "image_file": {"path": path}}
        return {f"data:{value._mime_type};path": path}

    def _path(self, image: Any) -> str:
        kind = str(image._mime_type)
        key = (kind, bytes(image))
        if key not in self._written:
            from uuid import uuid4

            ending = kind.partition("/")[2]
            name = str(uuid4()) if ending in ("", "*") else f"{uuid4()}.{ending.replace('/', '_')}"
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / name).write_bytes(image)
            self._written[key] = self._named(name)
        return self._written[key]

    def _named(self, name: str) -> str:
        if self._prefix is None:
            return str(self._folder / name)
        return f"{self._prefix}/{name}" if self._prefix else name


class InlineMedia:
    """Images as base64, for answers over HTTP."""

    def __init__(self, message_format: str = "basic") -> None:
        self._format = message_format

    def wire(self, value: Any) -> JsonValue:
        if isinstance(value, str):
            return _text(value, self._format)
        if self._format == _VISION:
            return {"type": "image_url", "image_url": {"url": value.to_base64(with_type=True)}}
        return {f"data:{value._mime_type};base64": value.to_base64()}


def is_media(value: Any) -> bool:
    """Whether a value is an image or an annotated text; the original's own classes count, too."""
    return type(value).__name__ in ("Image", "Text") and isinstance(value, (bytes, str))


def outward(value: Any, media: Media) -> Any:
    """The value with its images and texts in their wire form, at any depth; all else stays as it is."""
    if is_media(value):
        return media.wire(value)
    if isinstance(value, dict):
        return {key: outward(item, media) for key, item in value.items()}
    return [outward(item, media) for item in value] if isinstance(value, list) else value


def load_flow_media(flow: Flow, inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The inputs with images in the place of what stands for them: in `image`, `list` and `object` inputs.

    Raises:
        LoadMultimediaDataError: something that should be an image is none.
    """
    for name, definition in flow.inputs.items():
        if name not in inputs or definition.type not in ("image", "list", "object"):
            continue
        value = inputs[name]
        if definition.type == "image" or isinstance(value, (dict, list)):
            inputs[name] = load_value(name, value, definition.type, flow, folder, line=definition.line)
    return inputs


def load_value(name: str, value: Any, type_name: str, flow: Flow, folder: Path, *, line: int = 0) -> Any:
    """One value with its images; of the type `image` it is one itself, or a list of them.

    `line` is where the flow's file has it.

    Raises:
        LoadMultimediaDataError: something that should be an image is none.
    """
    if type_name != "image" and not may_hold_media(value):
        return value
    from pfstudio.tools.errors import InvalidImageInput, LoadMultimediaDataError
    from pfstudio.tools.image_inputs import load_image, load_media

    try:
        if type_name != "image":
            return load_media(value, flow.message_format, folder)
        if isinstance(value, list):
            return [load_image(item, flow.message_format, folder) for item in value]
        return load_image(value, flow.message_format, folder)
    except (InvalidImageInput, OSError) as error:
        raise LoadMultimediaDataError(name, error, file=flow.file, line=line or None) from error


def may_hold_media(value: Any) -> bool:
    """Whether a dict somewhere in a value has a key that images and texts on the wire have."""
    if isinstance(value, dict):
        return any(
            key == "type" or (isinstance(key, str) and key.startswith("data:image/")) or may_hold_media(item)
            for key, item in value.items()
        )
    return isinstance(value, list) and any(may_hold_media(item) for item in value)


def _text(value: str, message_format: str) -> JsonValue:
    if message_format == _VISION and hasattr(value, "serialize"):
        form: JsonValue = value.serialize()
        return form
    return str.__str__(value)
