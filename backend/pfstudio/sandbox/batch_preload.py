"""Libraries that a flow's code imports, loaded once in the zygote and not once in each of its workers.

Only libraries that are known to stand a fork, and that the original, too, could have loaded before its fork; never the
flow's own modules. Finding them reads the flow's files and runs nothing of them.
"""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

_SHARED = frozenset(
    (
        *("aiohttp", "anthropic", "azure", "bs4", "dateutil", "httpx", "jinja2", "jsonschema", "langchain_core"),
        *("langchain_openai", "lxml", "numpy", "openai", "pandas", "promptflow", "pydantic", "regex", "requests"),
        *("tenacity", "tiktoken", "urllib3", "yaml"),
    )
)
_NOT_SHARED = frozenset(("antigravity", "idlelib", "readline", "this", "tkinter", "turtle", "turtledemo", "webbrowser"))
_MOST_FILES = 100
_LARGEST = 1 << 20


def preload(folder: Path) -> None:
    """Import what the flow's files will import. What cannot be imported is missed by the worker that needs it."""
    for name in sorted(shareable_imports(folder)):
        with contextlib.suppress(Exception):
            import_module(name)


def shareable_imports(folder: Path) -> set[str]:
    """Names of modules that the Python files of a folder import and that may be loaded before a fork."""
    files = sorted(folder.glob("*.py"))[:_MOST_FILES]
    own = {path.name.removesuffix(".py") for path in folder.iterdir()} if files else set()
    names = {name for file in files for name in _imports(file)}
    return {name for name in names if _is_shareable(name.partition(".")[0], own) and _exists(name)}


def _is_shareable(root: str, own: set[str]) -> bool:
    if root in own or root in _NOT_SHARED:
        return False
    return root in _SHARED or root in sys.stdlib_module_names


def _exists(name: str) -> bool:
    # `from a import b` may name a module or something in one.
    try:
        return find_spec(name) is not None
    except (ImportError, AttributeError, ValueError):
        return False


def _imports(file: Path) -> Iterator[str]:
    try:
        if file.stat().st_size > _LARGEST:
            return
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
