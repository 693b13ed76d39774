"""Server-sent events, as model servers stream them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def events(lines: Iterable[str]) -> Iterator[str]:
    """The data of each event up to `[DONE]`; comments and other fields are skipped."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
            continue
        if line.strip() or not data:
            continue
        text = "\n".join(data)
        data.clear()
        if text.strip() == "[DONE]":
            return
        yield text
    if data and data != ["[DONE]"]:
        yield "\n".join(data)
