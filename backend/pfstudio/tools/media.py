"""Images and annotated texts, as tools get and return them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

_UNKNOWN: Final = "image/*"
_SIGNATURES: Final[tuple[tuple[bytes, int, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"BM", 0, "image/bmp"),
    (b"II*\x00", 0, "image/tiff"),
    (b"MM\x00*", 0, "image/tiff"),
    (b"\x00\x00\x01\x00", 0, "image/x-icon"),
    (b"ftypavif", 4, "image/avif"),
    (b"ftypheic", 4, "image/heic"),
    (b"ftypheix", 4, "image/heic"),
    (b"ftypmif1", 4, "image/heic"),
    (b"8BPS", 0, "image/vnd.adobe.photoshop"),
)


class PFBytes(bytes):
    """Bytes that know their kind and where they came from."""

    _mime_type: str
    _source_url: str | None

    def __new__(cls, value: bytes, mime_type: str | None = None, source_url: str | None = None) -> PFBytes:
        content = super().__new__(cls, value)
        content._mime_type = (mime_type or mime_type_of(value)).lower()
        content._source_url = source_url
        return content

    @property
    def source_url(self) -> str | None:
        return self._source_url

    @property
    def _hash(self) -> str:
        import hashlib

        return hashlib.sha1(self, usedforsecurity=False).hexdigest()[:8]

    def to_base64(self, with_type: bool = False) -> str:
        """The content as base64, with `data:image/png;base64,` before it where asked for."""
        import base64

        text = base64.b64encode(self).decode("ascii")
        return f"data:{self._mime_type};base64,{text}" if with_type else text

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (bytes(self), self._mime_type, self._source_url)


class Image(PFBytes):
    """An image. In texts it shows as `Image(1a2b3c4d)`, which tells images apart by their content."""

    def __str__(self) -> str:
        return f"Image({self._hash})"

    __repr__ = __str__

    def serialize(self, encoder: Callable[[Image], Any] | None = None) -> Any:
        """What the encoder makes of it; without one, its text."""
        return str(self) if encoder is None else encoder(self)


class Text(str):
    """A text of the `openai-vision` format, with its annotations where it has some."""

    _annotations: list[Any] | None

    def __new__(cls, value: str, annotations: list[Any] | None = None) -> Text:
        text = super().__new__(cls, value)
        text._annotations = annotations
        return text

    def serialize(self) -> dict[str, Any]:
        """Its form on the wire."""
        plain = str.__str__(self)
        if self._annotations is None:
            return {"type": "text", "text": plain}
        return {"type": "text", "text": {"value": plain, "annotations": self._annotations}}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Text:
        """The text of such a form."""
        text = data.get("text")
        if isinstance(text, dict):
            return cls(str(text.get("value", "")), text.get("annotations"))
        return cls("" if text is None else str(text))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str.__str__(self), self._annotations)


def mime_type_of(content: bytes) -> str:
    """The kind of an image by its first bytes; `image/*` where they are not known."""
    for signature, offset, name in _SIGNATURES:
        if content[offset : offset + len(signature)] == signature:
            return name
    return _UNKNOWN
