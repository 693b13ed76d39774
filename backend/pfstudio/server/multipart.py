"""Takes in the files of a multipart request, straight to disk.

Starlette's own parser holds every file open until the last has come, and stops at a thousand; a folder has ten
thousand. Here each file is written where it belongs while it comes in, and nothing else is held.
"""

from __future__ import annotations

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from pfstudio.errors import InvalidError
from pfstudio.flows.importing import Import, Imported

_BATCH = 1 << 20
_LONGEST_FIELD = 1000


class MalformedUploadError(InvalidError):
    code = "malformed_upload"

    def __init__(self, why: str) -> None:
        super().__init__(f"The upload cannot be read: {why}.")


async def receive_import(request: Request, incoming: Import) -> Imported:
    """Take in the files of the request and finish the import; whatever fails, nothing stays.

    Raises:
        MalformedUploadError: the body is no multipart form, or has fields that an import does not know.
    """
    with incoming:
        receiver = _Receiver(_boundary(request), incoming)
        batch = bytearray()
        async for chunk in request.stream():
            batch += chunk
            if len(batch) >= _BATCH:
                await run_in_threadpool(receiver.feed, bytes(batch))
                batch.clear()
        await run_in_threadpool(receiver.feed, bytes(batch))
        return await run_in_threadpool(receiver.finish)


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise MalformedUploadError("it is not multipart/form-data")
    return boundary


class _Receiver:
    """Turns parser events into files."""

    def __init__(self, boundary: bytes, incoming: Import) -> None:
        self._incoming = incoming
        self._header_name = self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._field: str | None = None
        self._in_file = False
        self._text = b""
        self._name: str | None = None
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_text,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin_content,
                    "on_part_data": self._content,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise MalformedUploadError("its boundary is too long") from error

    def feed(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise MalformedUploadError("it is not a well-formed multipart body") from error

    def finish(self) -> Imported:
        if not self._ended:
            raise MalformedUploadError("it ends in the middle")
        return self._incoming.finish(self._name)

    def _begin_part(self) -> None:
        self._headers = {}
        self._text = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_text(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _begin_content(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data" or b"name" not in options:
            raise MalformedUploadError("a part has no name")
        self._field = _text(options[b"name"])
        self._in_file = b"filename" in options
        if self._in_file:
            path = _text(options[b"filename"])
            self._in_file = bool(path)  # A form whose file picker was left empty sends an empty name.
            if path:
                self._incoming.begin_file(path.replace("%22", '"'))
        elif self._field != "name":
            raise MalformedUploadError(
                f"it has a field '{self._field[:50]}'; only 'name' and files belong to an import"
            )

    def _content(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._incoming.write(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _LONGEST_FIELD:
            raise MalformedUploadError("the field 'name' is too long")

    def _end_part(self) -> None:
        if self._in_file:
            self._incoming.end_file()
            self._in_file = False
        elif self._field == "name" and self._text:
            self._name = _text(self._text)

    def _end(self) -> None:
        self._ended = True


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise MalformedUploadError("a name in it is not UTF-8") from error
