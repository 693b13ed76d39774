"""Outputs of python nodes that earlier runs computed, for nodes that say `enable_cache: true` and runs that reuse.

A node is taken to be the same when every Python file of its flow folder, its inputs and the versions of Python and
pfstudio are. Inputs and outputs that JSON does not give back exactly are never kept.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pfstudio import __version__
from pfstudio.flow.spec import Node
from pfstudio.models.interception import kept_answers
from pfstudio.tracing.tracer import current_node_trace

_MOST_FILES: Final = 2_000
_PLAIN: Final = (str, int, bool, type(None))
_NOT_OURS: Final = {"__pycache__", "node_modules", "site-packages", ".git", ".promptflow", ".runs"}


def reused_call(
    node: Node, folder: Path, tool: str, call: Callable[[dict[str, Any], bool], Any]
) -> Callable[[dict[str, Any], bool], Any]:
    """The call of a synchronous python node, answered from the store where it was made before."""
    code: list[str] = []

    def reusing(arguments: dict[str, Any], streaming: bool) -> Any:
        store = kept_answers()
        given = None if store is None else exact_json(arguments)
        if store is None or given is None:
            return call(arguments, streaming)
        if not code:
            code.append(_code_hash(folder))
        place = [node.source.path if node.source else None, tool, code[0], platform.python_version(), __version__]
        key = sha256(json.dumps([place, given]).encode("ascii")).hexdigest()
        known = store.get(key) if store.answers else None
        if known is not None and "output" in known:
            if (trace := current_node_trace()) is not None:
                trace.reused = True
            return known["output"]
        output = call(arguments, streaming)
        if exact_json(output) is not None:
            store.put(key, {"created": time.time(), "node": node.name, "code": code[0], "output": output})
        return output

    return reusing


def exact_json(value: Any) -> str | None:
    """The value as JSON that gives back an equal value of the same types; None where there is none."""
    try:
        text = json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=True) if _is_exact(value) else None
    except (ValueError, RecursionError):
        return None
    return text


def _is_exact(value: Any) -> bool:
    kind = type(value)
    if kind in _PLAIN or kind is float:
        return True
    if kind is list:
        return all(map(_is_exact, value))
    return kind is dict and all(type(key) is str and _is_exact(item) for key, item in value.items())


def _code_hash(folder: Path) -> str:
    digest = sha256()
    for number, file in enumerate(sorted(_python_files(folder))):
        if number == _MOST_FILES:
            break
        digest.update(str(file.relative_to(folder)).encode("utf-8", "replace"))
        digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _python_files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink() and entry.name not in _NOT_OURS:
            if not (entry / "pyvenv.cfg").exists():
                yield from _python_files(entry)
        elif entry.suffix == ".py" and entry.is_file():
            yield entry
