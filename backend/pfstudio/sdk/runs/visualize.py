"""One page that compares runs: a file that needs nothing else and loads nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
import tempfile
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from string import ascii_uppercase
from typing import Any, Final

from pfstudio.errors import UserErrorException
from pfstudio.runfolder.artifacts import FLOW_OUTPUTS
from pfstudio.runfolder.folder import RunFolder
from pfstudio.sdk.runs.details import LineRow, line_rows

_PAGE: Final = "pfstudio.sdk.runs"
_IMAGE: Final = re.compile(r"data:(image/(?:png|jpe?g|gif|webp|bmp));path\Z")
_LARGEST_IMAGE: Final = 4 * 2**20
_TOOL_ERROR: Final = "ToolExecutionErrorDetails"


def write_page(folders: Sequence[RunFolder], target: Path | None) -> Path:
    """Write the page, into a temporary file where no other is named.

    Raises:
        UserErrorException: the file cannot be written.
    """
    content = page(folders)
    try:
        if target is None:
            target = Path(tempfile.mkdtemp(prefix="pfstudio-runs-")) / "runs.html"
        target.write_bytes(content)
    except OSError as error:
        raise UserErrorException(f"The page cannot be written to '{target}': {error.strerror}.") from error
    return target.absolute()


def open_page(path: Path) -> None:
    """Show it in the browser."""
    webbrowser.open(path.as_uri())


def page(folders: Sequence[RunFolder]) -> bytes:
    """The page as HTML. Its policy allows its own style and script and nothing else; values only ever become text."""
    place = files(_PAGE) / "page"
    style, script = ((place / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    rows = [[_with_images(row, folder.path) for row in line_rows(folder.path)] for folder in folders]
    runs = [_run(folder, at, lines) for at, (folder, lines) in enumerate(zip(folders, rows, strict=True))]
    text = (place / "page.html").read_text(encoding="utf-8")
    parts = {
        "title": html.escape(" and ".join(run["display_name"] for run in runs)),
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "style": style,
        "script": script,
        "data": _embedded(_data(runs, rows)),
    }
    before, *rest = text.split("{{")
    pieces = [before]
    for piece in rest:  # Once from left to right, so that nothing inside a value is taken for a place.
        name, _, after = piece.partition("}}")
        pieces += [parts[name], after]
    return "".join(pieces).encode("utf-8", "replace")


def _data(runs: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[LineRow]]) -> dict[str, Any]:
    by_number = [{row.number: row for row in lines} for lines in rows]
    numbers = sorted({number for found in by_number for number in found})
    every = [row for lines in rows for row in lines]
    lines = []
    for number in numbers:
        found = [rows_of_run.get(number) for rows_of_run in by_number]
        inputs: dict[str, Any] = {}
        for row in found:
            if row is not None:
                inputs = {**row.inputs, **inputs}
        inputs.pop("line_number", None)
        lines.append({"line": number, "inputs": inputs, "results": [_result(row, inputs) for row in found]})
    return {
        "runs": runs,
        "lines": lines,
        "inputs": [
            name for name in dict.fromkeys(name for row in every for name in row.inputs) if name != "line_number"
        ],
        "outputs": list(dict.fromkeys(name for row in every for name in row.outputs)),
    }


def _run(folder: RunFolder, at: int, lines: Sequence[LineRow]) -> dict[str, Any]:
    record = folder.record()
    git = record.git or {}
    return {
        "letter": ascii_uppercase[at] if at < len(ascii_uppercase) else str(at + 1),
        "name": record.name,
        "display_name": record.display_name,
        "flow": record.flow,
        "flow_name": record.flow_name,
        "variant": record.variant,
        "data": record.data,
        "created": record.created_on,
        "when": _when(record.created_on),
        "commit": f"{str(git['commit'])[:10]}{' with changes' if git.get('dirty') else ''}" if git else None,
        "lines": len(lines),
        "failed": sum(row.status == "Failed" for row in lines),
        "duration": record.system_metrics.get("duration"),
        "tokens": record.system_metrics.get("total_tokens", 0),
        "metrics": folder.read_json("metrics.json") or {},
        "outputs": list(dict.fromkeys(name for row in lines for name in row.outputs)),
    }


def _result(row: LineRow | None, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """What one run made of a line; of its inputs those that differ from what is shown for all."""
    if row is None:
        return None
    error = row.error or {}
    traces = [
        item["info"].get("traceback")
        for item in error.get("additionalInfo") or ()
        if item.get("type") == _TOOL_ERROR and isinstance(item.get("info"), Mapping)
    ]
    return {
        "status": row.status,
        "inputs": {key: value for key, value in row.inputs.items() if key in inputs and inputs[key] != value},
        "outputs": dict(row.outputs),
        "error": error.get("message"),
        "trace": traces[0] if traces else None,
        "duration": row.duration,
        "tokens": row.tokens,
        "reused": row.reused,
    }


def _with_images(row: LineRow, folder: Path) -> LineRow:
    """The line with images that are a whole input or output as what they show."""
    if not any(_image_path(value) for value in (*row.inputs.values(), *row.outputs.values())):
        return row
    shown = [
        {name: _shown_image(value, folder / FLOW_OUTPUTS) for name, value in values.items()}
        for values in (row.inputs, row.outputs)
    ]
    return replace(row, inputs=shown[0], outputs=shown[1])


def _image_path(value: Any) -> tuple[str, str] | None:
    """Media type and path of a recorded image."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    (key, path), *_ = value.items()
    match = _IMAGE.match(key)
    return (match[1], path) if match and isinstance(path, str) else None


def _shown_image(value: Any, folder: Path) -> Any:
    found = _image_path(value)
    if found is None:
        return value
    try:
        file = folder / found[1]
        if file.stat().st_size > _LARGEST_IMAGE:
            return value
        content = base64.b64encode(file.read_bytes()).decode("ascii")
    except OSError:
        return value
    return {"$image": f"data:{found[0]};base64,{content}", "file": file.name}


def _when(created: str) -> str:
    try:
        return datetime.fromisoformat(created).strftime("%d %b %H:%M")
    except ValueError:
        return created


def _embedded(value: Any) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"))
    for mark, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(mark, code)
    return text


def _finite(value: Any) -> Any:
    """The value with NaN and infinities as words, which JSON can carry."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"
