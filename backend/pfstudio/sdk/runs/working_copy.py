"""The folder a run executes in: the flow's own, or a copy with what it includes from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from pfstudio.flow.spec import Flow
from pfstudio.flow.yaml_reader import YamlMap, plain, read_yaml
from pfstudio.sdk.runs.flow_source import FlowSource

_KEY: Final = "additional_includes"


@contextmanager
def working_copy(source: FlowSource, flow: Flow, warn: Callable[[str], None]) -> Iterator[FlowSource]:
    """The flow as the workers load it; a copy is made once for all of them and removed at the end.

    Raises:
        IncludeNotFoundError: an include is not there.
    """
    if not flow.additional_includes:
        yield source
        return
    import shutil

    from pfstudio.engine.includes import materialize

    folder = materialize(flow, source.file.parent, warn)
    try:
        file = folder / source.file.name
        content = without_includes(file.read_bytes(), file.name)
        file.unlink()  # It may be a link into the flow's own folder.
        file.write_bytes(content)
        yield replace(source, file=file, folder=folder)
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def without_includes(content: bytes, name: str) -> bytes:
    """The flow file without its includes, every other line where it was."""
    document = read_yaml(content, name)
    if not isinstance(document, YamlMap) or _KEY not in document:
        return content
    places = sorted(place for place in document.key_places.values())
    first = document.key_places[_KEY]
    lines = content.decode("utf-8-sig").splitlines(keepends=True)
    if len({place.line for place in places}) < len(places) or first.column != 1:
        import yaml

        rest = {key: value for key, value in plain(document).items() if key != _KEY}
        return yaml.safe_dump(rest, sort_keys=False, allow_unicode=True).encode("utf-8")
    last = next((place.line - 1 for place in places if place.line > first.line), len(lines))
    blank = ["#\n"] * (last - first.line + 1)
    return "".join([*lines[: first.line - 1], *blank, *lines[last:]]).encode("utf-8")
