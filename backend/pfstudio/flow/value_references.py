"""`${env:NAME}` and `${file:path}` in the front matter of a prompty and in a flex flow's sample."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from pfstudio.flow.entry_errors import ReferenceFileNotFoundError
from pfstudio.flow.files import FlowFiles
from pfstudio.flow.yaml_reader import plain, read_yaml

_REFERENCE = re.compile(r"\$\{(\w+):(.*)\}")  # Only its beginning is anchored, as promptflow had it.

Warn = Callable[[str], None]


def resolve_references(
    value: Any,
    files: FlowFiles,
    *,
    file: str = "",
    warn: Warn | None = None,
    variables: Mapping[str, str] | None = None,
) -> Any:
    """The value with every reference in it replaced, at any depth; `file` is where it stands, for messages.

    A variable that is not set and an unknown kind of reference stay as they are written. `variables` stand in for this
    process's: a server that only shows a flow must not put its own secrets into it.

    Raises:
        ReferenceFileNotFoundError: a file that is named is not there.
        FlowYamlError, ValueError: it is there, but is no YAML or JSON.
    """
    if isinstance(value, str):
        return _resolved(value, files, file, warn, os.environ if variables is None else variables)
    if isinstance(value, Mapping):
        return {
            key: resolve_references(item, files, file=file, warn=warn, variables=variables)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [resolve_references(item, files, file=file, warn=warn, variables=variables) for item in value]
    return value


def _resolved(text: str, files: FlowFiles, file: str, warn: Warn | None, variables: Mapping[str, str]) -> Any:
    match = _REFERENCE.match(text)
    if match is None:
        return text
    kind, name = match.groups()
    if kind == "env":
        return variables.get(name, text)
    if kind == "file":
        return read_value(files, name, file=file)
    if warn is not None:
        warn(f"Unknown reference type {kind}, return original value {text}.")
    return text


def read_value(files: FlowFiles, path: str, *, file: str = "") -> Any:
    """The content of a file by its ending: a JSON or YAML value, else its text."""
    try:
        content = files.read_bytes(path)
    except FileNotFoundError as error:
        raise ReferenceFileNotFoundError(path, file=file or None) from error
    suffix = PurePath(path).suffix.lower()
    if suffix == ".json":
        return json.loads(content.decode("utf-8-sig"))
    if suffix in (".yml", ".yaml"):
        return plain(read_yaml(content, path))
    return content.decode("utf-8-sig", errors="replace")
