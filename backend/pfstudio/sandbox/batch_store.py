"""What the lines of a batch leave for its aggregation, kept until they have all ended."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

_IN_MEMORY = 8 * 2**20
_PIECE = 4 * 2**20
_KEYS = ("line_number", "inputs", "outputs", "aggregation")


class AggregationStore:
    """Keeps, on disk where it is much, what the lines leave for the aggregation."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as the batch.
        self.lines = 0

    def add(self, need: bytes) -> None:
        self._file.write(need)
        self._file.write(b"\n")
        self.lines += 1

    def add_finished(self, record: Mapping[str, Any]) -> None:
        """A line that an earlier attempt of the run completed."""
        self.add(json.dumps({key: record.get(key) for key in _KEYS}).encode("ascii"))

    def pieces(self) -> Iterator[bytes]:
        """Everything, in pieces of whole lines."""
        self._file.seek(0)
        while lines := self._file.readlines(_PIECE):
            yield b"".join(lines)

    def close(self) -> None:
        self._file.close()
