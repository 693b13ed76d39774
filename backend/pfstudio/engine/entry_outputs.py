"""What an entry returned, as the outputs of a flow: fields by name, streams joined or handed on."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from io import IOBase
from typing import Any

from pfstudio.engine.errors import FlowOutputUnserializable
from pfstudio.engine.streams import StreamedOutput

ONLY_OUTPUT = "output"
_PLAIN = (str, int, float, bool, type(None))


def output_fields(returned: Any) -> dict[str, Any]:
    """The outputs by name: a dictionary's items, a dataclass's fields, or the one output of anything else."""
    if isinstance(returned, Mapping):
        return dict(returned)
    if dataclasses.is_dataclass(returned) and not isinstance(returned, type):
        return {field.name: getattr(returned, field.name) for field in dataclasses.fields(returned)}
    return {ONLY_OUTPUT: returned}


def is_stream(value: Any) -> bool:
    return isinstance(value, Iterator) and not isinstance(value, IOBase)


def with_streams(returned: Any, change: Callable[[Iterator[Any]], Any]) -> Any:
    """What was returned, with each stream in it replaced: by its text, or by one that can be read twice."""
    changed = {name: change(value) for name, value in output_fields(returned).items() if is_stream(value)}
    return _replaced(returned, changed)


async def with_async_streams(returned: Any) -> Any:
    """What was returned, with each asynchronous stream in it replaced by its text."""
    changed = {
        name: "".join([str(item) async for item in value])
        for name, value in output_fields(returned).items()
        if isinstance(value, AsyncIterator)
    }
    return _replaced(returned, changed)


def joined(stream: Iterator[Any]) -> str:
    return "".join(str(item) for item in stream)


def _replaced(returned: Any, changed: Mapping[str, Any]) -> Any:
    if not changed:
        return returned
    if isinstance(returned, Mapping):
        return {**returned, **changed}
    if dataclasses.is_dataclass(returned):
        result = copy.copy(returned)
        for name, value in changed.items():
            object.__setattr__(result, name, value)  # Also where the class is frozen.
        return result
    return changed[ONLY_OUTPUT]


def check_outputs(outputs: Mapping[str, Any], file: str | None) -> None:
    """
    Raises:
        FlowOutputUnserializable: an output cannot be JSON.
    """
    for name, value in outputs.items():
        if isinstance(value, (*_PLAIN, StreamedOutput)):
            continue
        try:
            json.dumps(value, default=_multimedia)
        except (TypeError, ValueError, RecursionError) as error:
            raise FlowOutputUnserializable(name, error, file=file) from error


def _multimedia(value: Any) -> Any:
    if type(value).__name__ in ("Image", "Text"):
        return str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class AttributeDict(dict[str, Any]):
    """A dictionary whose items are attributes, too: how `__aggregate__` sees the output of a line."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"The output has no '{name}'. It has {list(self)}.") from None
