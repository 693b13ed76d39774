"""The lines of a run in order of their numbers, read from the file one by one, however many there are."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from pfstudio.runfolder.jsontext import decode
from pfstudio.runfolder.lines import LINES_FILE

LineText: TypeAlias = tuple[bytes, dict[str, Any]]
_NUMBER: Final = re.compile(rb'\{"line_number": ?([0-9]+)[,}]')
_BUFFER: Final = 1 << 20


class LineIndex(Sequence[Mapping[str, Any]]):
    """The first record of each line. Only places are held; a record is read when it is looked at.

    It shows the file as it was; lines that are appended later are not in it. `wanted` leaves lines out.
    """

    def __init__(self, folder: Path, wanted: Callable[[Mapping[str, Any]], bool] | None = None) -> None:
        self._path = folder / LINES_FILE
        found = sorted(self._scan(wanted))
        self.numbers = array("q", (number for number, _, _ in found))
        self._starts = array("q", (start for _, start, _ in found))
        self._lengths = array("q", (length for _, _, length in found))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        with self._path.open("rb") as file:
            file.seek(self._starts[at])
            return decode(file.read(self._lengths[at]))

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (record for _, record in self.texts())

    def texts(self) -> Iterator[LineText]:
        """Each record as bytes and as a value."""
        if not self.numbers:
            return
        with self._path.open("rb", buffering=_BUFFER) as file:
            for start, length in zip(self._starts, self._lengths, strict=True):
                if file.tell() != start:
                    file.seek(start)
                text = file.read(length)
                yield text, decode(text)

    def _scan(self, wanted: Callable[[Mapping[str, Any]], bool] | None) -> Iterator[tuple[int, int, int]]:
        """Number, place and length of the first record of each line."""
        seen: set[int] = set()
        for start, text in _documents(self._path):
            number = _number(text)
            if number is None or number in seen:
                continue
            seen.add(number)
            if wanted is None or wanted(decode(text)):
                yield number, start, len(text)


def _documents(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines and where they begin; a torn last one is left out."""
    start = 0
    try:
        with path.open("rb", buffering=_BUFFER) as file:
            for line in file:
                if line.endswith(b"\n") and len(line) > 1:
                    yield start, line[:-1]
                start += len(line)
    except FileNotFoundError:
        return


def _number(text: bytes) -> int | None:
    """The line's number; None where the record is half, as another system's crash may leave it in the middle."""
    match = _NUMBER.match(text)
    if match is not None and text.endswith(b"}"):
        return int(match[1])
    try:
        return int(decode(text)["line_number"])
    except (ValueError, KeyError, TypeError):
        return None
