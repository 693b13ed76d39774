"""Reads the data of a batch run: one record per line, values as they are written, nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def read_data(path: Path) -> Sequence[Mapping[str, Any]]:
    """The records of a file, or of all files below a folder, in order of their paths.

    The answer is a sequence that may be read many times; of a large file it holds the text and not the objects.

    Raises:
        DataFileNotFoundError: there is nothing at this path.
        InvalidUserData: a file cannot be read as what its ending says; the sentence names file and line.
        EmptyInputsData: there is no record at all.
    """
    raise InvalidUserData(path)
