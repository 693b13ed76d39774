"""Inputs of a test, from a dictionary or a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio.errors import InvalidError, NotFoundError


class InputsFileNotFoundError(NotFoundError):
    original_name = "UserErrorException"

    def __init__(self, path: Path) -> None:
        super().__init__(f"Cannot find inputs file {path}.")


class InputsFileError(InvalidError):
    """The file is there but holds no inputs."""


def read_inputs(given: Mapping[str, Any] | str | Path | None) -> dict[str, Any]:
    """The inputs: the first line of a `.jsonl` file, the whole object of a `.json` file, or what was given.

    Raises:
        InputsFileNotFoundError, InputsFileError: no such file, another kind of file, or no JSON object in it.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return dict(given)
    path = Path(given)
    if path.suffix not in (".json", ".jsonl"):
        raise InputsFileError("Only support jsonl or json file as input.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputsFileNotFoundError(path) from error
    return _parsed(text, path)


def read_init(path: Path) -> dict[str, Any]:
    """Arguments for a flow's class, from a `.json` or `.yaml` file.

    Raises:
        InputsFileNotFoundError, InputsFileError: no such file, another kind of file, or no mapping in it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputsFileNotFoundError(path) from error
    if path.suffix == ".json":
        return _parsed(content.decode("utf-8-sig", "replace"), path)
    if path.suffix not in (".yaml", ".yml"):
        raise InputsFileError("Only support yaml or json file as init.")
    from pfstudio.flow.yaml_reader import plain, read_yaml

    value = plain(read_yaml(content, str(path)))
    if not isinstance(value, dict):
        raise InputsFileError(f"'{path}' holds no mapping with arguments.", file=str(path), line=1)
    return value


def _parsed(text: str, path: Path) -> dict[str, Any]:
    number = 1
    if path.suffix == ".jsonl":
        lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
        number, text = lines[0] if lines else (1, "{}")
    try:
        value = json.loads(text)
    except ValueError as error:
        line = number + getattr(error, "lineno", 1) - 1
        raise InputsFileError(f"'{path}' is not valid JSON: {error}", file=str(path), line=line) from error
    if not isinstance(value, dict):
        raise InputsFileError(f"'{path}' holds no JSON object with inputs.", file=str(path), line=number)
    return value
