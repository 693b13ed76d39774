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

from pfstudio.models.openai_watch import watch_openai

_lock = threading.RLock()
_active: list[Workspace] = []


class _Outside:
    """What the caller had before the first flow began; flows of several threads may end in any order."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.writes_bytecode = True
        self.variables: dict[str, str | None] = {}

    def remember(self) -> None:
        self.folder = _current_folder()
        self.writes_bytecode = not sys.dont_write_bytecode

    def restore(self) -> None:
        sys.dont_write_bytecode = not self.writes_bytecode
        if self.folder is not None:
            os.chdir(self.folder)


_outside = _Outside()


class Workspace:
    """Enter it around everything that may run code of the flow. Reentrant, and usable from several threads."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        watch_openai()  # Users' code may import it, now or later.
        self.folder = str(folder)
        self.is_current_folder = True  # False for a flow that is called as a function: it runs where its caller is.
        self._environment = dict(environment)
        self._modules: dict[str, ModuleType] = {}
        self._foreign = frozenset(sys.modules)
        self._module_count = -1
        self._depth = 0

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
        else:
            _outside.remember()
        _active.append(self)
        if self.is_current_folder:
            os.chdir(self.folder)
        for name, value in self._environment.items():
            _outside.variables.setdefault(name, os.environ.get(name))
            os.environ[name] = value
        sys.path.insert(0, self.folder)
        # Compiled files are checked by size and whole seconds, too coarse for edit and run; and they are litter.
        sys.dont_write_bytecode = True
        if self._module_count < 0:
            sys.path_importer_cache.pop(self.folder, None)  # It may remember files from before an edit.
        sys.modules.update(self._modules)
        self._module_count = len(sys.modules)

    def _end(self) -> None:
        self._hide_modules()
        _remove_if_there(sys.path, self.folder)
        was_last = _active[-1] is self
        _active.remove(self)
        for name in self._environment:
            _set_variable(name, _value_of(name))
        if not _active:
            _outside.variables.clear()
            _outside.restore()
        elif was_last:
            if self.is_current_folder:
                _return_to_folder()
            sys.modules.update(_active[-1]._modules)

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


def in_running_flow(path: Path) -> Path:
    """The path that a node means: flows that load on other threads may have changed the current folder."""
    if path.is_absolute() or path.exists():
        return path
    with _lock:
        folders = [Path(workspace.folder) for workspace in _active]
    return next((folder / path for folder in folders if (folder / path).exists()), path)


def _return_to_folder() -> None:
    folder = next((workspace.folder for workspace in reversed(_active) if workspace.is_current_folder), _outside.folder)
    if folder is not None:
        os.chdir(folder)


def _value_of(name: str) -> str | None:
    """What a variable is now: as the flow that began last sets it, else as the caller had it."""
    for workspace in reversed(_active):
        if name in workspace._environment:
            return workspace._environment[name]
    return _outside.variables.get(name)


def _current_folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - once a line, and twice as fast.
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
