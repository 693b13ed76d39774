"""Hatch build hook: puts the built front end into the wheel.

Pages that are already there are taken as they are. Without Node on the path, pip or uv fetches it as a package into
the isolated build environment. `PFSTUDIO_SKIP_PAGES=1` leaves them out: `make` builds them by itself.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        pages = _build_pages(self.root)
        return [] if self._has_nothing_to_do() or pages.find_npm() else [pages.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self._has_nothing_to_do():
            return
        pages = _build_pages(self.root)
        npm = pages.find_npm() or pages.npm_from_package()
        if npm is None:
            self.app.display_warning("No Node found: pfstudio is built without its pages; `pfstudio serve` says more.")
            return
        pages.build(Path(self.root), npm)

    def _has_nothing_to_do(self) -> bool:
        skipped = self.target_name == "sdist" or os.environ.get("PFSTUDIO_SKIP_PAGES") == "1"
        return skipped or bool(_build_pages(self.root).pages_of(Path(self.root)).exists())


def _build_pages(root: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_pages", Path(root) / "build_pages.py")
    if spec is None or spec.loader is None:
        raise ImportError("build_pages.py is not beside hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
