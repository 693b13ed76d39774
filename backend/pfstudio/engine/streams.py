"""Outputs that come piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import copy_context
from threading import Condition
from typing import Any


class StreamedOutput:
    """An iterator that a tool returned. It can be read more than once: pieces already seen are kept.

    Once `ended`, there are no more pieces; `failure` is what the iterator raised in the place of its next one.
    Each piece is made in the context of the node it came from, so what the generator prints belongs to that node.
    """

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source
        self._context = copy_context()
        self.ended = False
        self.failure: BaseException | None = None
        self.items: list[Any] = []
        self.on_item: Callable[[Any], None] | None = None
        self._position = 0
        self._turn = Condition()
        self._is_pulling = False

    def __iter__(self) -> Iterator[Any]:
        return _pieces(self)

    def __next__(self) -> Any:
        item = self.item(self._position)
        self._position += 1
        return item

    def item(self, position: int) -> Any:
        """The piece at a position, made now where it is not there yet; `StopIteration` behind the last."""
        while position >= len(self.items):
            if not self._more():
                raise StopIteration
        return self.items[position]

    def text(self) -> str:
        """All pieces, joined as text."""
        return "".join(str(item) for item in self)

    def _more(self) -> bool:
        """Make another piece, or wait until another reader has made it; False behind the last.

        Nothing is locked meanwhile: pieces that are there can be read.
        """
        with self._turn:
            if self._is_pulling:
                self._turn.wait()
                return True
            if self.ended:
                return False
            self._is_pulling = True
        try:
            return self._pull()
        finally:
            with self._turn:
                self._is_pulling = False
                self._turn.notify_all()

    def _pull(self) -> bool:
        try:
            item = self._context.run(next, self._source)
        except BaseException as error:
            self.ended = True
            if isinstance(error, StopIteration):
                return False
            self.failure = error
            raise
        self.items.append(item)
        if self.on_item is not None:
            self.on_item(item)
        return True


class StreamReader:
    """Stands for a streamed output among a node's arguments, where records look at it."""

    def __init__(self, stream: StreamedOutput) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[Any]:
        return _pieces(self.stream)


def handed(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as a tool gets them: for each streamed output a generator of its own, from the first piece on."""
    if not any(type(value) is StreamReader for value in arguments.values()):
        return arguments
    return {name: iter(value) if type(value) is StreamReader else value for name, value in arguments.items()}


def _pieces(stream: StreamedOutput) -> Iterator[Any]:
    position = 0
    while True:
        try:
            item = stream.item(position)
        except StopIteration:
            return
        yield item
        position += 1
