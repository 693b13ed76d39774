"""Modules that the code of a flow imports and that are not installed here. Nothing is run to find out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

from pfstudio.flow.errors import PythonLoadError
from pfstudio.flow.problems import Problem
from pfstudio.flow.spec import Flow, Node


def missing_modules(flow: Flow, folder: Path) -> Iterator[Problem]:
    """An error for each tool file that cannot load, at the line that imports what is missing."""
    variants = (variant.node for each in flow.node_variants.values() for variant in each.variants.values())
    for path in dict.fromkeys(_tool_file(node) for node in (*flow.nodes, *variants)):
        found = next(_missing(folder / path, folder, set()), None) if path else None
        if path and found:
            line, name = found
            error = PythonLoadError(path, ModuleNotFoundError(f"No module named '{name}'"))
            yield Problem(path, line, 1, "error", error.code, error.message)


def _tool_file(node: Node) -> str | None:
    is_code = node.type == "python" and node.source is not None and node.source.type == "code"
    return node.source.path if is_code and node.source is not None else None


def _missing(file: Path, folder: Path, seen: set[Path]) -> Iterator[tuple[int, str]]:
    """Line and name of what a file, or a file of the flow that it imports, needs and does not get."""
    if file in seen or not file.is_file():
        return
    seen.add(file)
    for line, name in _imports(file):
        own = _own_file(folder, name)
        if own is not None:
            yield from ((line, needed) for _, needed in _missing(own, folder, seen))
        elif not _is_installed(name.partition(".")[0], folder):
            yield line, name.partition(".")[0]


def _imports(file: Path) -> Iterator[tuple[int, str]]:
    """What runs whenever the file loads: imports inside of functions, conditions and `try` may never run."""
    try:
        body = ast.parse(file.read_bytes()).body
    except (SyntaxError, ValueError):
        return
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from ((statement.lineno, alias.name) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.lineno, statement.module


def _own_file(folder: Path, name: str) -> Path | None:
    path = folder.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _is_installed(name: str, folder: Path) -> bool:
    try:
        return PathFinder.find_spec(name, [str(folder)]) is not None or find_spec(name) is not None
    except ValueError:  # A module such as `__main__` that is loaded and has no spec.
        return True
