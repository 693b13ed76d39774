"""Reads JSON lines and JSON arrays. Of large files the text of each record is kept, not the objects it makes."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pfstudio.engine.batch.errors import InvalidUserData

Decode: TypeAlias = Callable[[Any], dict[str, Any]]
_LARGE = 16 * 2**20
_PIECE = 1 << 20
_SPACE = " \t\r\n"
_NAMES = {list: "a list", str: "text", int: "a number", float: "a number", bool: "a truth value", type(None): "null"}


def read_json_lines(file: Path) -> tuple[Sequence[Any], Decode]:
    """One record per line; blank lines do not count.

    Raises:
        InvalidUserData: a line is no JSON object.
    """
    is_large = file.stat().st_size > _LARGE
    items: list[Any] = []
    for number, line in _lines(file):
        row = _parsed(line, file, number)
        items.append(line if is_large else row)
    return items, json.loads if is_large else _itself


def read_json_array(file: Path) -> tuple[Sequence[Any], Decode]:
    """A list of records, or an object of columns.

    Raises:
        InvalidUserData: it is neither.
    """
    if file.stat().st_size > _LARGE:
        return [_text_of(row, file, line) for line, row in _elements(file)], json.loads
    text = _decoded(file.read_bytes(), file)
    if not text.strip():
        return [], _itself
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidUserData(file, _why(error), getattr(error, "lineno", None)) from error
    if isinstance(content, dict):
        return _columns(content, file), _itself
    if not isinstance(content, list):
        raise InvalidUserData(file, "it holds neither a list of records nor an object of columns.")
    for place, row in enumerate(content):
        if not isinstance(row, dict):
            raise InvalidUserData(file, f"element {place} of the list is {_NAMES[type(row)]}, not an object.")
    return content, _itself


def _itself(row: dict[str, Any]) -> dict[str, Any]:
    return row


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers; ended by any of the three kinds of line end."""
    number = 0
    with file.open("rb") as content:
        for line in content:
            given = line.removeprefix(codecs.BOM_UTF8) if number == 0 else line
            # A bare carriage return cannot be part of a JSON text but between its words.
            pieces = given.removesuffix(b"\n").removesuffix(b"\r").split(b"\r")
            for piece in pieces:
                number += 1
                if piece.strip():
                    yield number, piece


def _parsed(line: bytes, file: Path, number: int) -> dict[str, Any]:
    text = _decoded(line, file, number)
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidUserData(file, _why(error), number) from error
    if not isinstance(row, dict):
        raise InvalidUserData(file, f"the line holds {_NAMES[type(row)]}, not an object.", number)
    return row


def _decoded(data: bytes, file: Path, number: int | None = None) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidUserData(file, f"it is not UTF-8 text ({error.reason}).", number) from error


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep."
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON: {error.msg} (column {error.colno})."
    return f"it is not JSON: {error}."


def _columns(content: dict[str, Any], file: Path) -> list[dict[str, Any]]:
    """The records of an object of columns, each a list or an object by row."""
    if content and all(isinstance(column, list) for column in content.values()):
        lengths = {len(column) for column in content.values()}
        if len(lengths) > 1:
            raise InvalidUserData(file, "its columns are of different lengths.")
        return [{name: column[place] for name, column in content.items()} for place in range(lengths.pop())]
    if content and all(isinstance(column, dict) for column in content.values()):
        places = list(dict.fromkeys(place for column in content.values() for place in column))
        return [{name: column[place] for name, column in content.items() if place in column} for place in places]
    if not content:
        return []
    raise InvalidUserData(file, "it holds one object, not a list of records.")


def _elements(file: Path) -> Iterator[tuple[int, Any]]:
    """The elements of an array, one after the other, each with the line it begins in; never all of them at once."""
    decoder = json.JSONDecoder()
    window = _Window(file)
    if window.next_sign() != "[":
        raise InvalidUserData(file, "it does not begin with a list of records.", window.line)
    window.skip(1)
    sign = window.next_sign()
    while sign not in ("]", ""):
        line = window.line
        yield line, window.value(decoder)
        sign = window.next_sign()
        if sign == ",":
            window.skip(1)
            sign = window.next_sign()
        elif sign != "]":
            raise InvalidUserData(file, "a comma or the end of the list is missing.", window.line)
    if sign == "":
        raise InvalidUserData(file, "the list does not end.", window.line)


class _Window:
    """The part of a file that is being looked at."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._content = file.open(encoding="utf-8-sig", newline="")
        self._text = ""
        self._at = 0
        self._ended = False
        self.line = 1

    def next_sign(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self.skip(1)
            if not self._more(_PIECE):
                return ""

    def skip(self, count: int) -> None:
        self.line += self._text.count("\n", self._at, self._at + count)
        self._at += count

    def value(self, decoder: json.JSONDecoder) -> Any:
        """The JSON value that begins here."""
        size = _PIECE
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, ValueError) and self._more(size):
                    size *= 2
                    continue
                detail = _why(error).partition(" (column")[0]
                raise InvalidUserData(self._file, f"{detail.rstrip('.')}.", self.line) from error
            if end == len(self._text) and self._more(_PIECE):
                continue  # A number may go on.
            self.skip(end - self._at)
            return value

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        try:
            text = self._content.read(size)
        except UnicodeDecodeError as error:
            raise InvalidUserData(self._file, f"it is not UTF-8 text ({error.reason}).", self.line) from error
        if not text:
            self._ended = True
            self._content.close()
            return False
        self._text = self._text[self._at :] + text
        self._at = 0
        return True


def _text_of(row: Any, file: Path, line: int) -> str:
    if not isinstance(row, dict):
        raise InvalidUserData(file, f"an element of the list is {_NAMES[type(row)]}, not an object.", line)
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
