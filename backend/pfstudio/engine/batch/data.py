"""Reads the data of a batch run: one record per line, values as they are written, nothing guessed."""

from __future__ import annotations

import csv
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from pfstudio.engine.batch.data_images import with_absolute_images
from pfstudio.engine.batch.data_json import read_json_array, read_json_lines
from pfstudio.engine.batch.errors import DataNotFoundError, EmptyInputsData, InvalidUserData

Row: TypeAlias = Mapping[str, Any]
_SEPARATORS = {".csv": ",", ".tsv": "\t"}


class Rows(Sequence[Row]):
    """The records of one or more files. Records of large files are made from their text when they are looked at."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = [part for part in parts if part.items]
        self._starts: list[int] = []
        self._length = 0
        for part in self._parts:
            self._starts.append(self._length)
            self._length += len(part.items)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(self._length))]
        position = index + self._length if index < 0 else index
        if not 0 <= position < self._length:
            raise IndexError(index)
        which = bisect_right(self._starts, position) - 1
        return self._parts[which].row(position - self._starts[which])

    def __iter__(self) -> Iterator[Row]:
        return (part.row(place) for part in self._parts for place in range(len(part.items)))


class Part:
    """What one file holds. `decode` makes a record of an item; images in it are named relative to the file."""

    def __init__(self, file: Path, items: Sequence[Any], decode: Callable[[Any], dict[str, Any]] = dict) -> None:
        self.items = items
        self._folder = file.absolute().parent
        self._decode = decode

    def row(self, place: int) -> Row:
        row: Row = with_absolute_images(self._decode(self.items[place]), self._folder)
        return row


def read_data(path: Path, *, warn: Callable[[str], None] | None = None) -> Sequence[Row]:
    """The records of a file, or of all files below a folder in the order of their paths.

    Files of unknown kind are read as JSON lines, and left out with a warning where they are none.

    Raises:
        DataNotFoundError: there is nothing at this path.
        InvalidUserData: a file is not what its ending says; the sentence names file and line.
        EmptyInputsData: there is no record at all.
    """
    if not path.exists():
        raise DataNotFoundError(path)
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    rows = Rows([_read_file(file, warn) for file in files])
    if not rows:
        raise EmptyInputsData([("data", path)])
    return rows


def _read_file(file: Path, warn: Callable[[str], None] | None) -> Part:
    kind = file.suffix.lower()
    try:
        if kind in _SEPARATORS:
            return _read_table(file, _SEPARATORS[kind])
        if kind == ".json":
            return Part(file, *read_json_array(file))
        if kind == ".parquet":
            return _read_parquet(file)
        return Part(file, *read_json_lines(file))
    except OSError as error:
        raise InvalidUserData(file, f"it cannot be read ({error.strerror or error}).") from error
    except InvalidUserData:
        if kind in (".jsonl", ".json", ".parquet", *_SEPARATORS):
            raise
        if warn is not None:
            warn(f"File {file.name} is not supported format: csv, tsv, json, jsonl, parquet. Ignoring it.")
        return Part(file, [])


def _read_table(file: Path, separator: str) -> Part:
    """Every cell is text; a record lacks no column."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, delimiter=separator)
            header = _unique(next((row for row in reader if row), []))
            items = [_cells(row, header, file, reader.line_num) for row in reader if row]
    except UnicodeDecodeError as error:
        raise InvalidUserData(file, f"it is not UTF-8 text ({error.reason}).") from error
    except csv.Error as error:
        raise InvalidUserData(file, f"{error}.", reader.line_num) from error
    finally:
        csv.field_size_limit(before)
    return Part(file, items, lambda cells: dict(zip(header, cells, strict=True)))


def _cells(row: list[str], header: list[str], file: Path, line: int) -> tuple[str, ...]:
    if len(row) > len(header):
        raise InvalidUserData(file, f"the row has {len(row)} cells, but there are {len(header)} columns.", line)
    return (*row, *[""] * (len(header) - len(row)))


def _unique(header: list[str]) -> list[str]:
    """A second column `a` is called `a.1`."""
    names: list[str] = []
    for name in header:
        again = sum(other == name for other in header[: len(names)])
        names.append(f"{name}.{again}" if again else name)
    return names


def _read_parquet(file: Path) -> Part:
    try:
        parquet, arrow = import_module("pyarrow.parquet"), import_module("pyarrow")
    except ImportError as error:
        what = "reading Parquet needs pyarrow, which is not installed: pip install 'pfstudio[parquet]'."
        raise InvalidUserData(file, what) from error
    try:
        with parquet.ParquetFile(file) as table:
            return Part(file, [row for batch in table.iter_batches() for row in batch.to_pylist()])
    except arrow.ArrowInvalid as error:
        raise InvalidUserData(file, f"it is no Parquet file ({error}).") from error
