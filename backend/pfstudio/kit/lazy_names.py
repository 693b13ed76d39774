"""Names of a module that lead to other modules, looked up when they are used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from os.path import exists, join
from pkgutil import extend_path
from typing import Any


def reexport(module: str, names: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of `module`.

    `names` says which words come from which module; `Name=Other` takes `Other` under the name `Name`. A submodule is
    imported when it is asked for as an attribute.
    """
    home: dict[str, tuple[str, str]] = {}
    for source, words in names.items():
        for word in words.split():
            name, _, other = word.partition("=")
            home[name] = (source, other or name)

    def getattr_(name: str) -> Any:
        if name in home:
            source, other = home[name]
            value = getattr(importlib.import_module(source), other)
        elif not name.startswith("__") and _is_submodule(module, name):
            value = importlib.import_module(f"{module}.{name}")
        else:
            raise AttributeError(f"module '{module}' has no attribute '{name}' (answered by pfstudio)")
        setattr(sys.modules[module], name, value)
        return value

    return getattr_, lambda: sorted(home), sorted(home)


def shared_path(path: list[str], name: str, *, sign: str, own: str) -> list[str]:
    """Where modules of a package that several distributions share are found: here, then elsewhere on `sys.path`.

    Folders that hold `sign` come before ours: their owner's parts fit one another, even where it has left out the
    part with the package's own `__init__.py`. Other copies of ours, which hold `own`, are left out.
    """
    others = [folder for folder in extend_path(path, name) if folder not in path and not _holds(folder, own)]
    first = [folder for folder in others if _holds(folder, sign)]
    return [*first, *path, *(folder for folder in others if folder not in first)]


def name_alternatives(sentences: Mapping[str, str]) -> None:
    """Say what to use instead where a module is imported that no installed package has."""
    sys.meta_path.append(_Alternatives(sentences))


class _Alternatives:
    """Asked last of all, so that whoever installs such a module gets it."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._sentences = sentences

    def find_spec(self, name: str, *_: object) -> None:
        if name in self._sentences:
            raise ModuleNotFoundError(f"No module named '{name}': {self._sentences[name]}", name=name)


def _holds(folder: str, file: str) -> bool:
    return exists(join(folder, file))  # noqa: PTH110, PTH118 - imports are quick.


def _is_submodule(module: str, name: str) -> bool:
    is_package = hasattr(sys.modules[module], "__path__")
    return is_package and find_spec(f"{module}.{name}") is not None
