"""Changes to modules at the moment somebody imports them, so that nothing is imported for their sake."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, TypeAlias

Patch: TypeAlias = Callable[[Any], None]


def patch_when_imported(patches: Mapping[str, Patch]) -> None:
    """Call each function once with its module: now where that is loaded already, else right after it has run."""
    waiting = dict(patches)
    for name in list(waiting):
        module = sys.modules.get(name)
        if module is not None:
            waiting.pop(name)(module)
    if waiting:
        finders: list[Any] = sys.meta_path
        finders.insert(0, _Finder(waiting))


class _Finder:
    def __init__(self, waiting: dict[str, Patch]) -> None:
        self._waiting = waiting

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        patch = self._waiting.get(fullname)
        if patch is None:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                loader: Any = _PatchingLoader(spec.loader, patch)
                spec.loader = loader
                return spec
        return None


class _PatchingLoader:
    """Loads with the module's own loader, which it then leaves in its place."""

    def __init__(self, own: Any, patch: Patch) -> None:
        self._own = own
        self._patch = patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._own.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._own
        module.__loader__ = self._own
        self._own.exec_module(module)
        self._patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)
