"""Secrets of connections do not get into logs."""

from __future__ import annotations

from pfstudio.connections.types import Connection
from pfstudio.engine.ports import ConnectionSource

SCRUBBED = "**data_scrubbed**"
_SHORTEST = 6  # Shorter ones would blank out ordinary words.


class Scrubber:
    """A `ConnectionSource` around another that remembers the secrets it has given out."""

    def __init__(self, source: ConnectionSource) -> None:
        self._source = source
        self._secrets: set[str] = set()

    def get(self, name: str) -> Connection:
        connection = self._source.get(name)
        self._secrets.update(value for value in connection.secrets.values() if len(str(value)) >= _SHORTEST)
        return connection

    def scrub(self, text: str) -> str:
        """The text without any of the secrets given out so far."""
        for secret in self._secrets:
            text = text.replace(secret, SCRUBBED)
        return text
