"""YAML and JSON files read and written for users' scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import IO, Any, Final

from pfstudio.flow.yaml_reader import plain, read_yaml

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def load_yaml(source: str | Path | IO[str] | None) -> Any:
    """The content of a YAML file as plain values; an empty mapping for nothing."""
    if source is None:
        return {}
    if isinstance(source, str | Path):
        path = Path(source)
        return plain(read_yaml(path.read_bytes(), path.name)) or {}
    return plain(read_yaml(source.read().encode("utf-8"), getattr(source, "name", "yaml"))) or {}


def load_yaml_string(yaml_string: str) -> Any:
    """The content of YAML text as plain values."""
    return plain(read_yaml(yaml_string.encode("utf-8"), "yaml"))


def dump_yaml(data: Any, stream: IO[str] | None = None, **_: Any) -> str | None:
    """YAML text of plain values, or None where it went to `stream`."""
    import yaml

    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    if stream is None:
        return text
    stream.write(text)
    return None


def load_json(file_path: str | Path) -> Any:
    """The content of a JSON file."""
    return json.loads(Path(file_path).read_text(encoding="utf-8"))


def load_list_from_jsonl(file: str | Path) -> list[Any]:
    """The values of a file with one JSON document a line."""
    return [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]


def dump_list_to_jsonl(file_path: str | Path, list_data: list[Any]) -> None:
    """Write one JSON document a line."""
    lines = (json.dumps(item, ensure_ascii=False) + "\n" for item in list_data)
    Path(file_path).write_text("".join(lines), encoding="utf-8")


def camel_to_snake(text: str) -> str:
    """`FlowRun` as `flow_run`."""
    return _WORDS.sub("_", text).lower()
