"""The surroundings a flow's code runs in: its folder as current directory and first on the path, its environment.

They last only while the flow loads or runs, so the caller's own are never left changed, and helper modules of the
same name in two flows do not meet.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

_lock = threading.RLock()
_active: list[Workspace] = []


class Workspace:
    """Enter it around everything that may run code of the flow. Reentrant, and usable from several threads."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = str(folder)
        self._environment = dict(environment)
        self._before: dict[str, str | None] = {}
        self._modules: dict[str, ModuleType] = {}
        self._foreign = frozenset(sys.modules)
        self._module_count = -1
        self._depth = 0
        self._outside: str | None = None

    def __enter__(self) -> None:
        with _lock:
            self._depth += 1
            if self._depth == 1:
                self._begin()

    def __exit__(self, *_: object) -> None:
        with _lock:
            self._depth -= 1
            if self._depth == 0:
                self._end()

    def _begin(self) -> None:
        if _active:
            _active[-1]._hide_modules()
        self._outside = _active[-1].folder if _active else _current_folder()
        _active.append(self)
        if self._outside != self.folder:
            os.chdir(self.folder)
        for name, value in self._environment.items():
            self._before[name] = os.environ.get(name)
            os.environ[name] = value
        sys.path.insert(0, self.folder)
        if self._module_count < 0:
            sys.path_importer_cache.pop(self.folder, None)  # It may remember files from before an edit.
        sys.modules.update(self._modules)
        self._module_count = len(sys.modules)

    def _end(self) -> None:
        self._hide_modules()
        _remove_if_there(sys.path, self.folder)
        for name, value in self._before.items():
            _set_variable(name, value)
        self._before.clear()
        was_last = _active[-1] is self
        _active.remove(self)
        if not was_last:
            return  # Another flow runs in another thread; the folder is its own now.
        if _active:
            os.chdir(_active[-1].folder)
            sys.modules.update(_active[-1]._modules)
        elif self._outside is not None and self._outside != self.folder:
            os.chdir(self._outside)

    def _hide_modules(self) -> None:
        if len(sys.modules) != self._module_count:
            for name in set(sys.modules) - self._foreign:
                module = sys.modules[name]
                if self._owns(module):
                    self._modules[name] = module
        for name in self._modules:
            sys.modules.pop(name, None)

    def _owns(self, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        if file is None:
            locations = getattr(module, "__path__", None)
            file = next(iter(locations), None) if locations is not None else None
        return isinstance(file, str) and file.startswith(self.folder + os.sep)


def _current_folder() -> str | None:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # The caller's folder was deleted; there is nothing to go back to.
        return None


def _set_variable(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _remove_if_there(items: list[str], item: str) -> None:
    if item in items:  # User code may have removed it already.
        items.remove(item)
