"""Images that data names by path: found from the data file's folder, wherever the flow runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_PATH_KEY = re.compile(r"data:image/[^;]+;path\Z")
_KINDS = (dict, list)


def with_absolute_images(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The record with absolute paths of images; itself where it holds none."""
    if not any(isinstance(value, _KINDS) for value in row.values()):
        return row
    return {key: _absolute(value, folder) for key, value in row.items()}


def _absolute(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return [_absolute(item, folder) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, path),) = value.items()
        if isinstance(path, str) and _PATH_KEY.match(key):
            return {key: str(folder / path)}
    image = value.get("image_file") if value.get("type") == "image_file" else None
    if isinstance(image, dict) and isinstance(image.get("path"), str):
        return {**value, "image_file": {**image, "path": str(folder / image["path"])}}
    return {key: _absolute(item, folder) for key, item in value.items()}
